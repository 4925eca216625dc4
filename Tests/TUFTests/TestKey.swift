import CCrypto
import Foundation
import Sigstore

/// A key of any kind that metadata may be signed with, made for one test.
final class TestKey: @unchecked Sendable {
    enum Kind: CaseIterable, Sendable {
        case p256, olderP256, p384, ed25519, rsaPSS, rsaPKCS1
    }

    struct Failure: Error {}

    /// The identifier in metadata.
    let identifier: String
    let kind: Kind
    private let key: OpaquePointer

    init(_ kind: Kind = .p256, identifier: String = UUID().uuidString) throws {
        self.kind = kind
        self.identifier = identifier
        key = try Self.generate(kind)
    }

    /// The same key under another identifier.
    init(_ other: TestKey, identifier: String) {
        kind = other.kind
        self.identifier = identifier
        EVP_PKEY_up_ref(other.key)
        key = other.key
    }

    deinit { EVP_PKEY_free(key) }

    private static func generate(_ kind: Kind) throws -> OpaquePointer {
        let name =
            switch kind {
            case .p256, .olderP256, .p384: "EC"
            case .ed25519: "ED25519"
            case .rsaPSS, .rsaPKCS1: "RSA"
            }
        guard let context = EVP_PKEY_CTX_new_from_name(nil, name, nil), EVP_PKEY_keygen_init(context) == 1 else {
            throw Failure()
        }
        defer { EVP_PKEY_CTX_free(context) }
        switch kind {
        case .p256, .olderP256: EVP_PKEY_CTX_set_group_name(context, "P-256")
        case .p384: EVP_PKEY_CTX_set_group_name(context, "P-384")
        case .rsaPSS, .rsaPKCS1: EVP_PKEY_CTX_set_rsa_keygen_bits(context, 2048)
        case .ed25519: break
        }
        var key: OpaquePointer?
        guard EVP_PKEY_generate(context, &key) == 1, let key else { throw Failure() }
        return key
    }

    private var names: (type: String, scheme: String) {
        switch kind {
        case .p256: ("ecdsa", "ecdsa-sha2-nistp256")
        case .olderP256: ("ecdsa-sha2-nistp256", "ecdsa-sha2-nistp256")
        case .p384: ("ecdsa", "ecdsa-sha2-nistp384")
        case .ed25519: ("ed25519", "ed25519")
        case .rsaPSS: ("rsa", "rsassa-pss-sha256")
        case .rsaPKCS1: ("rsa", "rsa-pkcs1v15-sha256")
        }
    }

    /// As metadata writes it.
    func json() throws -> [String: Any] {
        ["keytype": names.type, "scheme": names.scheme, "keyval": ["public": try publicText()]]
    }

    private func publicText() throws -> String {
        if kind == .ed25519 {
            var bytes = [UInt8](repeating: 0, count: 32)
            var count = bytes.count
            guard EVP_PKEY_get_raw_public_key(key, &bytes, &count) == 1 else { throw Failure() }
            return bytes.map { String(format: "%02x", $0) }.joined()
        }
        guard let bio = BIO_new(BIO_s_mem()) else { throw Failure() }
        defer { BIO_free(bio) }
        guard PEM_write_bio_PUBKEY(bio, key) == 1 else { throw Failure() }
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = BIO_read(bio, &bytes, Int32(bytes.count))
        return String(decoding: bytes.prefix(Int(max(0, count))), as: UTF8.self)
    }

    func sign(_ message: [UInt8]) throws -> [UInt8] {
        guard let context = EVP_MD_CTX_new() else { throw Failure() }
        defer { EVP_MD_CTX_free(context) }
        var options: OpaquePointer?
        let hash =
            switch kind {
            case .ed25519: OpaquePointer?.none
            case .p384: EVP_sha384()
            case .p256, .olderP256, .rsaPSS, .rsaPKCS1: EVP_sha256()
            }
        guard EVP_DigestSignInit(context, &options, hash, nil, key) == 1 else { throw Failure() }
        if kind == .rsaPSS { EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING) }
        var signature = [UInt8](repeating: 0, count: 1024)
        var count = signature.count
        guard EVP_DigestSign(context, &signature, &count, message, message.count) == 1 else { throw Failure() }
        return Array(signature.prefix(count))
    }
}
