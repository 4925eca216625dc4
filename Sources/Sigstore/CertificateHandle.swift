internal import CCrypto

/// Owns a parsed `X509`. libcrypto lets many threads read one at once, and none changes it here.
final class CertificateHandle: @unchecked Sendable {
    private let pointer: OpaquePointer
    /// The bytes that were parsed.
    let der: [UInt8]

    /// The certificate whose DER is given.
    ///
    /// - Throws: `malformed` if it is none, or something follows it.
    init(der: [UInt8]) throws(SigstoreError) {
        defer { ERR_clear_error() }
        let (parsed, consumed) = der.withUnsafeBufferPointer { bytes in
            var position = bytes.baseAddress
            let certificate = d2i_X509(nil, &position, bytes.count)
            return (certificate, position == bytes.baseAddress.map { $0 + bytes.count })
        }
        guard let parsed else {
            throw .malformed(document: "certificate", field: "", problem: "cannot be decoded")
        }
        pointer = parsed
        self.der = der
        guard consumed else {
            throw .malformed(document: "certificate", field: "", problem: "has something behind its end")
        }
    }

    deinit { X509_free(pointer) }

    func withPointer<R, E: Error>(_ body: (OpaquePointer) throws(E) -> R) throws(E) -> R {
        try withExtendedLifetime(self) { () throws(E) -> R in try body(pointer) }
    }

    /// From notBefore to notAfter, both included (RFC 5280, 4.1.2.5).
    ///
    /// - Throws: `malformed` if one cannot be read.
    func validity() throws(SigstoreError) -> ValidityWindow {
        let times = withPointer { certificate in
            (LibCrypto.time(X509_get0_notBefore(certificate)), LibCrypto.time(X509_get0_notAfter(certificate)))
        }
        guard let start = times.0, let end = times.1 else {
            throw .malformed(document: "certificate", field: "validity", problem: "cannot be read")
        }
        return ValidityWindow(start: start, end: end)
    }

    /// SubjectPublicKeyInfo, DER, as the certificate has it.
    ///
    /// - Throws: `cryptography`.
    func publicKeyDER() throws(SigstoreError) -> [UInt8] {
        let der = withPointer { certificate in
            LibCrypto.der { i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), $0) }
        }
        guard let der else { throw LibCrypto.error("encode the certificate's key") }
        return der
    }

    /// For messages: the subject, or the issuer if the certificate names no subject, as Fulcio's do not.
    var name: String {
        withPointer { certificate in
            let subject = LibCrypto.text(of: X509_get_subject_name(certificate))
            return subject.isEmpty
                ? "a certificate issued by \(LibCrypto.text(of: X509_get_issuer_name(certificate)))" : subject
        }
    }
}
