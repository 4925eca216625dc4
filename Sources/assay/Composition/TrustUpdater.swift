import AssayConsole
import Sigstore
import TUF

/// Fetches the trusted root of a mirror into the trust folder.
struct TrustUpdater {
    let folder: TrustFolder
    let now: UTCTime

    /// - Parameters:
    ///   - mirror: an address, or the path of a folder.
    ///   - initialRoot: where trust in the mirror starts, in place of what is known of it; nil to go on from there.
    func update(_ mirror: String, initialRoot: [UInt8]?) async throws(CommandError) -> TrustFolder.Update {
        try await folder.withLock { () async throws(CommandError) in
            let start = try start(mirror, initialRoot)
            let metadata = try start.map { (root) throws(CommandError) in try folder.prepareStart(root, of: mirror) }
            let result: (files: [(name: String, bytes: [UInt8])], roles: [Updater.RoleState])
            do throws(TUFError) {
                result = try await fetch(mirror, into: metadata ?? folder.metadata(of: mirror))
            } catch { throw CommandError(error, at: mirror) }
            try check(result.files, mirror)
            if metadata != nil { try folder.finishStart(of: mirror) }
            let update = TrustFolder.Update(
                mirror: mirror, updated: "\(now)",
                roles: result.roles.map { .init(name: $0.name, version: $0.version, expires: "\($0.expiry)") },
                files: result.files.map(\.name))
            try folder.install(result.files, update)
            return update
        }
    }

    /// The root to start from; nil if the mirror is known.
    private func start(_ mirror: String, _ initialRoot: [UInt8]?) throws(CommandError) -> [UInt8]? {
        if let initialRoot { return initialRoot }
        if folder.knows(mirror) { return nil }
        guard mirror == PublicGoodMirror.address else {
            throw CommandError(
                .usage, "nothing is known of the mirror \(mirror)",
                hint: "Give the root of its repository, from where you trust it to come, with --root FILE.")
        }
        return PublicGoodMirror.root
    }

    private func fetch(
        _ mirror: String, into metadata: String
    ) async throws(TUFError) -> (files: [(name: String, bytes: [UInt8])], roles: [Updater.RoleState]) {
        var updater = try Updater(mirror: Self.mirror(mirror), cache: MetadataCache(metadata), now: now)
        try await updater.refresh()
        let configurations = updater.topLevelTargets.filter {
            $0.hasPrefix("signing_config") && $0.hasSuffix(".json") && !$0.contains("/")
        }
        let targets = try Self.mirror(mirror + "/targets")
        var files: [(name: String, bytes: [UInt8])] = []
        for name in [TrustFolder.rootName] + configurations.sorted() {
            guard let target = try await updater.target(name) else { throw .unknownTarget(name) }
            files.append((name, try await updater.download(target, from: targets)))
        }
        return (files, updater.roles)
    }

    private static func mirror(_ place: String) throws(TUFError) -> any Mirror {
        place.contains("://") ? try HTTPMirror(place) : FolderMirror(place)
    }

    /// What is signed may still be of a kind that this program cannot read; then the one before stays.
    private func check(_ files: [(name: String, bytes: [UInt8])], _ mirror: String) throws(CommandError) {
        for file in files where file.name == TrustFolder.rootName {
            do throws(SigstoreError) { _ = try TrustedRoot(parsing: file.bytes) } catch {
                throw CommandError(
                    .verification, "the trusted root of \(mirror) cannot be used: \(error)",
                    hint: "A newer version of Assay may know its format. What was trusted before stays as it was.")
            }
        }
    }
}
