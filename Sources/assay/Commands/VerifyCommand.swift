import ArgumentParser
import AssayConsole
import AssayModel
import Sigstore

/// `assay verify`: an artifact against its bundle.
struct VerifyCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Check an artifact against its bundle and the signer you trust.",
        usage: """
            assay verify <file|digest> --key <public key> [<options>]
            assay verify <file|digest> --certificate-identity <identity> --certificate-oidc-issuer <issuer> [<options>]
            """,
        discussion: """
            The bundle is the one named by --bundle, the one beside the file, or the catalog's. With --key, the key \
            decides: neither a transparency log nor a timestamp is looked at, so a success says who signed, not when. \
            With an identity, the certificate, its logs and the time of signing are checked against the trusted root, \
            offline.

            EXAMPLES:
              assay verify app.tar.gz --key signing-key.pub.pem
              assay verify app.tar.gz --bundle app.tar.gz.bundle --key signing-key.pub.pem
              assay verify app.tar.gz --certificate-identity ci@example.com --certificate-oidc-issuer https://accounts.example.com
              assay verify sha256:9f86d0... --bundle app.bundle --key signing-key.pub.pem --json
            """)

    @OptionGroup var common: CommonFlags
    @Argument(help: "A file, or a SHA-256 in hexadecimal digits.")
    var subject: String
    @Option(help: ArgumentHelp("The bundle.", valueName: "file"))
    var bundle: String?
    @Option(help: ArgumentHelp("The predicate type that the statement must have.", valueName: "uri"))
    var type = PredicateType.slsaProvenanceV1
    @OptionGroup(title: "Key") var keys: KeyFlags
    @OptionGroup(title: "Certificate") var trust: TrustOptions
    @OptionGroup(title: "Trust") var trustFlags: TrustFlags

    var settingGroups: [any SettingGroup] { [keys, trustFlags] }

    private struct Result: Encodable {
        let verified: Bool
        let subject: String
        let sha256: String
        let bundle: String
        /// The key's hint, or the certificate's identity.
        var signer: String?
        var issuer: String?
        var predicateType: String?
        var subjectName: String?
        var signedAt: [String] = []
        var logRecords: [String] = []
        /// The checks that were left out.
        var notChecked: [String] = []
        var reason: String?
    }

    func run(settings: Settings, console: Console) async throws(CommandError) -> CommandStatus {
        let trust = try trust.trust(settings, expecting: type)
        let subject = try Subject(subject)
        let (name, bytes) =
            if let bundle { try BundleFinder.read(bundle) } else {
                try BundleFinder(settings: settings).bundle(for: subject)
            }
        var result = Result(
            verified: false, subject: subject.file ?? subject.digest.description, sha256: subject.digest.hex,
            bundle: name)
        do throws(SigstoreError) {
            let artifact = try ArtifactIdentity(digests: [.sha256: subject.digest.bytes])
            let verified = try Verifier(root: trust.root).verify(
                SigstoreBundle(parsing: bytes), artifact: artifact, policy: trust.policy)
            result = Self.result(verified, result, trust)
        } catch {
            result.reason = "\(error)"
        }
        console.result(result) { Self.text(result) }
        return result.verified ? .success : .verification
    }

    private static func result(
        _ verified: Verifier.Verified, _ failed: Result, _ trust: TrustOptions.Trust
    ) -> Result {
        var result = Result(verified: true, subject: failed.subject, sha256: failed.sha256, bundle: failed.bundle)
        switch verified.signer {
        case .key: result.signer = trust.key.map { "key \($0.hint)" }
        case .certificate(let certificate, _, _):
            result.signer = certificate.identity
            result.issuer = certificate.identityIssuer
        }
        result.predicateType = verified.statement?.predicateType
        result.subjectName = verified.subject?.name
        result.signedAt = verified.times.map { "\($0.time) (\($0.source))" }
        result.logRecords = verified.logRecords.map { "\($0.log) at index \($0.index)" }
        result.notChecked = verified.ignored.map(\.rawValue).sorted()
        return result
    }

    private static func text(_ result: Result) -> ConsoleText {
        var text: ConsoleText =
            result.verified
            ? "\("Verified", .good): \(result.subject)" : "\("NOT VERIFIED", .bad): \(result.subject)"
        func add(_ label: String, _ value: String?) {
            guard let value, !value.isEmpty else { return }
            text = text + "\n" + ConsoleText(label.padding(to: 13)) + "\(value)"
        }
        add("Digest:", "sha256:" + result.sha256)
        add("Bundle:", result.bundle)
        add("Signed by:", result.signer)
        add("Issuer:", result.issuer)
        for time in result.signedAt { add("Signed at:", time) }
        for record in result.logRecords { add("Logged in:", record) }
        add("Says:", result.predicateType.map { "\($0) of “\(result.subjectName ?? "")”" })
        add("Not checked:", result.notChecked.joined(separator: ", "))
        add("Reason:", result.reason)
        return text
    }
}

extension String {
    fileprivate func padding(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
