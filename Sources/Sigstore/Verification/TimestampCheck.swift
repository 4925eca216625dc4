internal import CCrypto

/// An RFC 3161 timestamp over a signature.
final class TimestampCheck {
    let response: OpaquePointer
    /// What the token says; verified by `verify`.
    let time: UTCTime

    /// The `TimeStampResp` whose DER is given.
    ///
    /// - Throws: `rejected` if it is none, holds no token, or something follows it.
    init(der: [UInt8]) throws(SigstoreError) {
        defer { ERR_clear_error() }
        let (parsed, consumed) = der.withUnsafeBufferPointer { bytes in
            var position = bytes.baseAddress
            let response = d2i_TS_RESP(nil, &position, bytes.count)
            return (response, position == bytes.baseAddress.map { $0 + bytes.count })
        }
        guard let parsed else {
            throw .reject(.timestamp, expected: "an RFC 3161 response", found: "something that cannot be decoded")
        }
        guard consumed, TS_RESP_get_token(parsed) != nil, let info = TS_RESP_get_tst_info(parsed),
            let time = LibCrypto.time(TS_TST_INFO_get_time(info))
        else {
            let refusal = Self.refusal(parsed)
            TS_RESP_free(parsed)
            throw .reject(
                .timestamp, expected: "a response with a token that tells a time", found: refusal ?? "none")
        }
        response = parsed
        self.time = time
    }

    deinit { TS_RESP_free(response) }

    /// What the token says of its maker; not verified.
    struct Claim {
        /// The authority's own name (`tsa`, RFC 3161, 2.4.2), which a token may leave out.
        let authority: String?
        /// Who issued the certificate that the token was signed with, and its serial number in hexadecimal.
        let issuer: String
        let serialNumber: String
    }

    /// Nil if the token names no signer.
    var claim: Claim? {
        defer { ERR_clear_error() }
        guard let name = signerName else { return nil }
        var kind: Int32 = 0
        var authority: String?
        if let info = TS_RESP_get_tst_info(response), let tsa = TS_TST_INFO_get_tsa(info),
            let value = GENERAL_NAME_get0_value(tsa, &kind), kind == GEN_DIRNAME
        {
            authority = LibCrypto.text(of: OpaquePointer(value))
        }
        return Claim(
            authority: authority, issuer: LibCrypto.text(of: name.pointee.issuer),
            serialNumber: LibCrypto.text { i2a_ASN1_INTEGER($0, name.pointee.serial) > 0 } ?? "")
    }

    /// How the token names its signer's certificate.
    private var signerName: UnsafeMutablePointer<PKCS7_ISSUER_AND_SERIAL>? {
        guard let token = TS_RESP_get_token(response), let signers = PKCS7_get_signer_info(token),
            let first = OPENSSL_sk_value(signers, 0)
        else { return nil }
        return first.assumingMemoryBound(to: PKCS7_SIGNER_INFO.self).pointee.issuer_and_serial
    }

    /// Whether the token names the authority's certificate as its signer, by issuer and serial number. That says only
    /// whose failure a failure is.
    func claims(_ authority: CertificateAuthority) -> Bool {
        guard let name = signerName, let leaf = authority.chain.first else { return false }
        return leaf.withPointer { certificate in
            X509_NAME_cmp(name.pointee.issuer, X509_get_issuer_name(certificate)) == 0
                && ASN1_INTEGER_cmp(name.pointee.serial, X509_get0_serialNumber(certificate)) == 0
        }
    }

    /// Checks that the authority signed the token, that it was trusted then, and that the token is over `signature`.
    ///
    /// - Throws: `rejected`.
    func verify(over signature: [UInt8], authority: CertificateAuthority) throws(SigstoreError) {
        defer { ERR_clear_error() }
        guard authority.effectiveValidity.contains(time) else {
            throw .reject(
                .timestamp,
                expected: "a time in which \(authority.name) and its certificates are trusted, "
                    + authority.effectiveValidity.description,
                found: time.description)
        }
        // libcrypto takes any hash that it knows; the client specification's are of 256 bits or more.
        guard [NID_sha256, NID_sha384, NID_sha512].contains(imprintHash) else {
            throw .reject(
                .timestamp, expected: "a token over a SHA-2 digest",
                found: OBJ_nid2ln(imprintHash).map { String(cString: $0) } ?? "another")
        }
        guard let leaf = authority.chain.first, let context = context(authority, signature) else {
            throw LibCrypto.error("verify a timestamp")
        }
        defer { TS_VERIFY_CTX_free(context) }
        guard TS_RESP_verify_response(context, response) == 1 else {
            throw .reject(
                .timestamp, expected: "a token of \(authority.name) over the bundle's signature",
                found: "one that does not verify: \(LibCrypto.lastReason())")
        }
        // An authority's certificate that may issue others would let these sign, too.
        guard isSigned(by: leaf) else {
            throw .reject(.timestamp, expected: "a token signed by \(leaf.name)", found: "another signer")
        }
    }

