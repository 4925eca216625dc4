public import AssayModel
public import Foundation
import GRDB

/// A signed statement that its log has not recorded yet, or whose record was not seen.
public struct PendingAttestation: Hashable, Sendable {
    public let id: Int64
    /// The bundle as far as it goes.
    public let bundle: Data
    /// An artifact that the statement is about.
    public let digest: SHA256Digest
    /// How many artifacts it is about.
    public let subjects: Int
}

/// What came of asking a log to record a pending attestation.
public struct Settlement: Sendable {
    public enum Outcome: Sendable {
        /// The whole bundle.
        case success(bundle: Data)
        /// Why it still waits.
        case pending(String)
        /// Why the signature is of no use: the artifacts have to be attested anew.
        case failure(String)
    }

    public let id: Int64
    public let outcome: Outcome

    public init(id: Int64, outcome: Outcome) {
        self.id = id
        self.outcome = outcome
    }
}

extension Catalog {
    /// Attestations that wait for their log, by their number.
    ///
    /// - Parameter last: the number of the last one seen; 0 for the beginning.
    public func pending(after last: Int64, limit: Int) throws(CatalogError) -> [PendingAttestation] {
        try read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT t.id, t.bundle, count(*) AS subjects, min(a.sha256) AS sha256 FROM attestations t
                    JOIN subjects s ON s.attestation_id = t.id JOIN artifacts a ON a.id = s.artifact_id
                    WHERE t.status = 3 AND t.id > ? GROUP BY t.id ORDER BY t.id LIMIT ?
                    """, arguments: [last, limit]
            ).compactMap { row in
                guard let digest = SHA256Digest(row["sha256"] as Data), let bundle = row["bundle"] as Data? else {
                    return nil
                }
                return PendingAttestation(id: row["id"], bundle: bundle, digest: digest, subjects: row["subjects"])
            }
        }
    }

    /// Records what came of pending attestations, all of it in one transaction. Only for who holds the role "attest".
    ///
    /// - Parameter expires: until when the successes count.
    public func settle(
        _ settlements: [Settlement], now: Timestamp, expires: Timestamp
    ) throws(CatalogError) {
        try write { db in
            for settlement in settlements {
                switch settlement.outcome {
                case .success(let bundle):
                    try db.execute(
                        sql: """
                            UPDATE attestations SET status = 1, bundle = ?, error = NULL, updated = ?, expires = ?
                            WHERE id = ? AND status = 3
                            """, arguments: [bundle, now.seconds, expires.seconds, settlement.id])
                    guard db.changesCount == 1 else { continue }
                    try db.execute(
                        sql: """
                            UPDATE artifacts SET attestation_id = ?1
                            WHERE id IN (SELECT artifact_id FROM subjects WHERE attestation_id = ?1)
                            """, arguments: [settlement.id])
                case .pending(let reason):
                    try db.execute(
                        sql: "UPDATE attestations SET error = ?, updated = ? WHERE id = ? AND status = 3",
                        arguments: [reason, now.seconds, settlement.id])
                case .failure(let reason):
                    try db.execute(
                        sql: """
                            UPDATE attestations SET status = 2, error = ?, bundle = NULL, updated = ?
                            WHERE id = ? AND status = 3
                            """, arguments: [reason, now.seconds, settlement.id])
                }
            }
        }
    }
}
