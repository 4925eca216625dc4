import Sigstore

/// A key that signs metadata (specification, 4.2.1). One of an unknown kind or scheme is kept, and verifies nothing.
struct MetadataKey: Sendable {
    /// Key type, scheme and public part as they are written, by which keys are told apart: the same key under two
    /// identifiers is one signer.
    let identity: [UInt8]
    private let usable: Usable?

    private struct Usable: Sendable {
        let key: PublicKey
        let scheme: SignatureScheme
    }

    init(_ fields: Fields, limits: UpdateLimits) throws(TUFError) {
        let type = try fields.string("keytype")
        let scheme = try fields.string("scheme")
        let value = try fields.fields("keyval")
        let text = value.object["public"]?.string ?? ""
        guard text.utf8.count <= limits.keySize else {
            throw .limitExceeded(what: "bytes of a key in \(fields.file)", limit: limits.keySize)
        }
        usable = Self.scheme(type, scheme).flatMap { scheme in
            guard let key = Self.key(text, scheme) else { return nil }
            return Usable(key: key, scheme: scheme)
        }
        identity = usable?.key.der ?? Array("\(type)\n\(scheme)\n\(text)".utf8)
    }

    func verifies(_ signature: [UInt8], of message: [UInt8]) -> Bool {
        usable.map { $0.key.verifies(signature, of: message, by: $0.scheme) } ?? false
    }

    private static func scheme(_ type: String, _ scheme: String) -> SignatureScheme? {
        switch (type, scheme) {
        // Older metadata calls the type of the key like the scheme.
        case ("ecdsa", "ecdsa-sha2-nistp256"), ("ecdsa-sha2-nistp256", "ecdsa-sha2-nistp256"): .ecdsaP256
        case ("ecdsa", "ecdsa-sha2-nistp384"), ("ecdsa-sha2-nistp384", "ecdsa-sha2-nistp384"): .ecdsaP384
        case ("ed25519", "ed25519"): .ed25519
        case ("rsa", "rsassa-pss-sha256"): .rsaPSS
        case ("rsa", "rsa-pkcs1v15-sha256"): .rsaPKCS1
        default: nil
        }
    }

    private static func key(_ text: String, _ scheme: SignatureScheme) -> PublicKey? {
        guard scheme == .ed25519 else { return try? PublicKey(pem: Array(text.utf8)) }
        // 32 bytes in hexadecimal; before them goes what makes them a SubjectPublicKeyInfo (RFC 8410, 4).
        guard let point = Hex.bytes(of: text), point.count == 32 else { return nil }
        return try? PublicKey(der: [0x30, 0x2A, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x03, 0x21, 0x00] + point)
    }
}