    /// libcrypto's number of the hash that the token is over.
    private var imprintHash: Int32 {
        guard let info = TS_RESP_get_tst_info(response), let imprint = TS_TST_INFO_get_msg_imprint(info),
            let algorithm = TS_MSG_IMPRINT_get_algo(imprint)
        else { return NID_undef }
        return OBJ_obj2nid(algorithm.pointee.algorithm)
    }

    /// What the token is verified with: the authority's own certificate alone is trusted, at the token's time. The
    /// root proved the certificates above it, and `effectiveValidity` says when they are valid.
    private func context(_ authority: CertificateAuthority, _ signature: [UInt8]) -> OpaquePointer? {
        guard let leaf = authority.chain.first, let context = TS_VERIFY_CTX_new() else { return nil }
        TS_VERIFY_CTX_set_flags(context, Int32(TS_VFY_VERSION | TS_VFY_SIGNATURE | TS_VFY_DATA))
        guard let store = CertificatePath.makeStore([leaf]) else {
            TS_VERIFY_CTX_free(context)
            return nil
        }
        TS_VERIFY_CTX_set_store(context, store)
        X509_VERIFY_PARAM_set_time(X509_STORE_get0_param(store), time.seconds)
        X509_STORE_set_flags(store, UInt(X509_V_FLAG_PARTIAL_CHAIN))
        guard let data = signature.withUnsafeBytes({ Self.copy($0) }) else {
            TS_VERIFY_CTX_free(context)
            return nil
        }
        TS_VERIFY_CTX_set_data(context, data)
        guard let others = Self.stack([leaf]) else {
            TS_VERIFY_CTX_free(context)
            return nil
        }
        TS_VERIFY_CTX_set_certs(context, others)
        return context
    }

    private func isSigned(by leaf: CertificateHandle) -> Bool {
        guard let token = TS_RESP_get_token(response), let extra = Self.stack([leaf]) else { return false }
        defer { Self.free(extra) }
        guard let signers = PKCS7_get0_signers(token, extra, 0) else { return false }
        defer { OPENSSL_sk_free(signers) }
        guard OPENSSL_sk_num(signers) == 1, let signer = OPENSSL_sk_value(signers, 0) else { return false }
        return leaf.withPointer { X509_cmp($0, OpaquePointer(signer)) == 0 }
    }

    /// What the authority says why there is no token; nil if it gave one, with changes or without (RFC 3161, 2.4.2).
    static func refusal(_ response: OpaquePointer) -> String? {
        guard let status = TS_RESP_get_status_info(response) else { return "no status" }
        let code = ASN1_INTEGER_get(TS_STATUS_INFO_get0_status(status))
        if code == 0 || code == 1 { return nil }
        let texts = TS_STATUS_INFO_get0_text(status)
        let words = (0..<max(0, OPENSSL_sk_num(texts))).compactMap { index in
            LibCrypto.bytes(of: OPENSSL_sk_value(texts, index).map { $0.assumingMemoryBound(to: ASN1_STRING.self) })
        }
        return (["a refusal (status \(code))"] + words.map { String(decoding: $0, as: UTF8.self) })
            .joined(separator: ": ")
    }

    /// A BIO that owns a copy of the bytes.
    private static func copy(_ bytes: UnsafeRawBufferPointer) -> OpaquePointer? {
        guard let count = Int32(exactly: bytes.count), let bio = BIO_new(BIO_s_mem()) else { return nil }
        guard BIO_write(bio, bytes.baseAddress, count) == count else {
            BIO_free(bio)
            return nil
        }
        return bio
    }

    /// A `STACK_OF(X509)` that owns references to the certificates.
    private static func stack(_ certificates: [CertificateHandle]) -> OpaquePointer? {
        guard let stack = OPENSSL_sk_new_null() else { return nil }
        for certificate in certificates {
            let isPushed = certificate.withPointer { pointer in
                guard X509_up_ref(pointer) == 1 else { return false }
                guard OPENSSL_sk_push(stack, UnsafeRawPointer(pointer)) > 0 else {
                    X509_free(pointer)
                    return false
                }
                return true
            }
            guard isPushed else {
                free(stack)
                return nil
            }
        }
        return stack
    }

    private static func free(_ stack: OpaquePointer) {
        while let certificate = OPENSSL_sk_pop(stack) { X509_free(OpaquePointer(certificate)) }
        OPENSSL_sk_free(stack)
    }
}
