import ArgumentParser
import ArtifactView
import AssayConsole
import AssayFUSE
import AssayModel
import DigestCatalog
import FoundationEssentials
import ObjectStorage

/// `assay mount`: artifacts and bundles as files.
struct MountCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "mount",
        abstract: "Show artifacts and their bundles as a read-only filesystem.",
        usage: "assay mount [<source>] <mountpoint> [<options>]",
        discussion: """
            Without SOURCE, everything in the catalog is shown; with it, that source alone. A source that was not indexed \
            yet is with --index: the tree fills while it is read, and with --attest bundles appear as they are signed.

            EXAMPLES:
              assay mount /mnt/artifacts
              assay mount --catalog team.sqlite /mnt/artifacts --daemon
              assay mount s3://builds/releases/ /mnt/artifacts --index --attest
              assay umount /mnt/artifacts
            """)

    @OptionGroup var common: CommonFlags
    @Argument(
        help: ArgumentHelp(
            "A source of the catalog (optional), and the folder to mount at.", valueName: "[source] mountpoint"))
    var places: [String]
    @Flag(help: "Return when the tree is mounted, and serve it in the background.")
    var daemon = false
    @Option(
        name: .customLong("log-file"),
        help: ArgumentHelp("Where the background process writes its messages.", valueName: "file"))
    var logFile: String?
    @Flag(help: "Index SOURCE while it is mounted.")
    var index = false
    @Flag(help: "Sign what is shown and has no attestation while it is mounted.")
    var attest = false
    @OptionGroup(title: "Mounting") var mounting: MountFlags
    @OptionGroup(title: "Source") var sourceOptions: SourceFlags
    @OptionGroup(title: "Reading archives") var reading: ReadingFlags
    @OptionGroup(title: "Key") var keys: KeyFlags
    @OptionGroup(title: "Keyless signing and witnesses") var signing: SigningFlags
    @OptionGroup(title: "Attestations") var attestations: AttestationFlags

    var settingGroups: [any SettingGroup] { [mounting, sourceOptions, reading, keys, signing, attestations] }

    private struct Result: Encodable {
        let mountpoint: String
        let catalog: String
        let source: String?
        let process: Int
    }

    func validate() throws {
        guard (1...2).contains(places.count) else {
            throw ValidationError("Give the folder to mount at, and before it a source if only that shall be shown.")
        }
        if index && places.count == 1 {
            throw ValidationError("--index needs the source to index before the mount point.")
        }
        if logFile != nil && !daemon { throw ValidationError("--log-file goes with --daemon.") }
    }

    func run(settings: Settings, console: Console) async throws(CommandError) -> CommandStatus {
        if daemon && !Daemon.isChild { return try startDaemon(settings, console) }
        do {
            return try await serve(settings, console)
        } catch {
            if Daemon.isChild { Daemon.notifyFailed(error.description) }
            throw error
        }
    }

    private var mountpoint: String { places.last ?? "" }
    private var source: String? { places.count == 2 ? places.first : nil }

    private func startDaemon(_ settings: Settings, _ console: Console) throws(CommandError) -> CommandStatus {
        do {
            let process = try Daemon.spawn(arguments: Array(CommandLine.arguments.dropFirst()), log: logFile)
            let result = Result(
                mountpoint: URL(fileURLWithPath: mountpoint).path, catalog: settings.catalog.path, source: source,
                process: process)
            console.result(result) {
                "Mounted at \(mountpoint) by process \(process); `assay umount \(mountpoint)` ends it"
            }
            return .success
        } catch .failed(let text) {
            // The child's own words, which begin as this process's would.
            throw CommandError(.mount, text.hasPrefix("assay: ") ? String(text.dropFirst(7)) : text)
        } catch { throw CommandError(.mount, "\(error)") }
    }

    private func serve(_ settings: Settings, _ console: Console) async throws(CommandError) -> CommandStatus {
        let composition = Composition(settings: settings)
        let isWriting = index || attest
        let catalog = try composition.openCatalog(isWriting ? .readWrite : .readOnly, mayCreate: index)
        let location = try source.map { text throws(CommandError) in try Composition.location(text) }
        let shown = try await shown(location, composition, catalog)
        let work = try await work(composition, catalog, location: location, source: shown, console)
        let stores = StoreCache(composition)
        let tree = ArtifactTree(
            catalog: catalog, source: shown, cacheSize: settings.mountCacheSize.bytes, now: Composition.now()
        ) { source throws(ObjectStorageError) in try stores.store(of: source) }
        var options = MountOptions()
        options.allowOther = settings.mountAllowOther
        options.metadataTimeout = settings.mountMetadataTimeout.duration
        let mount: FUSEMount
        do {
            mount = try FUSEMount(tree: tree, mountPoint: mountpoint, options: options) { console.warning("\($0)") }
        } catch { throw CommandError(error) }
        // Answers begin with the loop: nobody is told before.
        let loop = MountLoop(mount)
        loop.start()
        let isChild = Daemon.isChild
        Daemon.notifyReady()
        if !isChild {
            let result = Result(
                mountpoint: mount.mountPoint, catalog: catalog.path, source: shown?.location,
                process: Int(ProcessInfo.processInfo.processIdentifier))
            console.result(result) {
                "Mounted at \(mount.mountPoint); Ctrl-C or `assay umount \(mount.mountPoint)` ends it"
            }
        }
        let task = Task { await work.run() }
        await withTaskCancellationHandler {
            await loop.ended()
        } onCancel: {
            mount.unmount()
        }
        Daemon.notifyStopping()
        task.cancel()
        await task.value
        return .success
    }

    /// The one source to show, if one was named.
    private func shown(
        _ location: StoreLocation?, _ composition: Composition, _ catalog: Catalog
    ) async throws(CommandError) -> Source? {
        guard let location else { return nil }
        if index { return try await composition.source(at: location, name: nil, in: catalog) }
        if let source = try composition.known(location, in: catalog) { return source }
        throw CommandError(
            .usage, "\(location) is not in the catalog \(catalog.path)", hint: "Index it first, or mount with --index.")
    }

    private func work(
        _ composition: Composition, _ catalog: Catalog, location: StoreLocation?, source: Source?, _ console: Console
    ) async throws(CommandError) -> MountWork {
        var work = MountWork(console: console)
        if index, let location, let source { work.indexer = try composition.indexer(source, location, catalog) }
        if attest {
            let setup = try SigningSetup(composition.settings)
            let sources = try composition.attestable(source.map { [$0] }, catalog, mayBeSentTo: setup.urls)
            let session = try await setup.open()
            session.announce(on: console)
            work.attester = try composition.attester(.digest, catalog, by: session, sources: sources)
        }
        return work
    }
}
