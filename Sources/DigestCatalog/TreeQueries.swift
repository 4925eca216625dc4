public import AssayModel
import Foundation
import GRDB

/// A directory of keys, or of an archive.
public struct DirectoryRecord: Hashable, Sendable {
    public let id: DirectoryID
    public let parent: DirectoryID?
    public let name: String
    /// For the root of an archive what its name lacks of its key: `.zip`, in upper or lower case.
    public let archiveSuffix: String?
    /// The archive's modification time; nil for directories of keys.
    public let modified: Timestamp?

    public var isArchiveRoot: Bool { archiveSuffix != nil }
}

/// A file or link in a directory.
public struct EntryRecord: Hashable, Sendable {
    public let id: Int64
    public let directory: DirectoryID?
    public let name: String
    /// What is in it; nil for a link.
    public let artifact: Artifact?
    /// Where the link points; nil for a file.
    public let link: String?
    public let method: Int
    public let dataOffset: Int
    public let compressedSize: Int
    public let crc32: UInt32
    /// The entry's own time, or the object's.
    public let modified: Timestamp
    /// The attestation beside it.
    public let bundle: BundleRecord?
}

/// A bundle without its bytes.
public struct BundleRecord: Hashable, Sendable {
    /// The attestation's number.
    public let id: Int64
    /// In bytes.
    public let size: Int
    public let created: Timestamp
}

/// The tree that keys and archives make, one directory at a time. All names are as stored, not yet made fit for a file
/// system, and several children may have one name.
extension Catalog {
    /// The directories of the sources' keys, called as the sources are.
    public func rootDirectories() throws(CatalogError) -> [DirectoryRecord] {
        try sources().map {
            DirectoryRecord(id: $0.root, parent: nil, name: $0.name, archiveSuffix: nil, modified: nil)
        }
    }

    public func directory(_ id: DirectoryID) throws(CatalogError) -> DirectoryRecord? {
        try read { db in
            try Row.fetchOne(
                db.cachedStatement(sql: Self.directories + " WHERE d.id = ?"), arguments: [id.rawValue]
            ).map(DirectoryRecord.init)
        }
    }

    /// The directories in a directory; only those called `name`, if it is given.
    public func directories(in parent: DirectoryID, named name: String? = nil) throws(CatalogError) -> [DirectoryRecord]
    {
        try read { db in
            let statement = try db.cachedStatement(
                sql: Self.directories + " WHERE d.parent_id = ?" + (name == nil ? "" : " AND d.name = ?"))
            let arguments: StatementArguments = [parent.rawValue]
            return try Row.fetchAll(statement, arguments: name.map { arguments + [$0] } ?? arguments)
                .map(DirectoryRecord.init)
        }
    }

    /// The files and links in a directory; only those called `name`, if it is given.
    public func entries(in directory: DirectoryID, named name: String? = nil) throws(CatalogError) -> [EntryRecord] {
        try read { db in
            let statement = try db.cachedStatement(
                sql: Self.entries + " WHERE e.directory_id = ?" + (name == nil ? "" : " AND e.name = ?"))
            let arguments: StatementArguments = [directory.rawValue]
            return try Row.fetchAll(statement, arguments: name.map { arguments + [$0] } ?? arguments)
                .compactMap(EntryRecord.init)
        }
    }

    public func entry(_ id: Int64) throws(CatalogError) -> EntryRecord? {
        try read { db in
            try Row.fetchOne(db.cachedStatement(sql: Self.entries + " WHERE e.id = ?"), arguments: [id])
                .flatMap(EntryRecord.init)
        }
    }

    /// Where the bytes of an entry lie; nil if the entry is no longer there.
    public func occurrence(ofEntry id: Int64) throws(CatalogError) -> Occurrence? {
        try read { db in
            try Row.fetchOne(
                db, sql: "SELECT id, directory_id, name, object_id FROM entries WHERE id = ?", arguments: [id]
            ).flatMap { try Self.occurrence(ofEntry: $0, db) }
        }
    }

    /// The artifacts whose digests start with a byte, in the order of their digests, with their bundles. Only those that
    /// are in a store now; if a source is given, in that one.
    public func artifacts(startingWith byte: UInt8, in source: Source? = nil) throws(CatalogError) -> [(
        artifact: Artifact, bundle: BundleRecord?
    )] {
        try read { db in
            let upper = byte == 255 ? "" : " AND a.sha256 < ?"
            let bounds: StatementArguments = byte == 255 ? [Data([byte])] : [Data([byte]), Data([byte + 1])]
            return try Row.fetchAll(
                db,
                sql: Self.artifacts + " WHERE a.sha256 >= ?" + upper
                    + " AND \(Self.isThere(in: source)) ORDER BY a.sha256",
                arguments: bounds
            ).compactMap(Self.artifact)
        }
    }

