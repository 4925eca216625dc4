public import Sigstore

/// Where signatures come from: a key file, a token, a service that keeps the key, or a program.
///
/// Any number of tasks may ask at once.
public protocol SignatureSource: Sendable {
    /// The public half of the key.
    var publicKey: PublicKey { get }

    /// A signature over `message`, which `publicKey` verifies (ECDSA as DER).
    ///
    /// - Throws: `service` if it cannot be had now, `configuration` if never, `untrue` if it does not verify, `cancelled`.
    func signature(over message: [UInt8]) async throws(SigningError) -> [UInt8]
}
