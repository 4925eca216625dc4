public import Sigstore

/// Makes bundles under one identity: that of a key, or of a workload.
///
/// Any number of tasks may ask at once. The bundles carry the signer's certificate or the key's hint, and no witness
/// yet: neither timestamps nor log entries.
public protocol Signer: Sendable {
    /// Who signs, for a person: never a secret.
    var identity: String { get async }

    /// A bundle of an in-toto statement, signed byte for byte as it is.
    ///
    /// - Throws: `sigstore` if it is no statement that could be verified; `service`, `token`, `untrue`, `cancelled`.
    func sign(statement: [UInt8]) async throws(SigningError) -> SigstoreBundle

    /// A bundle with a signature over the artifact itself (a message signature).
    ///
    /// - Throws: `service`, `token`, `untrue`, `cancelled`.
    func sign(artifact: [UInt8]) async throws(SigningError) -> SigstoreBundle
}
