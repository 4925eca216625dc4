import Signing
import Sigstore

struct KeySigner: Signer {
    let key: SigningKey
    init(_ key: SigningKey) { self.key = key }
    var identity: String { "the key \(key.publicKey.hint)" }
    func sign(statement: [UInt8]) async throws(SigningError) -> SigstoreBundle {
        do { return try key.sign(statement: statement) } catch { throw .sigstore(error) }
    }
    func sign(artifact: [UInt8]) async throws(SigningError) -> SigstoreBundle { throw .cancelled }
}
