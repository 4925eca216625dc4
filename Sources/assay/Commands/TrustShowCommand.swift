import ArgumentParser
import AssayConsole
import FoundationEssentials
import Sigstore

/// `assay trust show`: who is trusted, and until when.
struct TrustShowCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show whom verification trusts, and until when.",
        usage: "assay trust show [--trusted-root <file>] ... [<options>]",
        discussion: """
            This is what `assay verify` holds certificates, logs and timestamps against: the files named by \
            --trusted-root, else what `assay trust update` fetched, else what is built in.

            EXAMPLES:
              assay trust show
              assay trust show --trusted-root trusted_root.json
              assay trust show --json
            """)

    @OptionGroup var common: CommonFlags
    @Option(help: ArgumentHelp("A trusted root to show; may be repeated.", valueName: "file"))
    var trustedRoot: [String] = []
    @OptionGroup(title: "Trust") var trust: TrustFlags

    var settingGroups: [any SettingGroup] { [trust] }

    func run(settings: Settings, console: Console) async throws(CommandError) -> CommandStatus {
        let now = UTCTime(seconds: Composition.now().seconds)
        let report = TrustReport(try TrustedRoots.load(trustedRoot, settings), now: now)
        console.result(report) { report.text }
        return .success
    }
}
