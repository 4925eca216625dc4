public import AssayModel
public import Foundation
import GRDB

/// A signed statement about artifacts, or the failure to make one.
public struct Attestation: Hashable, Sendable {
    public enum Status: Int, Sendable {
        case success = 1
        case error = 2
        /// It is signed, and waits for a log to record it: the same signature is to be recorded, not another one.
        case pending = 3
    }

    public let id: Int64
    public let status: Status
    /// `provenance`.
    public let predicateKind: String
    /// Such as `https://slsa.dev/provenance/v1`.
    public let predicateType: String
    public let created: Timestamp
    public let expires: Timestamp
    /// Why it could not be made, or why it still waits; nil for a success.
    public let error: String?
    /// The size of the bundle in bytes, of the unfinished one for what is pending; 0 without one.
    public let bundleSize: Int
}

/// An artifact that has no valid attestation, and a place where it was found.
public struct UnattestedArtifact: Hashable, Sendable {
    /// Its number in the catalog: what to go on after.
    public let id: Int64
    public let digest: SHA256Digest
    public let size: Int
    public let firstSeen: Timestamp
    public let occurrence: Occurrence
}

/// What came of attesting artifacts under one statement.
public struct AttestationResult: Sendable {
    public enum Outcome: Sendable {
        /// The bundle, as one file.
        case success(bundle: Data)
        /// A bundle that its log has not recorded yet.
        case pending(bundle: Data)
        /// Why there is none.
        case failure(String)
    }

    /// The numbers of the artifacts in the catalog.
    public let subjects: [Int64]
    public let outcome: Outcome

    public init(subjects: [Int64], outcome: Outcome) {
        self.subjects = subjects
        self.outcome = outcome
    }
}

extension UnattestedArtifact {
    fileprivate init?(_ row: Row, at occurrence: Occurrence) {
        guard let digest = SHA256Digest(row["sha256"] as Data) else { return nil }
        self.init(
            id: row["id"], digest: digest, size: row["size"], firstSeen: Timestamp(seconds: row["first_seen"]),
            occurrence: occurrence)
    }
}

extension Catalog {
    /// Artifacts that are in a store now and have no successful attestation, those with a failed one among them, by their
    /// number. What has a pending one is left out.
    ///
    /// - Parameters:
    ///   - last: the number of the last one seen; 0 for the beginning.
    ///   - source: where they have to be; nil for anywhere.
    public func unattested(
        after last: Int64, limit: Int, in source: Source? = nil
    ) throws(CatalogError) -> [UnattestedArtifact] {
        try unattested(
            "FROM artifacts a WHERE a.attestation_id IS NULL", arguments: [], after: last, limit: limit, in: source)
    }

    /// Artifacts that are in a store now and whose successful attestation is no longer valid at `now`, by their number.
    /// Going through all of them looks at each artifact once. What has a pending one is left out.
    ///
    /// - Parameters:
    ///   - last: the number of the last one seen; 0 for the beginning.
    ///   - source: where they have to be; nil for anywhere.
    public func expired(
        after last: Int64, limit: Int, now: Timestamp, in source: Source? = nil
    ) throws(CatalogError) -> [UnattestedArtifact] {
        let mayBeAny = try read { db in
            try Bool.fetchOne(
                db, sql: "SELECT EXISTS (SELECT 1 FROM attestations WHERE status = 1 AND expires <= ?)",
                arguments: [now.seconds])
        }
        guard mayBeAny == true else { return [] }
        // In this order: attestations that were followed by another stay, and would be looked at for every page.
        return try unattested(
            "FROM artifacts a CROSS JOIN attestations t ON t.id = a.attestation_id WHERE t.expires <= ?",
            arguments: [now.seconds], after: last, limit: limit, in: source)
    }

