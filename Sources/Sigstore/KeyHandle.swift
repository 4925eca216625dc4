internal import CCrypto

/// Owns an `EVP_PKEY`. libcrypto lets many threads use one at once as long as none changes it, and none does here.
final class KeyHandle: @unchecked Sendable {
    private let pointer: OpaquePointer

    /// Takes the key over.
    init(owning pointer: OpaquePointer) { self.pointer = pointer }

    deinit { EVP_PKEY_free(pointer) }

    func withPointer<R, E: Error>(_ body: (OpaquePointer) throws(E) -> R) throws(E) -> R {
        try withExtendedLifetime(self) { () throws(E) -> R in try body(pointer) }
    }

    /// The kind of key: an algorithm, and for elliptic curves which one.
    enum Kind: Hashable {
        case p256, p384, p521, ed25519
        case rsa(bits: Int)
        case other(String)
    }

    var kind: Kind {
        withPointer { key in
            switch EVP_PKEY_get_base_id(key) {
            case EVP_PKEY_ED25519: return .ed25519
            case EVP_PKEY_RSA: return .rsa(bits: Int(EVP_PKEY_get_bits(key)))
            case EVP_PKEY_EC:
                var name = [CChar](repeating: 0, count: 80)
                var count = 0
                guard EVP_PKEY_get_group_name(key, &name, name.count, &count) == 1 else {
                    return .other("EC on a curve without a name")
                }
                switch String(decoding: name.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self) {
                case "prime256v1": return .p256
                case "secp384r1": return .p384
                case "secp521r1": return .p521
                case let curve: return .other("EC \(curve)")
                }
            default: return .other(EVP_PKEY_get0_type_name(key).map { String(cString: $0) } ?? "unknown")
            }
        }
    }

    /// SubjectPublicKeyInfo, DER.
    func publicDER() throws(SigstoreError) -> [UInt8] {
        let der = withPointer { key in LibCrypto.der { i2d_PUBKEY(key, $0) } }
        guard let der else { throw LibCrypto.error("encode the public key") }
        return der
    }
}

extension KeyHandle.Kind: CustomStringConvertible {
    var description: String {
        switch self {
        case .p256: "EC P-256"
        case .p384: "EC P-384"
        case .p521: "EC P-521"
        case .ed25519: "Ed25519"
        case .rsa(let bits): "RSA \(bits)"
        case .other(let name): name
        }
    }
}