    /// The artifact with a number, if it is in a store now; if a source is given, in that one.
    public func artifact(
        id: Int64, in source: Source? = nil
    ) throws(CatalogError) -> (artifact: Artifact, bundle: BundleRecord?)? {
        try read { db in
            try Row.fetchOne(
                db.cachedStatement(sql: Self.artifacts + " WHERE a.id = ? AND \(Self.isThere(in: source))"),
                arguments: [id]
            ).flatMap(Self.artifact)
        }
    }

    /// The size and time of an attestation's bundle; nil if there is none.
    public func bundleRecord(_ id: Int64) throws(CatalogError) -> BundleRecord? {
        try read { db in
            try Row.fetchOne(
                db,
                sql: """
                    SELECT id AS bundle_id, length(bundle) AS bundle_size, created AS bundle_created
                    FROM attestations WHERE id = ? AND status = 1
                    """, arguments: [id]
            ).flatMap(BundleRecord.init)
        }
    }

    private static let bundleColumns =
        "t.id AS bundle_id, length(t.bundle) AS bundle_size, t.created AS bundle_created"

    private static let directories = """
        SELECT d.id, d.parent_id, d.name, CASE WHEN o.directory_id = d.id THEN substr(o.key, -4) END AS suffix,
            o.modified
        FROM directories d LEFT JOIN objects o ON o.id = d.object_id
        """

    private static let entries = """
        SELECT e.id, e.directory_id, e.name, e.link, e.method, e.data_offset, e.compressed_size, e.crc32,
            coalesce(e.modified, o.modified, ao.modified, 0) AS modified,
            a.id AS artifact_id, a.sha256, a.size, a.first_seen, \(bundleColumns)
        FROM entries e
        LEFT JOIN objects o ON o.id = e.object_id
        LEFT JOIN directories d ON d.id = e.directory_id
        LEFT JOIN objects ao ON ao.id = d.object_id
        LEFT JOIN artifacts a ON a.id = e.artifact_id
        LEFT JOIN attestations t ON t.id = a.attestation_id
        """

    private static let artifacts = """
        SELECT a.id, a.sha256, a.size, a.first_seen, \(bundleColumns)
        FROM artifacts a LEFT JOIN attestations t ON t.id = a.attestation_id
        """

    /// Whether artifact `a` lies in an object that is in its store now.
    static func isThere(in source: Source?) -> String {
        "EXISTS (SELECT 1 \(presentEntries(in: source)) AND e.artifact_id = a.id)"
    }

    /// The entries `e` of the objects `o` that are in their stores now, without those that are only staged.
    static func presentEntries(in source: Source?) -> String {
        """
        FROM entries e LEFT JOIN directories d ON d.id = e.directory_id
        JOIN objects o ON o.id = coalesce(e.object_id, d.object_id)
        WHERE o.state = 1 AND coalesce(d.id < o.first_staged, TRUE)
        """ + (source.map { " AND o.source_id = \($0.id)" } ?? "")
    }

    private static func artifact(_ row: Row) -> (artifact: Artifact, bundle: BundleRecord?)? {
        guard let digest = SHA256Digest(row["sha256"] as Data) else { return nil }
        let artifact = Artifact(
            id: row["id"], digest: digest, size: row["size"], firstSeen: Timestamp(seconds: row["first_seen"]))
        return (artifact, BundleRecord(row))
    }
}

extension DirectoryRecord {
    init(_ row: Row) {
        self.init(
            id: DirectoryID(row["id"]), parent: (row["parent_id"] as Int64?).map { DirectoryID($0) }, name: row["name"],
            archiveSuffix: row["suffix"],
            modified: (row["modified"] as Int?).map { Timestamp(seconds: $0) })
    }
}

extension EntryRecord {
    init?(_ row: Row) {
        var artifact: Artifact?
        if let id = row["artifact_id"] as Int64? {
            guard let digest = SHA256Digest(row["sha256"] as Data) else { return nil }
            artifact = Artifact(
                id: id, digest: digest, size: row["size"], firstSeen: Timestamp(seconds: row["first_seen"]))
        }
        self.init(
            id: row["id"], directory: (row["directory_id"] as Int64?).map { DirectoryID($0) }, name: row["name"],
            artifact: artifact, link: row["link"], method: row["method"], dataOffset: row["data_offset"],
            compressedSize: row["compressed_size"],
            crc32: UInt32(bitPattern: Int32(truncatingIfNeeded: row["crc32"] as Int64)),
            modified: Timestamp(seconds: row["modified"]), bundle: BundleRecord(row))
    }
}

extension BundleRecord {
    init?(_ row: Row) {
        guard let id = row["bundle_id"] as Int64? else { return nil }
        self.init(id: id, size: row["bundle_size"] ?? 0, created: Timestamp(seconds: row["bundle_created"]))
    }
}