    private func unattested(
        _ condition: String, arguments: StatementArguments, after last: Int64, limit: Int, in source: Source?
    ) throws(CatalogError) -> [UnattestedArtifact] {
        try read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT a.id, a.sha256, a.size, a.first_seen \(condition)
                    AND a.id > ? AND \(Self.isThere(in: source)) AND NOT \(Self.isPending) ORDER BY a.id LIMIT ?
                    """, arguments: arguments + [last, limit]
            ).compactMap { row in
                try Self.place(ofArtifact: row["id"], in: source, db).flatMap { UnattestedArtifact(row, at: $0) }
            }
        }
    }

    /// Whether the artifact `a` has a pending attestation.
    private static let isPending = """
        EXISTS (SELECT 1 FROM subjects p JOIN attestations q ON q.id = p.attestation_id
            WHERE p.artifact_id = a.id AND q.status = 3)
        """

    /// The artifacts that have a successful attestation, valid or expired, by their number, whether they are still in a
    /// store or not.
    ///
    /// - Parameter last: the number of the last one seen; 0 for the beginning.
    public func attested(
        after last: Int64, limit: Int
    ) throws(CatalogError) -> [(id: Int64, digest: SHA256Digest)] {
        try read { db in
            try Row.fetchAll(
                db.cachedStatement(
                    sql: """
                        SELECT id, sha256 FROM artifacts WHERE attestation_id IS NOT NULL AND id > ?
                        ORDER BY id LIMIT ?
                        """), arguments: [last, limit]
            ).compactMap { row in SHA256Digest(row["sha256"] as Data).map { (row["id"], $0) } }
        }
    }

    /// The artifacts of one object that have neither a valid attestation nor a pending one, each at its place in that
    /// object.
    public func unattested(inObject object: Int64, now: Timestamp) throws(CatalogError) -> [UnattestedArtifact] {
        try read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT a.id, a.sha256, a.size, a.first_seen,
                        min(e.id) AS entry_id, e.directory_id, e.name, e.object_id
                    FROM (SELECT e.* FROM directories d JOIN objects o ON o.id = d.object_id
                            JOIN entries e ON e.directory_id = d.id
                            WHERE d.object_id = ? AND coalesce(d.id < o.first_staged, TRUE)
                        UNION ALL SELECT * FROM entries WHERE object_id = ?) e
                    JOIN artifacts a ON a.id = e.artifact_id LEFT JOIN attestations t ON t.id = a.attestation_id
                    WHERE (t.id IS NULL OR t.expires <= ?) AND NOT \(Self.isPending) GROUP BY a.id ORDER BY a.id
                    """, arguments: [object, object, now.seconds]
            ).compactMap { row in
                try Self.occurrence(
                    entry: row["entry_id"], name: row["name"], directory: row["directory_id"], object: row["object_id"],
                    db
                ).flatMap { UnattestedArtifact(row, at: $0) }
            }
        }
    }

    /// Records results, all of them in one transaction. Only for who holds the role "attest".
    ///
    /// - Returns: the numbers of the attestations, in the order of the results.
    @discardableResult
    public func record(
        _ results: [AttestationResult], predicateKind: String, predicateType: String, now: Timestamp, expires: Timestamp
    ) throws(CatalogError) -> [Int64] {
        try write { db in
            var numbers: [Int64] = []
            let insert = try db.cachedStatement(
                sql: """
                    INSERT INTO attestations (status, predicate_kind, predicate_type, created, updated, expires, error, bundle)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                    """)
            let subject = try db.cachedStatement(sql: "INSERT INTO subjects VALUES (?, ?)")
            let point = try db.cachedStatement(sql: "UPDATE artifacts SET attestation_id = ? WHERE id = ?")
            for result in results {
                for artifact in result.subjects { try Self.removeFailures(artifact, db) }
                let (status, error, bundle): (Attestation.Status, String?, Data?) =
                    switch result.outcome {
                    case .success(let bundle): (.success, nil, bundle)
                    case .pending(let bundle): (.pending, nil, bundle)
                    case .failure(let reason): (.error, reason, nil)
                    }
                try insert.execute(arguments: [
                    status.rawValue, predicateKind, predicateType, now.seconds, now.seconds, expires.seconds, error,
                    bundle,
                ])
                let id = db.lastInsertedRowID
                for artifact in result.subjects {
                    try subject.execute(arguments: [artifact, id])
                    if status == .success { try point.execute(arguments: [id, artifact]) }
                }
                numbers.append(id)
            }
            return numbers
        }
    }

    /// A failure is replaced by what came of the next attempt.
    private static func removeFailures(_ artifact: Int64, _ db: Database) throws {
        let failed = try Int64.fetchAll(
            db.cachedStatement(
                sql: """
                    SELECT t.id FROM subjects s JOIN attestations t ON t.id = s.attestation_id
                    WHERE s.artifact_id = ? AND t.status = 2
                    """), arguments: [artifact])
        for id in failed {
            try db.execute(
                sql: "DELETE FROM subjects WHERE attestation_id = ? AND artifact_id = ?", arguments: [id, artifact])
            try db.execute(
                sql:
                    "DELETE FROM attestations WHERE id = ? AND NOT EXISTS (SELECT 1 FROM subjects WHERE attestation_id = ?)",
                arguments: [id, id])
        }
    }

    /// All attestations of an artifact, the newest first.
    public func attestations(of digest: SHA256Digest) throws(CatalogError) -> [Attestation] {
        try read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT t.*, length(t.bundle) AS bundle_size FROM artifacts a
                    JOIN subjects s ON s.artifact_id = a.id JOIN attestations t ON t.id = s.attestation_id
                    WHERE a.sha256 = ? ORDER BY t.id DESC
                    """, arguments: [Data(digest.bytes)]
            ).map { row in
                Attestation(
                    id: row["id"], status: Attestation.Status(rawValue: row["status"]) ?? .error,
                    predicateKind: row["predicate_kind"], predicateType: row["predicate_type"],
                    created: Timestamp(seconds: row["created"]), expires: Timestamp(seconds: row["expires"]),
                    error: row["error"], bundleSize: row["bundle_size"] ?? 0)
            }
        }
    }

    /// The bundle of a successful attestation; nil if there is no such attestation.
    public func bundle(ofAttestation id: Int64) throws(CatalogError) -> Data? {
        try read { db in
            try Data.fetchOne(db, sql: "SELECT bundle FROM attestations WHERE id = ? AND status = 1", arguments: [id])
        }
    }
}
