internal import CCrypto

/// A private key on the curve P-256 that signs with ECDSA over SHA-256. Any number of threads may sign with it at once.
public final class SigningKey: Sendable {
    private let handle: KeyHandle
    /// The public half.
    public let publicKey: PublicKey

    /// A new random key.
    ///
    /// - Throws: `cryptography`.
    public static func generate() throws(SigstoreError) -> SigningKey {
        guard let context = EVP_PKEY_CTX_new_from_name(nil, "EC", nil) else {
            throw LibCrypto.error("generate a key")
        }
        defer { EVP_PKEY_CTX_free(context) }
        var key: OpaquePointer?
        guard EVP_PKEY_keygen_init(context) == 1, EVP_PKEY_CTX_set_group_name(context, "P-256") == 1,
            EVP_PKEY_generate(context, &key) == 1, let key
        else { throw LibCrypto.error("generate a key") }
        return try SigningKey(KeyHandle(owning: key))
    }

    /// The key of a PEM file: PKCS#8, encrypted or not, or SEC1 (`EC PRIVATE KEY`).
    ///
    /// - Parameter passphrase: not looked at if the key is not encrypted.
    /// - Throws: `key` with what is wrong, or `limitExceeded`.
    public convenience init(pem: SecretBytes, passphrase: SecretBytes? = nil, limits: Limits = Limits())
        throws(SigstoreError)
    {
        guard pem.count <= limits.keySize else { throw .limitExceeded(what: "bytes of a key", limit: limits.keySize) }
        let blocks = pem.withUnsafeBytes { PEMBlock.blocks(in: $0) }
        // "openssl ecparam -genkey" writes the curve's parameters before the key.
        guard let block = blocks.first(where: { $0.label != "EC PARAMETERS" }) else {
            throw .key(.notAKey(found: blocks.first?.label))
        }
        try self.init(Self.decode(block, passphrase: passphrase))
    }

    private init(_ handle: KeyHandle) throws(SigstoreError) {
        guard handle.kind == .p256 else {
            throw .key(.unsupported(found: handle.kind.description, expected: "a key on the curve EC P-256"))
        }
        // A key whose halves differ would sign, and nobody could verify.
        let isConsistent = handle.withPointer { key in
            guard let context = EVP_PKEY_CTX_new_from_pkey(nil, key, nil) else { return false }
            defer { EVP_PKEY_CTX_free(context) }
            return EVP_PKEY_check(context) == 1
        }
        guard isConsistent else {
            ERR_clear_error()
            throw .key(.inconsistent)
        }
        self.handle = handle
        publicKey = try PublicKey(der: handle.publicDER())
    }

    private static func decode(_ block: PEMBlock, passphrase: SecretBytes?) throws(SigstoreError) -> KeyHandle {
        defer { ERR_clear_error() }
        switch block.label {
        case "ENCRYPTED PRIVATE KEY":
            guard let passphrase else { throw .key(.passphraseNeeded) }
            return try decryptPKCS8(block.content, passphrase: passphrase)
        case "PRIVATE KEY", "EC PRIVATE KEY", "RSA PRIVATE KEY", "DSA PRIVATE KEY":
            var content = block.content
            if block.isEncrypted {
                guard let passphrase else { throw .key(.passphraseNeeded) }
                guard let decrypted = block.decrypted(passphrase: passphrase) else { throw .key(.wrongPassphrase) }
                content = decrypted
            }
            let key = content.withUnsafeBytes { bytes in
                var position = bytes.bindMemory(to: UInt8.self).baseAddress
                return d2i_AutoPrivateKey(nil, &position, bytes.count)
            }
            // A wrong passphrase of the older encryption can go unnoticed until here.
            guard let key else { throw .key(block.isEncrypted ? .wrongPassphrase : .damaged) }
            return KeyHandle(owning: key)
        case "ENCRYPTED SIGSTORE PRIVATE KEY", "ENCRYPTED COSIGN PRIVATE KEY": throw .key(.cosignEncrypted)
        case "PUBLIC KEY": throw .key(.publicKeyOnly)
        case let label: throw .key(.notAKey(found: label))
        }
    }

