import ArgumentParser
import AssayConsole
import Sigstore
import TrustPolicy

/// Whom to trust and for what, for commands that verify: the holder of a key, or of an identity that a certificate
/// names, or whomever a policy file names.
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

    @Option(
        help: ArgumentHelp(
            "What a certificate's extension must be, such as source-repository-uri=https://example.com/app; may be repeated.",
            valueName: "name=value"))
    var certificateExtension: [String] = []
    @Option(
        help: ArgumentHelp(
            "A regular expression for a certificate's extension; may be repeated.", valueName: "name=expression"))
    var certificateExtensionRegexp: [String] = []
    @Option(
        help: ArgumentHelp(
            """
            What the bundle must be: a statement of this predicate type (a URI, or slsaprovenance1, slsaprovenance, \
            slsaprovenance02, spdx, spdxjson, cyclonedx, link, vuln, openvex, custom), any for a statement of whatever \
            type, signature for a signature over the artifact itself; several types may be given (default: \
            slsaprovenance1).
            """, valueName: "type"))
    var type: [String] = []
    @Option(
        help: ArgumentHelp(
            "Somebody trusted must vouch that it was not signed before, such as 2025-01-31T00:00:00Z.",
            valueName: "time"))
    var notBefore: String?
    @Flag(help: "Do not ask for a transparency log's record of the signature.")
    var insecureIgnoreTlog = false
    @Flag(help: "Do not ask for a certificate log's record of the signer's certificate.")
    var insecureIgnoreSct = false
    @Flag(help: "Do not look at timestamps, nor ask for anybody's word for the time of signing.")
    var insecureIgnoreTime = false
    @Option(
        help: ArgumentHelp(
            "A policy file (docs/POLICY.md) that says whom to trust and for what, instead of all the options above.",
            valueName: "file"))
    var policy: String?

    private var namesIdentity: Bool {
        certificateIdentity != nil || certificateIdentityRegexp != nil || certificateOidcIssuer != nil
            || certificateOidcIssuerRegexp != nil || !certificateExtension.isEmpty
            || !certificateExtensionRegexp.isEmpty
    }

    private var saysAnything: Bool {
        namesIdentity || !trustedRoot.isEmpty || !type.isEmpty || notBefore != nil || insecureIgnoreTlog
            || insecureIgnoreSct || insecureIgnoreTime
    }

    /// What verifies by these options.
    ///
    /// - Parameter keyIsGiven: whether a key was named on the command line.
    /// - Throws: `usage` if nobody, or both a key and an identity, is to be trusted, or a file cannot be used.
    func verifier(_ settings: Settings, keyIsGiven: Bool) throws(CommandError) -> SubjectVerifier {
        if let policy {
            guard !saysAnything, !keyIsGiven else {
                throw CommandError(
                    .usage, "--policy stands alone: it says whom to trust, and for what",
                    hint: "Write into \(policy) what the other options say; docs/POLICY.md tells how.")
            }
            let file: PolicyFile
            do throws(TrustPolicyError) { file = try PolicyFile(path: policy) } catch { throw CommandError(error) }
            if let root = file.root { return SubjectVerifier(terms: file.terms, root: root) }
            return SubjectVerifier(
                terms: file.terms,
                root: file.terms.identities.isEmpty ? .empty : try root(settings))
        }
        var terms = TrustTerms(expecting: try expectation())
        terms.earliest = try earliest()
        if insecureIgnoreTlog { terms.ignored.insert(.transparencyLog) }
        if insecureIgnoreSct { terms.ignored.insert(.certificateLog) }
        if insecureIgnoreTime { terms.ignored.insert(.time) }
        if namesIdentity {
            guard !keyIsGiven else {
                throw CommandError(
                    .usage, "a key and an identity exclude each other", hint: "A policy file may accept both: --policy."
                )
            }
            terms.identities = [try identity()]
        } else {
            terms.keys = [try Keys.publicKey(settings)]
            // Our own bundles are in no log; that it was not looked at is part of the answer.
            terms.keysNeedLog = !trustedRoot.isEmpty
        }
        if let contradiction = terms.contradiction {
            throw CommandError(
                .usage, contradiction,
                hint: "Give --trusted-root with --not-before, and leave out what ignores logs and times.")
        }
        return SubjectVerifier(
            terms: terms,
            root: namesIdentity || !trustedRoot.isEmpty ? try root(settings) : .empty)
    }

    private func root(_ settings: Settings) throws(CommandError) -> TrustedRoot {
        try TrustedRoots.load(trustedRoot, settings).root
    }

    private func expectation() throws(CommandError) -> VerificationPolicy.Expectation {
        switch ExpectationName.expectation(type.isEmpty ? [PredicateType.slsaProvenanceV1] : type) {
        case .success(let expectation): return expectation
        case .failure(let problem): throw CommandError(.usage, "--type cannot be used: \(problem)")
        }
    }

    private func earliest() throws(CommandError) -> UTCTime? {
        guard let notBefore else { return nil }
        guard let time = UTCTime(rfc3339: notBefore) else {
            throw CommandError(
                .usage, "--not-before \(notBefore) is no time", hint: "Write it as 2025-01-31T00:00:00Z (RFC 3339).")
        }
        return time
    }

    private func identity() throws(CommandError) -> CertificateIdentity {
        let subject = try Self.pattern(certificateIdentity, certificateIdentityRegexp, "--certificate-identity")
        let issuer = try Self.pattern(certificateOidcIssuer, certificateOidcIssuerRegexp, "--certificate-oidc-issuer")
        var extensions: [FulcioExtension: TextPattern] = [:]
        for text in certificateExtension {
            let (kind, value) = try Self.extensionAndValue(text, "--certificate-extension", known: extensions)
            extensions[kind] = .exact(value)
        }
        for text in certificateExtensionRegexp {
            let flag = "--certificate-extension-regexp"
            let (kind, value) = try Self.extensionAndValue(text, flag, known: extensions)
            extensions[kind] = try Self.expression(value, flag)
        }
        return CertificateIdentity(subject: subject, issuer: issuer, extensions: extensions)
    }

    private static func extensionAndValue(
        _ text: String, _ flag: String, known: [FulcioExtension: TextPattern]
    ) throws(CommandError) -> (kind: FulcioExtension, value: String) {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, let kind = FulcioExtension(hyphenatedName: parts[0]) else {
            let names = FulcioExtension.allCases.map(\.hyphenatedName).joined(separator: ", ")
            throw CommandError(
                .usage, "\(flag) \(text) cannot be used: it is no NAME=VALUE with a name that is known",
                hint: "The names are \(names).")
        }
        guard known[kind] == nil else {
            throw CommandError(.usage, "the certificate's extension \(parts[0]) is given twice")
        }
        return (kind, parts[1])
    }

    private static func pattern(_ exact: String?, _ expression: String?, _ flag: String) throws(CommandError)
        -> TextPattern
    {
        switch (exact, expression) {
        case (let exact?, nil): return .exact(exact)
        case (nil, let expression?): return try Self.expression(expression, flag + "-regexp")
        case (nil, nil), (_?, _?):
            throw CommandError(
                .usage, "whom to trust was not said",
                hint: "Give either \(flag) or \(flag)-regexp; an identity counts only together with its issuer.")
        }
    }

    private static func expression(_ text: String, _ flag: String) throws(CommandError) -> TextPattern {
        do { return try .regularExpression(text) } catch {
            throw CommandError(.usage, "\(flag) cannot be used: \(error)")
        }
    }
}
