extension SigningKey {
    /// A bundle (version 0.3) of `statement`, signed byte for byte as it is: DSSE, with the key's hint, without
    /// `keyid`, log entries and timestamps.
    ///
    /// - Throws: what `Statement(parsing:limits:)` throws, so that nothing is signed that could not be verified, or
    ///   `cryptography`.
    public func sign(statement: [UInt8], limits: Limits = Limits()) throws(SigstoreError) -> SigstoreBundle {
        _ = try Statement(parsing: statement, limits: limits)
        var envelope = Envelope(payload: statement, payloadType: Envelope.inTotoPayloadType, signatures: [])
        envelope.signatures = [Envelope.Signature(bytes: try sign(envelope.signedBytes))]
        return SigstoreBundle(signer: .publicKey(hint: publicKey.hint), content: .envelope(envelope))
    }
}
