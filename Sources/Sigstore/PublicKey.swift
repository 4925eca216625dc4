internal import CCrypto

/// A public key that signatures are verified with: EC P-256, P-384, P-521, RSA of 2048 to 4096 bits, or Ed25519.
/// Any number of threads may use it at once.
public final class PublicKey: Sendable {
    private let handle: KeyHandle
    private let kind: KeyHandle.Kind
    /// SubjectPublicKeyInfo (RFC 5280, 4.1.2.7).
    public let der: [UInt8]
    /// What a bundle names the key by: base64 of the SHA-256 of `der`.
    public let hint: String

    /// The bits of an RSA key: fewer are weak, more cost a verifier time that a stranger chose.
    static let rsaBits = 2048...4096

    /// The key of a PEM file (`PUBLIC KEY`).
    ///
    /// - Throws: `key` with what is wrong, or `limitExceeded`.
    public convenience init(pem: [UInt8], limits: Limits = Limits()) throws(SigstoreError) {
        guard pem.count <= limits.keySize else { throw .limitExceeded(what: "bytes of a key", limit: limits.keySize) }
        guard let block = pem.withUnsafeBytes({ PEMBlock.blocks(in: $0) }).first else {
            throw .key(.notAKey(found: nil))
        }
        guard block.label == "PUBLIC KEY" else {
            throw .key(block.label.hasSuffix("PRIVATE KEY") ? .privateKeyGiven : .notAKey(found: block.label))
        }
        try self.init(der: block.content.withUnsafeBytes { Array($0) })
    }

    /// The key of a SubjectPublicKeyInfo.
    ///
    /// - Throws: `key` with what is wrong.
    public convenience init(der: [UInt8]) throws(SigstoreError) {
        defer { ERR_clear_error() }
        if let form = PlainKey.form(of: der) {
            guard let key = form.key(der) else { throw .key(.damaged) }
            try self.init(KeyHandle(owning: key), der: der)
            return
        }
        let (key, consumed) = der.withUnsafeBufferPointer { bytes in
            var position = bytes.baseAddress
            let key = d2i_PUBKEY(nil, &position, bytes.count)
            return (key, position == bytes.baseAddress.map { $0 + bytes.count })
        }
        guard let key else { throw .key(.damaged) }
        let handle = KeyHandle(owning: key)
        guard consumed else { throw .key(.damaged) }
        // Encoded anew, so that a key has one form and one hint however it was written.
        try self.init(handle, der: handle.publicDER())
    }

    /// The key that a certificate is for, which was decoded with it.
    ///
    /// - Throws: `key` with what is wrong.
    convenience init(of certificate: CertificateHandle) throws(SigstoreError) {
        defer { ERR_clear_error() }
        guard let key = certificate.withPointer({ X509_get_pubkey($0) }) else { throw .key(.damaged) }
        try self.init(KeyHandle(owning: key), der: certificate.publicKeyDER())
    }

    /// The key of an `RSAPublicKey` (RFC 8017, A.1.1), as some logs' keys are written.
    ///
    /// - Throws: `key` with what is wrong.
    convenience init(pkcs1 der: [UInt8]) throws(SigstoreError) {
        defer { ERR_clear_error() }
        let (key, consumed) = der.withUnsafeBufferPointer { bytes in
            var position = bytes.baseAddress
            let key = d2i_PublicKey(EVP_PKEY_RSA, nil, &position, bytes.count)
            return (key, position == bytes.baseAddress.map { $0 + bytes.count })
        }
        guard let key else { throw .key(.damaged) }
        let handle = KeyHandle(owning: key)
        guard consumed else { throw .key(.damaged) }
        try self.init(handle, der: handle.publicDER())
    }

    private init(_ handle: KeyHandle, der: [UInt8]) throws(SigstoreError) {
        let kind = handle.kind
        switch kind {
        case .p256, .p384, .p521, .ed25519: break
        case .rsa(let bits) where Self.rsaBits.contains(bits): break
        case .rsa, .other:
            throw .key(
                .unsupported(
                    found: kind.description,
                    expected: "EC P-256, P-384 or P-521, RSA of \(Self.rsaBits.lowerBound) to "
                        + "\(Self.rsaBits.upperBound) bits, or Ed25519"))
        }
        self.handle = handle
        self.kind = kind
        self.der = der
        hint = Base64.text(of: try DigestAlgorithm.sha256.digest(of: self.der))
    }

    /// The key as PEM (`PUBLIC KEY`).
    ///
    /// - Throws: `cryptography`.
    public func pem() throws(SigstoreError) -> String {
        let text = handle.withPointer { key in LibCrypto.text { PEM_write_bio_PUBKEY($0, key) == 1 } }
        guard let text else { throw LibCrypto.error("encode the public key") }
        return text
    }

