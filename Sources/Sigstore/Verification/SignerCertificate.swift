internal import CCrypto

/// A signer's certificate, and what of it does not depend on the bundle: who issued it, and which logs know it.
struct SignerCertificate: Sendable {
    /// A way to an authority, and when all of it is valid.
    struct Path: Sendable {
        let authority: String
        let issuer: CertificateHandle
        let validity: ValidityWindow
    }

    let handle: CertificateHandle
    let content: Certificate
    let key: PublicKey
    let paths: [Path]
    /// The names of the certificate logs, or why there are none.
    let logs: Result<[String], SigstoreError>

    /// - Throws: `rejected` if no authority issued it for signing; `malformed` if it is no certificate;
    ///   `limitExceeded` if a text in it is longer than policies are held against.
    init(der: [UInt8], root: TrustedRoot, limits: Limits) throws(SigstoreError) {
        let handle = try CertificateHandle(der: der)
        try Self.checkUse(handle)
        self.handle = handle
        content = Certificate(handle)
        guard
            (content.alternativeNames + content.extensions.values).allSatisfy({
                $0.utf8.count <= limits.certificateText
            })
        else {
            throw .limitExceeded(
                what: "bytes of a name or an extension's text in the signer's certificate",
                limit: limits.certificateText)
        }
        do throws(SigstoreError) {
            key = try PublicKey(of: handle)
        } catch {
            throw .reject(.certificate, expected: "a key that signatures can be verified with", found: "\(error)")
        }
        let validity = try handle.validity()
        var paths: [Path] = []
        var failures: [String] = []
        for authority in root.certificateAuthorities {
            let common = validity.intersection(authority.effectiveValidity)
            guard !common.isEmpty else {
                failures.append("\(authority.name): trusted \(authority.effectiveValidity) only")
                continue
            }
            let issuer: CertificateHandle
            do throws(CertificatePath.Failure) {
                // Time decides nothing in a path but whether its certificates are valid then. So it is built once, at
                // a moment when they are, and every verified time is held against what all of them have in common.
                issuer = try CertificatePath.issuer(of: handle, trusted: authority.chain, at: common.start)
            } catch {
                failures.append("\(authority.name): \(error.reason)")
                continue
            }
            try authority.prove()
            paths.append(Path(authority: authority.name, issuer: issuer, validity: common))
        }
        guard let first = paths.first else {
            throw .reject(
                .certificate, expected: "one that a trusted authority issued, valid \(validity)",
                found: failures.isEmpty ? "no authority in the trusted root" : failures.joined(separator: "; "))
        }
        self.paths = paths
        // Any path's issuer will do: what logs sign names its key, and only one key made the certificate's signature.
        do throws(SigstoreError) {
            logs = .success(
                try CertificateTimestampCheck.verify(
                    handle, issuer: first.issuer, logs: root.certificateLogs, limits: limits))
        } catch {
            logs = .failure(error)
        }
    }

    /// The signer's own certificate in the chain of an older bundle.
    ///
    /// The rest of the chain is the bundle's own opinion: authorities come from the trusted root. A root has no business
    /// in a bundle, as the conformance suite has it: a verifier that took it for a trusted one would trust anybody.
    ///
    /// - Throws: `rejected` if the chain is empty or holds a root; `malformed` if something in it is no certificate.
    static func leaf(of chain: [[UInt8]]) throws(SigstoreError) -> [UInt8] {
        guard let leaf = chain.first else { throw .reject(.signer, expected: "a certificate", found: "none") }
        for der in chain.dropFirst() {
            let handle = try CertificateHandle(der: der)
            let isRoot = handle.withPointer {
                X509_NAME_cmp(X509_get_subject_name($0), X509_get_issuer_name($0)) == 0
            }
            guard !isRoot else {
                throw .reject(.signer, expected: "a chain without a root certificate", found: handle.name)
            }
        }
        return leaf
    }

    /// The name of an authority under which the certificate was valid at all of `times`.
    ///
    /// - Throws: `rejected`.
    func authority(at times: [UTCTime]) throws(SigstoreError) -> String {
        if let path = paths.first(where: { path in times.allSatisfy(path.validity.contains) }) { return path.authority }
        throw .reject(
            .certificate,
            expected: "every verified time within " + paths.map(\.validity.description).joined(separator: " or "),
            found: times.map(\.description).joined(separator: ", "))
    }

    /// Certificate profile of Fulcio: a leaf for code signing. libcrypto of this version has no purpose for it.
    private static func checkUse(_ handle: CertificateHandle) throws(SigstoreError) {
        defer { ERR_clear_error() }
        func reject(_ expected: String, _ found: String) -> SigstoreError {
            .reject(.certificate, expected: expected, found: found)
        }
        try handle.withPointer { (certificate) throws(SigstoreError) in
            // RFC 5280, 4.2: "MUST NOT include more than one instance of a particular extension".
            var seen: Set<String> = []
            for index in 0..<max(0, X509_get_ext_count(certificate)) {
                let name = LibCrypto.objectIdentifier(X509_EXTENSION_get_object(X509_get_ext(certificate, index))) ?? ""
                guard seen.insert(name).inserted else { throw reject("every extension once", "\(name) twice") }
            }
            // An absent extension allows everything to libcrypto, and nothing here.
            guard X509_get_extension_flags(certificate) & UInt32(EXFLAG_INVALID) == 0 else {
                throw reject("extensions that can be read", "others")
            }
            guard X509_check_ca(certificate) == 0 else { throw reject("a signer's certificate", "an authority's") }
            guard seen.contains("2.5.29.15"), X509_get_key_usage(certificate) & UInt32(KU_DIGITAL_SIGNATURE) != 0 else {
                throw reject("a key for digital signatures", "another use")
            }
            guard seen.contains("2.5.29.37"), X509_get_extended_key_usage(certificate) & UInt32(XKU_CODE_SIGN) != 0
            else { throw reject("a key for code signing", "another use") }
        }
    }
}
