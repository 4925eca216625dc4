import ArgumentParser
import AssayConsole
import FoundationEssentials
import Sigstore

/// `assay trust`: whom Sigstore's certificates, logs and timestamps are held against.
struct TrustCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trust", abstract: "Show and update whom verification trusts.",
        subcommands: [TrustShowCommand.self, TrustUpdateCommand.self])
}

/// `assay trust update`: the trusted root of a mirror.
struct TrustUpdateCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "update",
        abstract: "Fetch the trusted root that is in force now.",
        usage: "assay trust update [--mirror <url or folder>] [--root <file>] [<options>]",
        discussion: """
            The root comes from a repository of The Update Framework (TUF): what the mirror sends is believed only as far \
            as keys have signed it that can be followed back to the root where trust starts. For Sigstore's public-good \
            instance that one is built in; for any other mirror give it once with --root. Afterwards commands that \
            verify use what was fetched, and stay offline.

            EXAMPLES:
              assay trust update
              assay trust update --mirror https://tuf.example.com --root root.json
              assay trust update --mirror /mnt/usb/tuf-mirror --root root.json
            """)

    @OptionGroup var common: CommonFlags
    @Option(
        help: ArgumentHelp(
            "The mirror (default: that of the last update, or the public-good instance's).", valueName: "url or folder")
    )
    var mirror: String?
    @Option(help: ArgumentHelp("Start anew from this root, which you trust.", valueName: "file"))
    var root: String?
    @OptionGroup(title: "Trust") var trust: TrustFlags

    var settingGroups: [any SettingGroup] { [trust] }

    private struct Result: Encodable {
        let folder: String
        let update: TrustFolder.Update
    }

    func run(settings: Settings, console: Console) async throws(CommandError) -> CommandStatus {
        let folder = TrustFolder(settings)
        let place =
            if let mirror { try Self.place(mirror) } else {
                try folder.lastUpdate()?.mirror ?? PublicGoodMirror.address
            }
        let updater = TrustUpdater(folder: folder, now: UTCTime(seconds: Composition.now().seconds))
        let update = try await updater.update(place, initialRoot: initialRoot())
        let result = Result(folder: folder.installedPath(""), update: update)
        console.result(result) {
            var text: ConsoleText = "\("Updated", .good) from \(update.mirror)\n"
            for file in update.files { text = text + "  \(folder.installedPath(file))\n" }
            return text + "`assay trust show` tells what is in it.\n"
        }
        return .success
    }

    /// Addresses without slashes at their end, folders by their full path: what is known of a mirror is found by it.
    private static func place(_ mirror: String) throws(CommandError) -> String {
        guard !mirror.contains("://") else {
            var address = mirror
            while address.hasSuffix("/") { address.removeLast() }
            return address
        }
        var isFolder = false
        guard FileManager.default.fileExists(atPath: mirror, isDirectory: &isFolder), isFolder else {
            throw CommandError(
                .usage, "the mirror \(mirror) is neither an address nor a folder",
                hint: "Give an address that begins with https://, or the path of a folder that is there.")
        }
        return URL(fileURLWithPath: mirror).resolvingSymlinksInPath().path
    }

    private func initialRoot() throws(CommandError) -> [UInt8]? {
        guard let root else { return nil }
        do { return try FileContents.read(root, limit: 1 << 20) } catch {
            throw CommandError(.usage, "the root \(root) cannot be read: \(error)")
        }
    }
}
