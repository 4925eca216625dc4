@testable import Sigstore

/// Key files.
enum KeyTargets {
    static func publicKey(_ bytes: [UInt8]) throws {
        _ = try accepted { () throws(SigstoreError) in try PublicKey(der: bytes) }
        _ = try accepted { () throws(SigstoreError) in try PublicKey(pkcs1: bytes) }
        guard let key = try accepted({ () throws(SigstoreError) in try PublicKey(pem: bytes) }) else { return }
        let again = try PublicKey(pem: Array(key.pem().utf8))
        try promise("a key that is written is the one that was read", again.der == key.der && again.hint == key.hint)
        let nobody = Array(UInt8(0)..<64)
        try promise("no key verifies what nobody signed", !key.verifies(nobody, of: bytes))
        let digest = try DigestAlgorithm.sha256.digest(of: bytes)
        try promise("no key verifies what nobody signed", !key.verifies(nobody, ofDigest: digest, .sha256))
    }

    /// Without a passphrase: how long one takes, the key's owner decides by the file.
    static func privateKey(_ bytes: [UInt8]) throws {
        guard let key = try accepted({ () throws(SigstoreError) in try SigningKey(pem: SecretBytes(bytes)) })
        else { return }
        let signature = try key.sign(bytes)
        try promise("what a key signs verifies", key.publicKey.verifies(signature, of: bytes))
        let again = try SigningKey(pem: key.pem())
        try promise("a key that is written is the one that was read", again.publicKey.der == key.publicKey.der)
    }
}
