internal import Sigstore

extension SigstoreBundle {
    /// A bundle of an in-toto statement: DSSE, without `keyid`.
    ///
    /// - Throws: `sigstore` if it is no statement that could be verified, and what `source` throws.
    static func signed(
        statement: [UInt8], as signer: Signer, by source: any SignatureSource, limits: Limits
    ) async throws(SigningError) -> SigstoreBundle {
        do throws(SigstoreError) { _ = try Statement(parsing: statement, limits: limits) } catch {
            throw .sigstore(error)
        }
        var envelope = Envelope(payload: statement, payloadType: Envelope.inTotoPayloadType, signatures: [])
        envelope.signatures = [Envelope.Signature(bytes: try await source.signature(over: envelope.signedBytes))]
        return SigstoreBundle(signer: signer, content: .envelope(envelope))
    }

    /// A bundle with a signature over the artifact itself.
    ///
    /// - Throws: what `source` throws, and `sigstore` if libcrypto fails.
    static func signed(
        artifact: [UInt8], as signer: Signer, by source: any SignatureSource
    ) async throws(SigningError) -> SigstoreBundle {
        let signature = try await source.signature(over: artifact)
        do throws(SigstoreError) {
            let message = try MessageSignature(signature, over: artifact, by: source.publicKey)
            return SigstoreBundle(signer: signer, content: .messageSignature(message))
        } catch { throw .sigstore(error) }
    }
}
