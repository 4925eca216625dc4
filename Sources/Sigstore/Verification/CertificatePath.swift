internal import CCrypto

/// Certification path validation (RFC 5280, 6) by libcrypto, towards certificates that are trusted themselves.
enum CertificatePath {
    /// The certificate that issued `leaf`, after validation at `time`.
    ///
    /// Intermediates are taken from `trusted` only, and a path may end at each of these, so that what a bundle brings
    /// besides its leaf has no say.
    static func issuer(
        of leaf: CertificateHandle, trusted: [CertificateHandle], at time: UTCTime
    ) throws(Failure) -> CertificateHandle {
        defer { ERR_clear_error() }
        guard let store = makeStore(trusted), let context = X509_STORE_CTX_new() else {
            throw Failure(reason: "memory is short")
        }
        defer {
            X509_STORE_CTX_free(context)
            X509_STORE_free(store)
        }
        return try leaf.withPointer { (leaf) throws(Failure) in
            guard X509_STORE_CTX_init(context, store, leaf, nil) == 1,
                let parameters = X509_STORE_CTX_get0_param(context)
            else { throw Failure(reason: "memory is short") }
            X509_VERIFY_PARAM_set_time(parameters, time.seconds)
            X509_VERIFY_PARAM_set_flags(parameters, UInt(X509_V_FLAG_PARTIAL_CHAIN | X509_V_FLAG_X509_STRICT))
            guard X509_verify_cert(context) == 1 else {
                let code = Int(X509_STORE_CTX_get_error(context))
                throw Failure(
                    reason: X509_verify_cert_error_string(code).map { String(cString: $0) } ?? "error \(code)")
            }
            guard let chain = X509_STORE_CTX_get0_chain(context), OPENSSL_sk_num(chain) > 1,
                let found = OPENSSL_sk_value(chain, 1).map({ OpaquePointer($0) }),
                let issuer = trusted.first(where: { $0.withPointer { X509_cmp($0, found) == 0 } })
            else { throw Failure(reason: "the certificate is one of the authority's own") }
            return issuer
        }
    }

    struct Failure: Error {
        /// What libcrypto says, without a full stop.
        let reason: String
    }

    /// A store that trusts these certificates and no others; the caller frees it.
    static func makeStore(_ trusted: [CertificateHandle]) -> OpaquePointer? {
        guard let store = X509_STORE_new() else { return nil }
        for certificate in trusted {
            guard certificate.withPointer({ X509_STORE_add_cert(store, $0) == 1 }) else {
                X509_STORE_free(store)
                return nil
            }
        }
        return store
    }
}
