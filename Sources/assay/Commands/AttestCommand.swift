import ArgumentParser
import AssayConsole
import AssayModel
import Indexing
import Provenance
import Synchronization

extension Attester.Scope: ExpressibleByArgument {}

/// `assay attest`: bundles for what has none.
struct AttestCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "attest",
        abstract: "Sign provenance for every artifact that has no valid attestation.",
        usage: "assay attest [<options>]",
        discussion: """
            Each artifact gets a Sigstore bundle: an in-toto statement with SLSA provenance of what the store tells of \
            it. What is attested already is left alone; what failed or waits for its log is tried again. It is signed with \
            your key (without --key, one is made on first use), or with --keyless as the workload that this is, by its \
            identity token.

            The services of Sigstore's public-good instance are used only for sources that the configuration file calls \
            public, since everybody can read what they are told.

            EXAMPLES:
              assay attest
              assay attest --key release.pem --per archive
              ASSAY_KEY_PASSWORD=... assay attest --key release.pem --attestation-expiry 5y
              assay attest --keyless --signing-config signing_config.json --trusted-root trusted_root.json
              assay attest --keyless --source builds
              assay attest --key awskms:///alias/release
            """)

    @OptionGroup var common: CommonFlags
    @Option(
        help: ArgumentHelp(
            "One statement for each digest, or for all artifacts of an archive.", valueName: "digest|archive"))
    var per = Attester.Scope.digest
    @Option(
        help: ArgumentHelp(
            "Only for artifacts of this source, by its name or location; may be repeated (default: all).",
            valueName: "source"))
    var source: [String] = []
    @OptionGroup(title: "Key") var keys: KeyFlags
    @OptionGroup(title: "Keyless signing and witnesses") var signing: SigningFlags
    @OptionGroup(title: "Attestations") var attestations: AttestationFlags

    var settingGroups: [any SettingGroup] { [keys, signing, attestations] }

    private struct Result: Encodable {
        let attested: Int
        let statements: Int
        let failed: Int
        let pending: Int
        let signer: SigningSession.Summary
    }

    func run(settings: Settings, console: Console) async throws(CommandError) -> CommandStatus {
        let composition = Composition(settings: settings)
        let catalog = try composition.openCatalog(.readWrite)
        let setup = try SigningSetup(settings)
        let chosen = source.isEmpty ? nil : try composition.sources(source, in: catalog)
        let sources = try composition.attestable(chosen, catalog, mayBeSentTo: setup.urls)
        let session = try await setup.open()
        session.announce(on: console)
        let attester = try composition.attester(per, catalog, by: session, sources: sources)
        console.begin(JobProgress("Attesting", items: "artifacts"))
        let report: AttestReport
        do {
            report = try await attester.run { AttestWatcher.show($0, on: console) }
        } catch { throw CommandError(error, at: catalog.path) }
        console.endProgress()
        let result = Result(
            attested: report.artifacts, statements: report.statements, failed: report.failed, pending: report.pending,
            signer: session.summary)
        console.result(result) {
            var text: ConsoleText =
                "Attested \(HumanNumber.count(report.artifacts, "artifact")) by \(HumanNumber.count(report.statements, "statement"))"
            if report.artifacts > 0 { text = text + "\n" + result.signer.text }
            if report.failed > 0 { text = text + "\nFailed: \(HumanNumber.count(report.failed, "artifact"))" }
            if report.pending > 0 {
                text =
                    text
                    + "\nWaiting for the log: \(HumanNumber.count(report.pending, "artifact")); run the command again to go on"
            }
            return text
        }
        return report.failed + report.pending == 0 ? .success : .incomplete
    }
}

/// Shows what an attester does.
enum AttestWatcher {
    static func show(_ event: AttestEvent, on console: Console) {
        switch event {
        case .attested(let artifacts): console.update { $0.itemsDone = artifacts }
        case .failed(let digest, let reason), .pending(let digest, let reason):
            console.update { $0.failed += 1 }
            console.warning("\(digest): \(reason)")
        }
    }
}
