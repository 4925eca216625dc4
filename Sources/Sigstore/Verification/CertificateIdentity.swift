/// Whose certificate is accepted: a subject, who vouched for it, and what else Fulcio must say.
public struct CertificateIdentity: Sendable {
    let subject: TextPattern
    let issuer: TextPattern
    let extensions: [FulcioExtension: TextPattern]

    /// - Parameters:
    ///   - subject: the certificate's one alternative name: a workflow's URI, a mail address, a user name.
    ///   - issuer: the OIDC issuer that vouched for the subject.
    ///   - extensions: what extensions must be there, and say.
    public init(subject: TextPattern, issuer: TextPattern, extensions: [FulcioExtension: TextPattern] = [:]) {
        self.subject = subject
        self.issuer = issuer
        self.extensions = extensions
    }

    /// Checks that the certificate is one of the identity's.
    ///
    /// - Throws: `rejected` with the first field that differs.
    func verify(_ certificate: Certificate) throws(SigstoreError) {
        guard let name = certificate.identity, subject.matches(name) else {
            throw .reject(
                .identity, expected: subject.description,
                found: certificate.alternativeNames.isEmpty
                    ? "none" : certificate.alternativeNames.joined(separator: ", "))
        }
        guard let found = certificate.identityIssuer, issuer.matches(found) else {
            throw .reject(
                .identityIssuer, expected: issuer.description, found: certificate.identityIssuer ?? "none")
        }
        for (kind, pattern) in extensions.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            guard let value = certificate.extensions[kind], pattern.matches(value) else {
                throw .reject(
                    .certificateExtension, expected: "\(kind.name) \(pattern)",
                    found: certificate.extensions[kind] ?? "none")
            }
        }
    }
}

extension [CertificateIdentity] {
    /// Checks that the certificate is that of any of the identities.
    ///
    /// - Throws: `rejected`, for the identity that came nearest.
    func verify(_ certificate: Certificate) throws(SigstoreError) {
        var failure = SigstoreError.reject(
            .identity, expected: "an identity that the policy accepts", found: "no identity in the policy")
        for (index, identity) in enumerated() {
            do throws(SigstoreError) {
                return try identity.verify(certificate)
            } catch {
                // An identity that has the subject tells more about what is wrong than one that has not.
                if case .rejected(let rejection) = error, rejection.stage == .identity, index > 0 { continue }
                failure = error
            }
        }
        throw failure
    }
}
