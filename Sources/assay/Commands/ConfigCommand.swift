import ArgumentParser
import AssayConsole

/// `assay config`: what is in force and why.
struct ConfigCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "config",
        abstract: "Show the settings in force, and where each comes from.",
        usage: "assay config [<options>]",
        discussion: """
            A flag comes before an environment variable, that before the configuration file, and that before the \
            default. All settings can be given here as flags, to see what they would do.

            EXAMPLES:
              assay config
              assay config --json
              ASSAY_JOBS=8 assay config --config ./assay.toml
            """)

    @OptionGroup var common: CommonFlags
    @OptionGroup(title: "Source") var source: SourceFlags
    @OptionGroup(title: "Reading archives") var reading: ReadingFlags
    @OptionGroup(title: "Key") var key: KeyFlags
    @OptionGroup(title: "Attesting") var attestation: AttestationFlags
    @OptionGroup(title: "Mounting") var mount: MountFlags
    @OptionGroup(title: "Signing") var signing: SigningFlags

    var settingGroups: [any SettingGroup] { [source, reading, key, attestation, mount, signing] }

    func run(settings: Settings, console: Console) async throws(CommandError) -> CommandStatus {
        let report = SettingsReport(settings)
        console.result(report) { report.text }
        return .success
    }
}