    /// The kind of the key, such as `EC P-256`.
    public var algorithm: String { kind.description }

    /// Whether `signature` is this key's over `message`.
    ///
    /// ECDSA is tried with the hash that belongs to the curve, then with SHA-256, which older signers used for every
    /// curve; RSA with PKCS#1 v1.5, then with PSS, both over SHA-256.
    public func verifies(_ signature: [UInt8], of message: [UInt8]) -> Bool {
        defer { ERR_clear_error() }
        switch kind {
        case .ed25519: return verify(signature, of: message, hash: nil, padding: nil)
        case .p256: return verify(signature, of: message, hash: .sha256, padding: nil)
        case .p384:
            return verify(signature, of: message, hash: .sha384, padding: nil)
                || verify(signature, of: message, hash: .sha256, padding: nil)
        case .p521:
            return verify(signature, of: message, hash: .sha512, padding: nil)
                || verify(signature, of: message, hash: .sha256, padding: nil)
        case .rsa:
            return verify(signature, of: message, hash: .sha256, padding: RSA_PKCS1_PADDING)
                || verify(signature, of: message, hash: .sha256, padding: RSA_PKCS1_PSS_PADDING)
        case .other: return false
        }
    }

    /// Whether `signature` is this key's over `message`, made exactly so; never if the key is of another kind.
    package func verifies(_ signature: [UInt8], of message: [UInt8], by scheme: SignatureScheme) -> Bool {
        defer { ERR_clear_error() }
        return switch (scheme, kind) {
        case (.ecdsaP256, .p256): verify(signature, of: message, hash: .sha256, padding: nil)
        case (.ecdsaP384, .p384): verify(signature, of: message, hash: .sha384, padding: nil)
        case (.ed25519, .ed25519): verify(signature, of: message, hash: nil, padding: nil)
        case (.rsaPKCS1, .rsa): verify(signature, of: message, hash: .sha256, padding: RSA_PKCS1_PADDING)
        case (.rsaPSS, .rsa): verify(signature, of: message, hash: .sha256, padding: RSA_PKCS1_PSS_PADDING)
        case (.ecdsaP256, _), (.ecdsaP384, _), (.ed25519, _), (.rsaPKCS1, _), (.rsaPSS, _): false
        }
    }

    /// Whether `signature` is this key's over a message with that digest. Never with Ed25519, which signs messages
    /// only.
    func verifies(_ signature: [UInt8], ofDigest digest: [UInt8], _ algorithm: DigestAlgorithm) -> Bool {
        defer { ERR_clear_error() }
        switch kind {
        case .p256, .p384, .p521: return verify(signature, ofDigest: digest, algorithm, padding: nil)
        case .rsa:
            return verify(signature, ofDigest: digest, algorithm, padding: RSA_PKCS1_PADDING)
                || verify(signature, ofDigest: digest, algorithm, padding: RSA_PKCS1_PSS_PADDING)
        case .ed25519, .other: return false
        }
    }

    /// Whether the key signs messages themselves, so that a digest is not enough to verify.
    package var needsMessage: Bool { kind == .ed25519 }

    /// The hash that a message signature is made over if the bundle does not name one.
    package var usualDigest: DigestAlgorithm {
        switch kind {
        case .p384: .sha384
        case .p521: .sha512
        case .p256, .rsa, .ed25519, .other: .sha256
        }
    }

    private func verify(_ signature: [UInt8], of message: [UInt8], hash: DigestAlgorithm?, padding: Int32?) -> Bool {
        guard let context = EVP_MD_CTX_new() else { return false }
        defer { EVP_MD_CTX_free(context) }
        var keyContext: OpaquePointer?
        return handle.withPointer { key in
            guard EVP_DigestVerifyInit(context, &keyContext, hash?.evp, nil, key) == 1 else { return false }
            if let padding, EVP_PKEY_CTX_set_rsa_padding(keyContext, padding) != 1 { return false }
            return EVP_DigestVerify(context, signature, signature.count, message, message.count) == 1
        }
    }

    private func verify(
        _ signature: [UInt8], ofDigest digest: [UInt8], _ algorithm: DigestAlgorithm, padding: Int32?
    ) -> Bool {
        handle.withPointer { key in
            guard let context = EVP_PKEY_CTX_new_from_pkey(nil, key, nil) else { return false }
            defer { EVP_PKEY_CTX_free(context) }
            guard EVP_PKEY_verify_init(context) == 1 else { return false }
            if let padding, EVP_PKEY_CTX_set_rsa_padding(context, padding) != 1 { return false }
            guard EVP_PKEY_CTX_set_signature_md(context, algorithm.evp) == 1 else { return false }
            return EVP_PKEY_verify(context, signature, signature.count, digest, digest.count) == 1
        }
    }
}
