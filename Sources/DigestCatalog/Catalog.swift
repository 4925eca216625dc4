import AssayModel
import Foundation
import GRDB

/// The record of what is in the stores: objects, the entries in them, their digests, and the attestations of those.
///
/// One file of SQLite in WAL mode: any number of processes read while one writes. Calls block for as long as SQLite
/// needs, which is microseconds to milliseconds; they may come from any thread.
public final class Catalog: Sendable {
    /// What a process means to do with a catalog.
    public enum Access: Sendable {
        /// Create it if it is not there, bring an older one up to date, read and write.
        case readWrite
        /// Read one that exists.
        case readOnly
    }

    /// Where the catalog lies.
    public let path: String
    let pool: DatabasePool
    // `data_version` counts the commits of other connections, so the one that asks must never write.
    private let watcher: DatabaseQueue

    /// Opens the catalog at `path`.
    ///
    /// - Throws: `cannotOpen`, `notACatalog`, `newer`.
    public init(path: String, access: Access) throws(CatalogError) {
        self.path = path
        do {
            if access == .readWrite {
                let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
                try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            } else if !FileManager.default.fileExists(atPath: path) {
                throw CatalogError.cannotOpen(
                    path: path, reason: "there is no such file; `assay index SOURCE` makes one")
            }
            var configuration = Configuration()
            configuration.busyMode = .timeout(60)
            configuration.maximumReaderCount = 4
            configuration.readonly = access == .readOnly
            configuration.prepareDatabase { db in
                // A commit survives the process; only a crash of the machine may lose the last ones, whole.
                try db.execute(sql: "PRAGMA synchronous = NORMAL; PRAGMA cache_size = -16000; PRAGMA temp_store = FILE")
            }
            pool = try DatabasePool(path: path, configuration: configuration)
            try Self.check(pool, path: path, access: access)
            var watching = Configuration()
            watching.busyMode = .timeout(60)
            watching.readonly = true
            watcher = try DatabaseQueue(path: path, configuration: watching)
        } catch let error as CatalogError {
            throw error
        } catch let error as DatabaseError where error.resultCode == .SQLITE_NOTADB {
            throw .notACatalog(path: path)
        } catch let error as DatabaseError {
            throw .cannotOpen(path: path, reason: error.message ?? error.description)
        } catch {
            throw .cannotOpen(path: path, reason: (error as NSError).localizedDescription)
        }
    }

    private static func check(_ pool: DatabasePool, path: String, access: Access) throws {
        let isMarked = try pool.read(hasMark)
        let isOurs =
            switch access {
            // The mark comes before the first table: who is killed between them leaves a catalog, not a stranger's file.
            case .readWrite: try isMarked || pool.write { db in try hasMark(db) || (try isEmpty(db) && setMark(db)) }
            case .readOnly: try isMarked || pool.read(isEmpty)
            }
        guard isOurs else { throw CatalogError.notACatalog(path: path) }
        if try pool.read(Schema.migrator.hasBeenSuperseded) { throw CatalogError.newer(path: path) }
        switch access {
        case .readWrite: try Schema.migrator.migrate(pool)
        case .readOnly where try !pool.read(Schema.migrator.hasCompletedMigrations):
            throw CatalogError.cannotOpen(
                path: path, reason: "it is from an older Assay; run `assay index` once to update it")
        case .readOnly: break
        }
    }

    private static func hasMark(_ db: Database) throws -> Bool {
        try Int.fetchOne(db, sql: "PRAGMA application_id") == Schema.applicationID
    }

    private static func isEmpty(_ db: Database) throws -> Bool {
        try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_master") == 0
            && Int.fetchOne(db, sql: "PRAGMA application_id") == 0
    }

    private static func setMark(_ db: Database) throws -> Bool {
        try db.execute(sql: "PRAGMA application_id = \(Schema.applicationID)")
        return true
    }

    /// A number that changes whenever anyone has committed something.
    public func generation() -> UInt64 {
        let version = try? watcher.read { db in try Int64.fetchOne(db, sql: "PRAGMA data_version") }
        return UInt64(truncatingIfNeeded: version ?? 0)
    }

    func read<T>(_ body: (Database) throws -> T) throws(CatalogError) -> T {
        do { return try pool.read(body) } catch { throw Self.translate(error) }
    }

    func write<T>(_ body: (Database) throws -> T) throws(CatalogError) -> T {
        do { return try pool.write(body) } catch { throw Self.translate(error) }
    }

    private static func translate(_ error: any Error) -> CatalogError {
        switch error {
        case let error as CatalogError: error
        case let error as DatabaseError: .database(error.message ?? error.description)
        default: .database(String(describing: error))
        }
    }
}

extension Catalog {
    /// Makes this process the only one with `role` ("index", "attest") on this catalog, until the claim is released.
    ///
    /// The kernel keeps the lock, so that a process that was killed leaves none behind.
    ///
    /// - Throws: `held`, `cannotOpen`.
    public func claim(role: String) throws(CatalogError) -> Claim {
        let file = path + "." + role + ".lock"
        let descriptor = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw .cannotOpen(path: file, reason: String(cString: strerror(errno))) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            throw .held(role: role, path: path)
        }
        return Claim(descriptor: descriptor)
    }

    /// Holds a role until it goes away.
    public final class Claim: Sendable {
        private let descriptor: Int32
        init(descriptor: Int32) { self.descriptor = descriptor }
        deinit {
            // A child that is just being started may hold a copy of the descriptor: closing ours would not be enough.
            flock(descriptor, LOCK_UN)
            close(descriptor)
        }
    }
}
