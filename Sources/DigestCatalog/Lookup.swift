public import AssayModel
import Foundation
import GRDB

/// A place where an artifact is, or was.
public struct Occurrence: Hashable, Sendable {
    public let source: Source
    public let object: StoredObject
    public let state: ObjectState
    /// The entry's path in the archive; nil for a loose object.
    public let entryPath: String?
    /// The numbers of the entry and the object in the catalog.
    public let entryID: Int64
    public let objectID: Int64

    /// What the artifact is called there: its path in the archive, or the last component of its key.
    public var name: String {
        entryPath ?? object.key.components.last { !$0.isEmpty } ?? object.key.name
    }
}

/// An artifact as the catalog knows it.
public struct Artifact: Hashable, Sendable {
    public let id: Int64
    public let digest: SHA256Digest
    /// In bytes.
    public let size: Int
    public let firstSeen: Timestamp
}

extension Catalog {
    /// The artifact with that digest; nil if none was ever indexed.
    public func artifact(_ digest: SHA256Digest) throws(CatalogError) -> Artifact? {
        try read { db in
            try Row.fetchOne(
                db, sql: "SELECT id, size, first_seen FROM artifacts WHERE sha256 = ?", arguments: [Data(digest.bytes)]
            ).map {
                Artifact(
                    id: $0["id"], digest: digest, size: $0["size"], firstSeen: Timestamp(seconds: $0["first_seen"]))
            }
        }
    }

    /// Where an artifact is or was, at most `limit` places, in the order in which they were found.
    public func occurrences(of artifact: Artifact, limit: Int) throws(CatalogError) -> [Occurrence] {
        try read { db in try Self.occurrences(ofArtifact: artifact.id, limit: limit, db) }
    }

    /// Where an artifact is now: of all places, or of those in a source, the one that was found first; nil if there is
    /// none any more.
    public func place(of artifact: Artifact, in source: Source? = nil) throws(CatalogError) -> Occurrence? {
        try read { db in try Self.place(ofArtifact: artifact.id, in: source, db) }
    }

    static func place(ofArtifact id: Int64, in source: Source?, _ db: Database) throws -> Occurrence? {
        try Row.fetchOne(
            db.cachedStatement(
                sql: """
                    SELECT e.id, e.directory_id, e.name, e.object_id \(presentEntries(in: source))
                    AND e.artifact_id = ? ORDER BY e.id LIMIT 1
                    """), arguments: [id]
        ).flatMap { try occurrence(ofEntry: $0, db) }
    }

    static func occurrences(ofArtifact id: Int64, limit: Int, _ db: Database) throws -> [Occurrence] {
        let entries = try Row.fetchAll(
            db.cachedStatement(
                sql: "SELECT id, directory_id, name, object_id FROM entries WHERE artifact_id = ? ORDER BY id LIMIT ?"),
            arguments: [id, limit])
        return try entries.compactMap { try occurrence(ofEntry: $0, db) }
    }

    static func occurrence(ofEntry row: Row, _ db: Database) throws -> Occurrence? {
        try occurrence(
            entry: row["id"], name: row["name"], directory: row["directory_id"], object: row["object_id"], db)
    }

    /// - Returns: nil for an entry that is staged: it hangs on nothing, and is not the object's own.
    static func occurrence(
        entry: Int64, name: String, directory: Int64?, object: Int64?, _ db: Database
    ) throws -> Occurrence? {
        var object = object
        var path: String?
        if object == nil, let directory {
            let (components, owner) = try pathInArchive(DirectoryID(directory), db)
            path = (components + [name]).joined(separator: "/")
            object = owner
        }
        guard let object, let found = try self.object(object, db) else { return nil }
        return Occurrence(
            source: found.source, object: found.object, state: found.state, entryPath: path, entryID: entry,
            objectID: object)
    }

    /// The directories from an archive's root to `directory`, and the archive's object.
    static func pathInArchive(_ directory: DirectoryID, _ db: Database) throws -> ([String], objectID: Int64?) {
        let find = try db.cachedStatement(sql: "SELECT parent_id, name, object_id FROM directories WHERE id = ?")
        let isRoot = try db.cachedStatement(sql: "SELECT 1 FROM objects WHERE directory_id = ?")
        var components: [String] = []
        var next: Int64? = directory.rawValue
        while let id = next, let row = try Row.fetchOne(find, arguments: [id]) {
            guard let object = row["object_id"] as Int64? else { return ([], nil) }
            if try Int.fetchOne(isRoot, arguments: [id]) != nil { return (components.reversed(), object) }
            components.append(row["name"])
            next = row["parent_id"]
        }
        return ([], nil)
    }

    static func object(
        _ id: Int64, _ db: Database
    ) throws -> (source: Source, object: StoredObject, state: ObjectState)? {
        let row = try Row.fetchOne(
            db.cachedStatement(
                sql: """
                    SELECT o.key, o.version_id, o.etag, o.size, o.modified, o.state, s.id, s.name, s.location, s.directory_id
                    FROM objects o JOIN sources s ON s.id = o.source_id WHERE o.id = ?
                    """), arguments: [id])
        return row.map { row in
            let object = StoredObject(
                key: ObjectKey(row["key"]), version: ObjectVersion(etag: row["etag"], id: row["version_id"]),
                size: row["size"], modified: Timestamp(seconds: row["modified"]))
            return (Source(row), object, ObjectState(rawValue: row["state"]) ?? .pending)
        }
    }
}

extension Occurrence: CustomStringConvertible {
    /// Such as `s3://bucket/builds/7.zip: dist/app.tar.gz`.
    public var description: String {
        let object = source.url(of: object.key)
        return entryPath.map { "\(object): \($0)" } ?? object
    }
}
