import ArgumentParser
import AssayConsole

/// The command `assay`: an overview, and the commands below it.
struct Assay: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "assay",
        abstract: "Makes a bucket of CI artifacts trustworthy and usable as files.",
        discussion: """
            Assay reads zip archives of artifacts in S3-compatible storage or a folder, keeps the digest of every \
            artifact in a catalog, signs provenance for each as a Sigstore bundle, and mounts it all read-only, every \
            artifact beside its bundle.

            EXAMPLES:
              assay index s3://builds/releases         read a bucket into the catalog
              assay key generate                       make a signing key
              assay attest                             sign what has no attestation yet
              assay sign app.tar.gz                    sign a file outside of any source
              assay mount /mnt/artifacts --daemon      show artifacts and bundles as files
              assay verify app.tar.gz --key pub.pem    check an artifact against its bundle
              assay config                             show the settings in force

            EXIT CODES:
            \(exitCodes)
            """,
        version: version,
        groupedSubcommands: [
            CommandGroup(name: "Sources", subcommands: [IndexCommand.self, StatusCommand.self]),
            CommandGroup(name: "Attestations", subcommands: [AttestCommand.self, SignCommand.self, KeyCommand.self]),
            CommandGroup(name: "Files", subcommands: [MountCommand.self, UmountCommand.self]),
            CommandGroup(
                name: "Artifacts", subcommands: [LookupCommand.self, InspectCommand.self, VerifyCommand.self]),
            CommandGroup(name: "Setup", subcommands: [TrustCommand.self, ConfigCommand.self]),
        ])

    static let version = "0.1.0"

    private static var exitCodes: String {
        CommandStatus.allCases.map { status in
            let code = String(status.rawValue)
            return String(repeating: " ", count: max(0, 5 - code.count)) + code + "  " + status.meaning
        }.joined(separator: "\n")
    }
}
