public import Sigstore

/// A key in this process's memory, from a file or made for the moment.
public struct FileKey: SignatureSource {
    private let key: SigningKey

    public init(_ key: SigningKey) { self.key = key }

    /// The key in a PEM file.
    ///
    /// - Throws: `configuration` if the file cannot be read, `sigstore` if it holds no key or the passphrase is wrong.
    public init(path: String, passphrase: SecretBytes? = nil, limits: Limits = Limits()) throws(SigningError) {
        let pem: SecretBytes
        switch SecretFile.read(path, limit: limits.keySize) {
        case .content(let content): pem = content
        case .missing, .unreadable:
            throw .configuration(
                reason: "The key file '\(TerminalText.excerpt(path))' cannot be read",
                advice: "Check that it exists, who may read it, and that it is a file with a key in PEM form.")
        }
        do throws(SigstoreError) { key = try SigningKey(pem: pem, passphrase: passphrase, limits: limits) } catch {
            throw .sigstore(error)
        }
    }

    public var publicKey: PublicKey { key.publicKey }

    public func signature(over message: [UInt8]) throws(SigningError) -> [UInt8] {
        do throws(SigstoreError) { return try key.sign(message) } catch { throw .sigstore(error) }
    }
}
