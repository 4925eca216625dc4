import ArgumentParser
import AssayConsole
import Sigstore

/// Whom to trust, for commands that verify: the holder of a key, or of an identity that a certificate names.
struct TrustOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The identity in the signer's certificate.", valueName: "uri or e-mail"))
    var certificateIdentity: String?
    @Option(
        help: ArgumentHelp(
            "A regular expression for the identity; it is searched for: anchor it with ^ and $.",
            valueName: "expression"))
    var certificateIdentityRegexp: String?
    @Option(help: ArgumentHelp("The issuer that vouched for the identity.", valueName: "url"))
    var certificateOidcIssuer: String?
    @Option(help: ArgumentHelp("A regular expression for the issuer.", valueName: "expression"))
    var certificateOidcIssuerRegexp: String?
    @Option(
        help: ArgumentHelp(
            "A trusted root to hold certificates, logs and timestamps against; may be repeated (default: the updated one, or that of the public-good instance).",
            valueName: "file"))
    var trustedRoot: [String] = []

    private var namesIdentity: Bool {
        certificateIdentity != nil || certificateIdentityRegexp != nil || certificateOidcIssuer != nil
            || certificateOidcIssuerRegexp != nil
    }

    /// What a bundle has to satisfy, and what it is held against.
    struct Trust {
        let root: TrustedRoot
        let policy: VerificationPolicy
        let key: PublicKey?
    }

    /// - Throws: `usage` if nobody, or both a key and an identity, is to be trusted, or a file cannot be used.
    func trust(_ settings: Settings, expecting predicateType: String) throws(CommandError) -> Trust {
        let expectation = VerificationPolicy.Expectation.statement(predicateType: predicateType)
        guard namesIdentity else {
            guard trustedRoot.isEmpty else {
                throw CommandError(
                    .usage, "--trusted-root is of no use with a key",
                    hint: "Name the signer with --certificate-identity and --certificate-oidc-issuer.")
            }
            let key = try Keys.publicKey(settings)
            // A key's bundle needs neither; that they were not looked at is part of the answer.
            let policy = VerificationPolicy.key(key, expecting: expectation)
                .insecureIgnoringTransparencyLog().insecureIgnoringTime()
            return Trust(root: .empty, policy: policy, key: key)
        }
        let subject = try Self.pattern(certificateIdentity, certificateIdentityRegexp, "--certificate-identity")
        let issuer = try Self.pattern(certificateOidcIssuer, certificateOidcIssuerRegexp, "--certificate-oidc-issuer")
        let identity = CertificateIdentity(subject: subject, issuer: issuer)
        return Trust(
            root: try TrustedRoots.load(trustedRoot, settings).root,
            policy: .certificate([identity], expecting: expectation), key: nil)
    }

    private static func pattern(_ exact: String?, _ expression: String?, _ flag: String) throws(CommandError)
        -> TextPattern
    {
        switch (exact, expression) {
        case (let exact?, nil): return .exact(exact)
        case (nil, let expression?):
            do { return try .regularExpression(expression) } catch {
                throw CommandError(.usage, "\(flag)-regexp cannot be used: \(error)")
            }
        case (nil, nil), (_?, _?):
            throw CommandError(
                .usage, "whom to trust was not said",
                hint: "Give either \(flag) or \(flag)-regexp; an identity counts only together with its issuer.")
        }
    }
}