    private static func decryptPKCS8(_ der: SecretBytes, passphrase: SecretBytes) throws(SigstoreError) -> KeyHandle {
        let envelope = der.withUnsafeBytes { bytes in
            var position = bytes.bindMemory(to: UInt8.self).baseAddress
            return d2i_X509_SIG(nil, &position, bytes.count)
        }
        guard let envelope else { throw .key(.damaged) }
        defer { X509_SIG_free(envelope) }
        let info = passphrase.withUnsafeBytes { bytes in
            PKCS8_decrypt(envelope, bytes.bindMemory(to: CChar.self).baseAddress, Int32(clamping: bytes.count))
        }
        guard let info else { throw .key(.wrongPassphrase) }
        defer { PKCS8_PRIV_KEY_INFO_free(info) }
        guard let key = EVP_PKCS82PKEY(info) else { throw .key(.damaged) }
        return KeyHandle(owning: key)
    }

    /// The signature of `message`: DER of an ECDSA signature over its SHA-256.
    ///
    /// - Throws: `cryptography`.
    public func sign(_ message: [UInt8]) throws(SigstoreError) -> [UInt8] {
        guard let context = EVP_MD_CTX_new() else { throw LibCrypto.error("sign") }
        defer { EVP_MD_CTX_free(context) }
        var count = 0
        var signature: [UInt8] = []
        let signed = handle.withPointer { key in
            guard EVP_DigestSignInit(context, nil, EVP_sha256(), nil, key) == 1,
                EVP_DigestSign(context, nil, &count, message, message.count) == 1
            else { return false }
            signature = [UInt8](repeating: 0, count: count)
            return EVP_DigestSign(context, &signature, &count, message, message.count) == 1
        }
        guard signed else { throw LibCrypto.error("sign") }
        // The first call tells the most that a signature needs.
        return Array(signature.prefix(count))
    }

    /// The key as PKCS#8 PEM; with a passphrase, encrypted by AES-256-CBC with a key that scrypt derives.
    ///
    /// - Throws: `key(.emptyPassphrase)`, or `cryptography`.
    public func pem(passphrase: SecretBytes? = nil) throws(SigstoreError) -> SecretBytes {
        guard let info = handle.withPointer({ EVP_PKEY2PKCS8($0) }) else { throw LibCrypto.error("encode the key") }
        defer { PKCS8_PRIV_KEY_INFO_free(info) }
        let pem: SecretBytes?
        if let passphrase {
            guard passphrase.count > 0 else { throw .key(.emptyPassphrase) }
            pem = Self.encrypt(info, passphrase: passphrase)
        } else {
            pem = LibCrypto.written { PEM_write_bio_PKCS8_PRIV_KEY_INFO($0, info) == 1 }
        }
        guard let pem else { throw LibCrypto.error("encode the key") }
        return pem
    }

    private static func encrypt(_ info: OpaquePointer, passphrase: SecretBytes) -> SecretBytes? {
        // N = 2^14, r = 8, p = 5: 16 MiB, so that libcrypto's limit of 32 MiB lets every reader derive it again.
        guard let algorithm = PKCS5_pbe2_set_scrypt(EVP_aes_256_cbc(), nil, 0, nil, 1 << 14, 8, 5) else { return nil }
        let envelope = passphrase.withUnsafeBytes { bytes in
            PKCS8_set0_pbe(
                bytes.bindMemory(to: CChar.self).baseAddress, Int32(clamping: bytes.count), info, algorithm)
        }
        guard let envelope else {
            X509_ALGOR_free(algorithm)
            return nil
        }
        defer { X509_SIG_free(envelope) }
        return LibCrypto.written { PEM_write_bio_PKCS8($0, envelope) == 1 }
    }
}
