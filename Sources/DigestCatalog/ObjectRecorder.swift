public import AssayModel
import Foundation
import GRDB

/// Records what one object holds: nothing of it is seen before `commit`, everything after.
///
/// Entries are written in batches into directories that hang on nothing, so that memory stays bounded and no transaction
/// stays open while bytes come from the network. The object knows the first of these directories; whatever number is
/// not below it is staged. What recorders left behind that never were committed, `Catalog.removeUncommitted` deletes.
/// Not for use by two tasks at once.
public final class ObjectRecorder {
    private let catalog: Catalog
    private let target: ObjectToIndex
    private let isArchive: Bool
    private let now: Timestamp
    private var waiting: [IndexedEntry] = []
    private var refusals: [Refusal] = []
    private var unlistedRefusals = 0
    private var root: DirectoryID?
    private var directories: [Place: DirectoryID] = [:]
    private var hasForgotten = false
    private var entryCount = 0
    private var contentSize = 0

    private struct Place: Hashable {
        let parent: DirectoryID
        let name: ExactString
    }

    /// So many entries are held in memory at most.
    private static let batch = 8192
    /// So many directories are remembered at most; others are looked up.
    private static let directoryLimit = 65_536
    /// So many refusals of one object are told one by one.
    private static let refusalLimit = 10_000

    init(catalog: Catalog, target: ObjectToIndex, isArchive: Bool, now: Timestamp) {
        self.catalog = catalog
        self.target = target
        self.isArchive = isArchive
        self.now = now
    }

    /// Takes an entry; the caller gives no path twice.
    public func add(_ entry: IndexedEntry) throws(CatalogError) {
        waiting.append(entry)
        if isArchive && waiting.count >= Self.batch { try stage() }
    }

    /// Takes note that an entry was refused. Of an object that has more than 10,000 of them, the others are only counted.
    public func refuse(_ refusal: Refusal) {
        if refusals.count < Self.refusalLimit { refusals.append(refusal) } else { unlistedRefusals += 1 }
    }

    private func stage() throws(CatalogError) {
        try catalog.write { db in
            try flush(db)
            try db.execute(
                sql: "UPDATE objects SET first_staged = ? WHERE id = ? AND first_staged IS NULL",
                arguments: [root?.rawValue, target.id])
        }
    }

    /// Replaces what was known of the object by what was added, in one transaction.
    public func commit() throws(CatalogError) {
        try catalog.write { db in
            try flush(db)
            let staged = isArchive ? try root ?? makeRoot(db) : nil
            // The new directories belong to the object as the old ones do: let them go first.
            try replaceContents(by: staged, db)
            try setVersion(state: .indexed, error: nil, db)
            try db.execute(
                sql:
                    "UPDATE objects SET directory_id = ?, first_staged = NULL, entries = ?, content_size = ? WHERE id = ?",
                arguments: [staged?.rawValue, entryCount, contentSize, target.id])
            try Tree.attach(objectID: target.id, key: target.object.key, root: target.source.root, db)
            try insertRefusals(db)
        }
    }

    /// Records that the object as a whole was refused: what was known of an earlier version is no longer to be had.
    public func fail(code: String, reason: String) throws(CatalogError) {
        try catalog.write { db in
            try Tree.deleteContents(objectID: target.id, db)
            try setVersion(state: .refused, error: "\(code): \(reason)", db)
            try insertRefusals(db)
        }
    }

    // Directories of keys stay as they are: the new contents come to lie where the old ones lay.
    private func replaceContents(by staged: DirectoryID?, _ db: Database) throws {
        try db.execute(sql: "DELETE FROM refusals WHERE object_id = ?", arguments: [target.id])
        if let staged {
            try db.execute(sql: "UPDATE objects SET directory_id = NULL WHERE id = ?", arguments: [target.id])
            // Children of the staged root carry larger numbers than it, and everything older carries smaller ones.
            try Tree.deleteDirectories("object_id = \(target.id) AND id < \(staged.rawValue)", db)
        } else {
            try db.execute(sql: "DELETE FROM entries WHERE object_id = ?", arguments: [target.id])
            for entry in waiting { try insert(entry, name: entry.path, directory: nil, db) }
            waiting = []
        }
    }

    private func setVersion(state: ObjectState, error: String?, _ db: Database) throws {
        let object = target.object
        try db.execute(
            sql: """
                UPDATE objects SET version_id = ?, etag = ?, size = ?, modified = ?, state = ?, error = ?, indexed = ?,
                    entries = 0, content_size = 0 WHERE id = ?
                """,
            arguments: [
                object.version.id, object.version.etag, object.size, object.modified.seconds, state.rawValue, error,
                now.seconds, target.id,
            ])
    }

    private func insertRefusals(_ db: Database) throws {
        let insert = try db.cachedStatement(sql: "INSERT INTO refusals VALUES (?, ?, ?, ?)")
        for refusal in refusals {
            // SQLite's text ends at a NUL.
            let name = refusal.name.replacing("\0", with: "\u{2400}")
            try insert.execute(arguments: [target.id, name, refusal.code, refusal.reason])
        }
        if unlistedRefusals > 0 {
            let reason = "\(unlistedRefusals) further entries were refused, and are not listed one by one"
            try insert.execute(arguments: [target.id, "…", "more-refusals", reason])
        }
    }

