public import AssayModel
import GRDB
import Synchronization

/// What became of an object.
public enum ObjectState: Int, Sendable, CaseIterable {
    /// Listed, not read yet.
    case pending = 0
    case indexed = 1
    /// Read, and refused as a whole: no archive, or beyond a limit.
    case refused = 2
    /// No longer in the store.
    case gone = 3
}

/// An object at the version that is to be read.
public struct ObjectToIndex: Hashable, Sendable {
    let id: Int64
    let source: Source
    public let object: StoredObject

    /// The same object at another version, if it was replaced since it was listed.
    public func at(_ version: StoredObject) -> ObjectToIndex { ObjectToIndex(id: id, source: source, object: version) }
}

/// What a scan found, in numbers.
public struct ScanSummary: Hashable, Sendable {
    public var listed = 0
    public var unchanged = 0
    public var new = 0
    public var changed = 0
    public var gone = 0

    public init() {}
}

/// Compares one listing of a source with the catalog.
///
/// An object that has the version or entity tag of its last reading is unchanged and never read again. A changed one
/// keeps its old row until its new entries replace the old in one transaction (`ObjectRecorder.commit`). What the
/// listing did not hold is marked gone, but only by `finish`: an interrupted listing removes nothing.
public final class Scan: Sendable {
    private let catalog: Catalog
    private let source: Source
    private let state = Mutex(ScanSummary())
    // Marks of what was listed, in a temporary table: a set of ten million would not fit in memory.
    private let marks: String

    init(catalog: Catalog, source: Source) throws(CatalogError) {
        self.catalog = catalog
        self.source = source
        let marks = "temp.listed_\(source.id)"
        self.marks = marks
        try catalog.write { db in
            try db.execute(
                sql: "DROP TABLE IF EXISTS \(marks); CREATE TABLE \(marks) (object_id INTEGER PRIMARY KEY)")
        }
    }

    public var summary: ScanSummary { state.withLock { $0 } }

    /// Takes note of a page of the listing; returns those of its objects that have to be read.
    public func observe(_ page: [StoredObject]) throws(CatalogError) -> [ObjectToIndex] {
        var seen = summary
        let pending = try catalog.write { db in
            let find = try db.cachedStatement(
                sql: "SELECT id, version_id, etag, state, error, indexed FROM objects WHERE source_id = ? AND key = ?")
            let insert = try db.cachedStatement(
                sql: """
                    INSERT INTO objects (source_id, key, version_id, etag, size, modified, state)
                    VALUES (?, ?, ?, ?, ?, ?, 0)
                    """)
            let mark = try db.cachedStatement(sql: "INSERT OR IGNORE INTO \(marks) VALUES (?)")
            var pending: [ObjectToIndex] = []
            for object in page {
                seen.listed += 1
                var id: Int64?
                if let row = try Row.fetchOne(find, arguments: [source.id, object.key.name]) {
                    id = row["id"]
                    let known = ObjectVersion(etag: row["etag"], id: row["version_id"])
                    let isSame = known.isSame(as: object.version)
                    switch ObjectState(rawValue: row["state"]) {
                    case .indexed where isSame, .refused where isSame: seen.unchanged += 1
                    case .indexed, .refused:
                        seen.changed += 1
                        pending.append(ObjectToIndex(id: row["id"], source: source, object: object))
                    case .gone where isSame && row["indexed"] as Int64? != nil:
                        seen.unchanged += 1
                        try Self.takeBack(row["id"], object.key, wasRefused: row["error"] as String? != nil, source, db)
                    case .gone, .pending, nil:
                        seen.new += 1
                        pending.append(ObjectToIndex(id: row["id"], source: source, object: object))
                    }
                } else {
                    try insert.execute(arguments: [
                        source.id, object.key.name, object.version.id, object.version.etag, object.size,
                        object.modified.seconds,
                    ])
                    seen.new += 1
                    id = db.lastInsertedRowID
                    pending.append(ObjectToIndex(id: db.lastInsertedRowID, source: source, object: object))
                }
                try mark.execute(arguments: [id])
            }
            return pending
        }
        state.withLock { $0 = seen }
        return pending
    }

    /// An object that was gone is there again, at the version that was read.
    private static func takeBack(
        _ id: Int64, _ key: ObjectKey, wasRefused: Bool, _ source: Source, _ db: Database
    ) throws {
        if wasRefused {
            try db.execute(
                sql: "UPDATE objects SET state = ? WHERE id = ?", arguments: [ObjectState.refused.rawValue, id])
        } else {
            try Tree.attach(objectID: id, key: key, root: source.root, db)
        }
    }

    /// The listing is complete: what it did not hold is gone.
    public func finish(now: Timestamp) throws(CatalogError) -> ScanSummary {
        let gone = try catalog.write { db in
            let gone = try Int64.fetchAll(
                db,
                sql:
                    "SELECT id FROM objects WHERE source_id = ? AND state <> 3 AND id NOT IN (SELECT object_id FROM \(marks))",
                arguments: [source.id])
            for id in gone {
                try Tree.detach(objectID: id, db)
                try db.execute(sql: "UPDATE objects SET state = 3 WHERE id = ?", arguments: [id])
            }
            try db.execute(
                sql: "UPDATE sources SET scanned = ? WHERE id = ?", arguments: [now.seconds, source.id])
            try db.execute(sql: "DROP TABLE \(marks)")
            return gone.count
        }
        return state.withLock {
            $0.gone = gone
            return $0
        }
    }
}

extension Catalog {
    /// Begins comparing a listing of `source` with what is known of it. One scan of a source at a time.
    public func scan(_ source: Source) throws(CatalogError) -> Scan { try Scan(catalog: self, source: source) }
}

extension ObjectVersion {
    /// Whether two tellings of a version mean the same. A listing of S3 names no version ids, and `head` does: where
    /// one of both lacks it, the entity tag decides.
    fileprivate func isSame(as other: ObjectVersion) -> Bool {
        etag == other.etag && (id == nil || other.id == nil || id == other.id)
    }
}
