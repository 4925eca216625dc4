public import Sigstore

/// A key in this process's memory, from a file or made for the moment.
public struct FileKey: SignatureSource {
    private let key: SigningKey

    public init(_ key: SigningKey) { self.key = key }

    public var publicKey: PublicKey { key.publicKey }

    public func signature(over message: [UInt8]) throws(SigningError) -> [UInt8] {
        do throws(SigstoreError) { return try key.sign(message) } catch { throw .sigstore(error) }
    }
}