    private func makeRoot(_ db: Database) throws -> DirectoryID {
        let name = String(target.object.key.lastComponent.utf8.dropLast(Tree.archiveSuffix.utf8.count)) ?? ""
        let made = try Tree.make(name: name, parent: nil, objectID: target.id, db)
        root = made
        return made
    }

    private func flush(_ db: Database) throws {
        guard isArchive else { return }
        let root = try root ?? makeRoot(db)
        for entry in waiting {
            if case .directory = entry.content {
                _ = try directory(entry.path[...], root: root, db)
            } else if let slash = entry.path.utf8.lastIndex(of: UInt8(ascii: "/")) {
                let parent = try directory(entry.path[..<slash], root: root, db)
                let name = String(entry.path[entry.path.utf8.index(after: slash)...])
                try insert(entry, name: name, directory: parent, db)
            } else {
                try insert(entry, name: entry.path, directory: root, db)
            }
        }
        waiting.removeAll(keepingCapacity: true)
    }

    /// The staged directory with that path in the archive, made where it is missing.
    private func directory(_ path: Substring, root: DirectoryID, _ db: Database) throws -> DirectoryID {
        var directory = root
        for name in path.utf8.split(separator: UInt8(ascii: "/")) {
            let place = Place(parent: directory, name: ExactString(Substring(name)))
            if let known = directories[place] {
                directory = known
                continue
            }
            if directories.count >= Self.directoryLimit {
                directories.removeAll(keepingCapacity: true)
                hasForgotten = true
            }
            directory =
                try find(place, db)
                ?? Tree.make(
                    name: place.name.text, parent: directory, objectID: target.id, db)
            directories[place] = directory
        }
        return directory
    }

    private func find(_ place: Place, _ db: Database) throws -> DirectoryID? {
        guard hasForgotten else { return nil }
        return try Int64.fetchOne(
            db.cachedStatement(sql: "SELECT id FROM directories WHERE parent_id = ? AND name = ?"),
            arguments: [place.parent.rawValue, place.name.text]
        ).map { DirectoryID($0) }
    }

    private func insert(_ entry: IndexedEntry, name: String, directory: DirectoryID?, _ db: Database) throws {
        var artifact: Int64?
        var link: String?
        switch entry.content {
        case .artifact(let digest, let size):
            artifact = try artifactID(digest, size: size, db)
            contentSize += size
        case .link(let target): link = target
        case .directory: return
        }
        entryCount += 1
        try db.cachedStatement(
            sql: """
                INSERT INTO entries (directory_id, name, object_id, artifact_id, method, data_offset, compressed_size,
                    crc32, modified, mode, link) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: [
            directory?.rawValue, name, isArchive ? nil : target.id, artifact, entry.method, entry.dataOffset,
            // Signed, so that four bytes hold every CRC.
            entry.compressedSize, Int64(Int32(bitPattern: entry.crc32)), entry.modified?.seconds, entry.mode, link,
        ])
    }

    private func artifactID(_ digest: SHA256Digest, size: Int, _ db: Database) throws -> Int64 {
        let bytes = Data(digest.bytes)
        let find = try db.cachedStatement(sql: "SELECT id FROM artifacts WHERE sha256 = ?")
        if let id = try Int64.fetchOne(find, arguments: [bytes]) { return id }
        try db.cachedStatement(sql: "INSERT INTO artifacts (sha256, size, first_seen) VALUES (?, ?, ?)")
            .execute(arguments: [bytes, size, now.seconds])
        return db.lastInsertedRowID
    }
}

extension Catalog {
    /// Whether objects under this key are read as archives.
    public static func isArchive(_ key: ObjectKey) -> Bool {
        let last = key.lastComponent.utf8
        guard last.count > Tree.archiveSuffix.utf8.count else { return false }
        return String(decoding: last.suffix(Tree.archiveSuffix.utf8.count), as: UTF8.self).lowercased()
            == Tree.archiveSuffix
    }

    /// Begins recording what `target` holds.
    public func record(_ target: ObjectToIndex, now: Timestamp) -> ObjectRecorder {
        ObjectRecorder(catalog: self, target: target, isArchive: Self.isArchive(target.object.key), now: now)
    }

    /// Deletes what recorders wrote that never were committed. Only for who holds the role "index".
    public func removeUncommitted() throws(CatalogError) {
        try write { db in
            let staged = try Row.fetchAll(
                db, sql: "SELECT id, first_staged FROM objects WHERE first_staged IS NOT NULL")
            for row in staged {
                let (object, first) = (row["id"] as Int64, row["first_staged"] as Int64)
                try Tree.deleteDirectories("object_id = \(object) AND id >= \(first)", db)
                try db.execute(sql: "UPDATE objects SET first_staged = NULL WHERE id = ?", arguments: [object])
            }
        }
    }
}
