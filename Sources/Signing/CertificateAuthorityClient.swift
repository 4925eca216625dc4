public import Sigstore

/// A certificate that an authority issued for a key and an identity.
public struct IssuedCertificate: Sendable {
    /// The signer's certificate, DER.
    public let leaf: [UInt8]
    /// The certificates that issued it, as the authority sent them, DER: the nearest first, the root perhaps left out.
    public let chain: [[UInt8]]
    /// The first moment of the leaf's validity.
    public let notBefore: UTCTime
    /// The last moment of the leaf's validity.
    public let notAfter: UTCTime

    public init(leaf: [UInt8], chain: [[UInt8]], notBefore: UTCTime, notAfter: UTCTime) {
        self.leaf = leaf
        self.chain = chain
        self.notBefore = notBefore
        self.notAfter = notAfter
    }
}

/// Gives certificates to those who show an identity token (Fulcio).
///
/// Any number of tasks may ask at once.
public protocol CertificateAuthorityClient: Sendable {
    /// The service's URL, without user name, password and query.
    var url: String { get }

    /// A certificate for `publicKey` with the token's identity.
    ///
    /// The certificate is for this key; whether its authority is one to be trusted is for the caller to check.
    ///
    /// - Parameter proof: a signature by the key over the token's `challenge`, in UTF-8 (the proof of possession).
    /// - Throws: `service` if it cannot be had now, `token` if the authority refuses the token, `untrue` if the
    ///   certificate is not for this key, `cancelled`.
    func certificate(
        for publicKey: PublicKey, token: IdentityToken, proof: [UInt8]
    ) async throws(SigningError) -> IssuedCertificate
}
