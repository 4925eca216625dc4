import AssayConsole
import FoundationEssentials
import Glibc
import Sigstore
import TUF

/// The folder of `assay trust update`: what is known of each mirror, and the trusted root that was fetched last.
///
///     mirrors/ADDRESS/    verified metadata (TUF), from which the next update of the mirror goes on
///     current/            a link to the files of the last update: trusted_root.json, update.json, ...
struct TrustFolder {
    let path: String

    init(_ settings: Settings) { path = settings.trustFolder.path }

    /// What `update.json` says of an update.
    struct Update: Codable, Hashable {
        let mirror: String
        let updated: String
        let roles: [Role]
        /// The files that were fetched.
        let files: [String]

        struct Role: Codable, Hashable {
            let name: String
            let version: Int
            let expires: String
        }

        /// The roles whose metadata counts no longer: a newer one may say something else.
        func expired(at now: UTCTime) -> [Role] {
            roles.filter { role in UTCTime(rfc3339: role.expires).map { $0 <= now } ?? true }
        }
    }

    static let rootName = "trusted_root.json"
    private static let updateName = "update.json"

    /// The path of a file of the last update.
    func installedPath(_ name: String) -> String { name.isEmpty ? "\(path)/current" : "\(path)/current/\(name)" }

    /// The trusted root of the last update; nil if there was none.
    ///
    /// - Throws: `usage` if something is there that cannot be used.
    func installed() throws(CommandError) -> (root: TrustedRoot, update: Update)? {
        // Looked up once, so that both files are of the same update.
        let folder = generation.map { "\(path)/\($0)" } ?? installedPath("")
        guard let update = try update(in: folder) else { return nil }
        do throws(CommandError) { return (try TrustedRoots.read("\(folder)/\(Self.rootName)"), update) } catch {
            throw CommandError(error.status, error.message, hint: remedy)
        }
    }

    /// The services of the last update's instance, by the newest format that can be read; nil if there was no update, or
    /// one of the public-good instance without them.
    ///
    /// - Throws: `usage` if the last update was of another instance and names no services that can be used.
    func signingConfig() throws(CommandError) -> SigningConfig? {
        let folder = generation.map { "\(path)/\($0)" } ?? installedPath("")
        guard let update = try update(in: folder) else { return nil }
        // A "v" comes behind the "j" of "json".
        for name in update.files.filter({ $0.hasPrefix("signing_config") }).sorted(by: >) {
            if let configuration = try? SigningRules.read("\(folder)/\(name)") { return configuration }
        }
        guard update.mirror != PublicGoodMirror.address else { return nil }
        throw CommandError(
            .usage, "the trusted root is that of \(update.mirror), which does not say which services sign",
            hint: "Give --signing-config FILE, or --fulcio-url, --rekor-url and --timestamp-url.")
    }

    /// The folder that `current` stands for.
    private var generation: String? {
        try? FileManager.default.destinationOfSymbolicLink(atPath: "\(path)/current")
    }

    private var remedy: String { "Run `assay trust update` again, or remove \(path)." }

    /// What is said of the last update; nil if there was none.
    func lastUpdate() throws(CommandError) -> Update? { try update(in: installedPath("")) }

    private func update(in folder: String) throws(CommandError) -> Update? {
        let file = "\(folder)/\(Self.updateName)"
        guard access(file, F_OK) == 0 || errno != ENOENT else { return nil }
        do throws(FileProblem) {
            let bytes = try FileContents.read(file, limit: 1 << 20)
            guard let update = try? JSONDecoder().decode(Update.self, from: Data(bytes)) else {
                throw FileProblem("it is not what `assay trust update` writes")
            }
            return update
        } catch {
            throw CommandError(
                .usage, "the trusted root of the last update cannot be used: \(file): \(error)", hint: remedy)
        }
    }

    // MARK: Mirrors

    /// The folder of what is known of a mirror.
    func metadata(of mirror: String) -> String { "\(path)/mirrors/\(FileNames.encoded(mirror))" }

    func knows(_ mirror: String) -> Bool { access(metadata(of: mirror) + "/root.json", F_OK) == 0 }

    /// A new folder of metadata that holds nothing but an initial root, to take the place of the mirror's if all goes
    /// well.
    func prepareStart(_ root: [UInt8], of mirror: String) throws(CommandError) -> String {
        let folder = metadata(of: mirror) + ".new"
        try make(folder, replacing: true)
        try NewFile.write(root, to: folder + "/root.json", mode: 0o644, replacing: true)
        return folder
    }

    func finishStart(of mirror: String) throws(CommandError) {
        let folder = metadata(of: mirror)
        do { if access(folder, F_OK) == 0 { try FileManager.default.removeItem(atPath: folder) } } catch {
            throw failure(folder)
        }
        guard rename(folder + ".new", folder) == 0 else { throw failure(folder) }
    }

    // MARK: Installing

    /// Makes files the last update's, all at once: whoever reads finds those of one update.
    func install(_ files: [(name: String, bytes: [UInt8])], _ update: Update) throws(CommandError) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        guard let text = try? encoder.encode(update) else { throw failure(installedPath(Self.updateName)) }
        let name = "update-\(UUID().uuidString)"
        try make("\(path)/\(name)", replacing: false)
        for (file, bytes) in files + [(Self.updateName, Array(text))] {
            try NewFile.write(bytes, to: "\(path)/\(name)/\(file)", mode: 0o644, replacing: false)
        }
        let previous = generation
        let link = "\(path)/current.new"
        unlink(link)
        guard symlink(name, link) == 0, rename(link, "\(path)/current") == 0 else { throw failure("\(path)/current") }
        let others = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        // Somebody may be reading the one before.
        for other in others where other.hasPrefix("update-") && other != name && other != previous {
            try? FileManager.default.removeItem(atPath: "\(path)/\(other)")
        }
    }

    /// Calls `body` while no other update works on the folder.
    func withLock<R>(_ body: () async throws(CommandError) -> R) async throws(CommandError) -> R {
        try make(path, replacing: false)
        let file = open("\(path)/lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard file >= 0 else { throw failure("\(path)/lock") }
        defer { close(file) }
        guard flock(file, LOCK_EX | LOCK_NB) == 0 else {
            throw CommandError(
                .output, "another update works on \(path)", hint: "Wait for its end and run the command again.")
        }
        return try await body()
    }

    private func make(_ folder: String, replacing: Bool) throws(CommandError) {
        do {
            if replacing, access(folder, F_OK) == 0 { try FileManager.default.removeItem(atPath: folder) }
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        } catch { throw failure(folder) }
    }

    private func failure(_ what: String) -> CommandError {
        CommandError(
            .output, "cannot write \(what): \(FileProblem.last)", hint: "Check the permissions and the space.")
    }
}
