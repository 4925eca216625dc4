public import AssayModel
import GRDB

/// A source in numbers.
public struct SourceStatus: Hashable, Sendable {
    public let source: Source
    /// When a listing of it was last complete.
    public let scanned: Timestamp?
    public let objects: [ObjectState: Int]
    /// The stored size of what is indexed, in bytes.
    public let storedSize: Int
    /// Entries of archives, and loose objects.
    public let entries: Int
    /// The uncompressed size of all entries, in bytes.
    public let contentSize: Int
    public let refusedEntries: Int
}

/// The whole catalog in numbers.
public struct CatalogStatus: Hashable, Sendable {
    public let artifacts: Int
    /// Artifacts with a successful attestation that is valid.
    public let attested: Int
    public let failedAttestations: Int
    /// Attestations that are signed and wait for their log.
    public let pendingAttestations: Int
    /// Artifacts whose attestation is no longer valid.
    public let expiredAttestations: Int
    /// The size of the catalog's file, in bytes.
    public let databaseSize: Int
}

/// Something that indexing or attesting refused or failed at.
public struct Problem: Hashable, Sendable {
    public enum Kind: String, Sendable { case object, entry, attestation }

    public let kind: Kind
    /// The source's location, for objects and entries.
    public let location: String
    public let key: String
    /// The entry's name, or the artifact's digest.
    public let name: String
    public let reason: String
}

extension Catalog {
    public func status(of source: Source) throws(CatalogError) -> SourceStatus {
        try read { db in
            var objects: [ObjectState: Int] = [:]
            var (stored, entries, content) = (0, 0, 0)
            for row in try Row.fetchAll(
                db,
                sql: """
                    SELECT state, count(*) AS n, sum(size) AS size, sum(entries) AS entries, sum(content_size) AS content
                    FROM objects WHERE source_id = ? GROUP BY state
                    """, arguments: [source.id])
            {
                guard let state = ObjectState(rawValue: row["state"]) else { continue }
                objects[state] = row["n"]
                if state == .indexed { (stored, entries, content) = (row["size"], row["entries"], row["content"]) }
            }
            let refused = try Int.fetchOne(
                db,
                sql:
                    "SELECT count(*) FROM refusals r JOIN objects o ON o.id = r.object_id WHERE o.source_id = ? AND o.state <> 3",
                arguments: [source.id])
            let scanned = try Int.fetchOne(db, sql: "SELECT scanned FROM sources WHERE id = ?", arguments: [source.id])
            return SourceStatus(
                source: source, scanned: scanned.map { Timestamp(seconds: $0) }, objects: objects, storedSize: stored,
                entries: entries, contentSize: content, refusedEntries: refused ?? 0)
        }
    }

    public func status(now: Timestamp) throws(CatalogError) -> CatalogStatus {
        try read { db in
            func count(_ sql: String, _ arguments: StatementArguments = []) throws -> Int {
                try Int.fetchOne(db, sql: sql, arguments: arguments) ?? 0
            }
            return CatalogStatus(
                artifacts: try count("SELECT count(*) FROM artifacts"),
                attested: try count(
                    "SELECT count(*) FROM artifacts a JOIN attestations t ON t.id = a.attestation_id WHERE t.expires > ?",
                    [now.seconds]),
                failedAttestations: try count("SELECT count(*) FROM attestations WHERE status = 2"),
                pendingAttestations: try count("SELECT count(*) FROM attestations WHERE status = 3"),
                expiredAttestations: try count(
                    "SELECT count(*) FROM artifacts a JOIN attestations t ON t.id = a.attestation_id WHERE t.expires <= ?",
                    [now.seconds]),
                databaseSize: try count("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size"))
        }
    }

    /// What was refused or failed and still is, at most `limit` of each kind.
    public func problems(limit: Int) throws(CatalogError) -> [Problem] {
        try read { db in
            let objects = try Row.fetchAll(
                db,
                sql: """
                    SELECT s.location, o.key, o.error FROM objects o JOIN sources s ON s.id = o.source_id
                    WHERE o.state = 2 ORDER BY s.location, o.key LIMIT ?
                    """, arguments: [limit]
            ).map {
                Problem(kind: .object, location: $0["location"], key: $0["key"], name: "", reason: $0["error"] ?? "")
            }
            let entries = try Row.fetchAll(
                db,
                sql: """
                    SELECT s.location, o.key, r.name, r.code, r.reason FROM refusals r JOIN objects o ON o.id = r.object_id
                    JOIN sources s ON s.id = o.source_id WHERE o.state <> 3 ORDER BY s.location, o.key, r.rowid LIMIT ?
                    """, arguments: [limit]
            ).map {
                Problem(
                    kind: .entry, location: $0["location"], key: $0["key"], name: $0["name"],
                    reason: "\($0["code"] as String): \($0["reason"] as String)")
            }
            let attestations = try Row.fetchAll(
                db,
                sql: """
                    SELECT lower(hex(a.sha256)) AS digest, t.error FROM attestations t
                    JOIN subjects s ON s.attestation_id = t.id JOIN artifacts a ON a.id = s.artifact_id
                    WHERE t.status IN (2, 3) AND t.error IS NOT NULL ORDER BY t.id LIMIT ?
                    """, arguments: [limit]
            ).map {
                Problem(kind: .attestation, location: "", key: "", name: $0["digest"], reason: $0["error"] ?? "")
            }
            return objects + entries + attestations
        }
    }

    /// How many entries there are in the stores now, and their size in bytes.
    public func totals() throws(CatalogError) -> (entries: Int, contentSize: Int) {
        try read { db in
            let row = try Row.fetchOne(db, sql: "SELECT sum(entries), sum(content_size) FROM objects WHERE state = 1")
            return (row?[0] ?? 0, row?[1] ?? 0)
        }
    }
}
