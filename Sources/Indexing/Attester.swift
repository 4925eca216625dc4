public import AssayModel
public import DigestCatalog
public import Provenance
public import Sigstore

import struct FoundationEssentials.Data

/// Something that happened while artifacts were attested.
public enum AttestEvent: Sendable {
    /// So many artifacts were attested so far.
    case attested(artifacts: Int)
    /// An artifact could not be attested; the next run tries again.
    case failed(SHA256Digest, reason: String)
}

/// What attesting came to.
public struct AttestReport: Hashable, Sendable {
    public var artifacts = 0
    public var statements = 0
    public var failed = 0

    public init() {}
}

/// Signs a statement for every artifact that is in a store and has no valid attestation.
///
/// Bundles are recorded in batches, each in one transaction together with the fact that the artifacts are attested: a
/// run that was killed repeats at most what it had not recorded, and no artifact gets a second attestation. What fails
/// is recorded as a failure, and does not keep the others from being attested.
public struct Attester: Sendable {
    /// What goes under one statement.
    public enum Scope: String, Sendable, CaseIterable {
        /// Each artifact has its own.
        case digest
        /// All artifacts of an archive share one; an archive of more than 1,024 has several.
        case archive
    }

    /// Makes a bundle of a statement.
    public typealias Signer = @Sendable (_ statement: [UInt8]) throws(SigstoreError) -> SigstoreBundle

    private let catalog: Catalog
    private let sign: Signer
    private let observer: Observation.Observer
    private let scope: Scope
    private let lifetime: Int
    private let now: @Sendable () -> Timestamp
    private static let batch = 256
    private static let kind = "provenance"

    /// - Parameters:
    ///   - observer: who the statements say has observed the artifacts.
    ///   - lifetime: for how many seconds an attestation counts.
    public init(
        catalog: Catalog, observer: Observation.Observer, scope: Scope, lifetime: Int,
        now: @escaping @Sendable () -> Timestamp, sign: @escaping Signer
    ) {
        self.catalog = catalog
        self.sign = sign
        self.observer = observer
        self.scope = scope
        self.lifetime = lifetime
        self.now = now
    }

    /// Attests all that is to be attested now.
    ///
    /// - Throws: `catalog` if it cannot be read or written, `cancelled`; what was recorded before stays.
    public func run(_ observe: @Sendable (AttestEvent) -> Void) throws(IndexingError) -> AttestReport {
        do {
            let claim = try catalog.claim(role: "attest")
            defer { withExtendedLifetime(claim) {} }
            return try attestAll(observe)
        } catch let error as CatalogError {
            throw .catalog(error)
        } catch {
            throw .cancelled
        }
    }

    private func attestAll(_ observe: (AttestEvent) -> Void) throws -> AttestReport {
        var report = AttestReport()
        // What expires while this runs is for the next run.
        let start = now()
        // What failed is still unattested, and would be met again in the archives of other artifacts.
        var failed = Set<Int64>()
        try forEachBatch(expiredAt: start) { artifacts in
            switch scope {
            case .digest: _ = try attest(artifacts.map { [$0] }, &report, observe)
            case .archive:
                var tried = Set<Int64>()
                for artifact in artifacts where !failed.contains(artifact.id) && !tried.contains(artifact.id) {
                    try Task.checkCancellation()
                    // An artifact of two archives belongs to the one that comes first.
                    let siblings = try catalog.unattested(inObject: artifact.occurrence.objectID, now: start)
                        .filter { !failed.contains($0.id) && tried.insert($0.id).inserted }
                    failed.formUnion(try attest(Self.groups(of: siblings), &report, observe))
                }
            }
        }
        return report
    }

    /// First what never was attested, then what was so long ago that it no longer counts.
    private func forEachBatch(expiredAt start: Timestamp, _ body: ([UnattestedArtifact]) throws -> Void) throws {
        for phase in Phase.allCases {
            var last: Int64 = 0
            while true {
                try Task.checkCancellation()
                let artifacts =
                    switch phase {
                    case .unattested: try catalog.unattested(after: last, limit: Self.batch)
                    case .expired: try catalog.expired(after: last, limit: Self.batch, now: start)
                    }
                guard let final = artifacts.last else { break }
                last = final.id
                try body(artifacts)
            }
        }
    }

    private enum Phase: CaseIterable { case unattested, expired }

    /// Signs a statement about each group, and records what came of it.
    ///
    /// - Returns: the numbers of the artifacts that could not be attested.
    private func attest(
        _ groups: [[UnattestedArtifact]], _ report: inout AttestReport, _ observe: (AttestEvent) -> Void
    ) throws -> [Int64] {
        let results = groups.map { (group: $0, outcome: outcome(of: $0)) }
        let time = now()
        try catalog.record(
            results.map { AttestationResult(subjects: $0.group.map(\.id), outcome: $0.outcome) },
            predicateKind: Self.kind, predicateType: Observation.predicateType, now: time,
            expires: Timestamp(seconds: time.seconds + lifetime))
        var failed: [Int64] = []
        for (group, outcome) in results {
            switch outcome {
            case .success:
                report.statements += 1
                report.artifacts += group.count
            case .failure(let reason):
                report.failed += group.count
                failed += group.map(\.id)
                for artifact in group { observe(.failed(artifact.digest, reason: reason)) }
            }
        }
        observe(.attested(artifacts: report.artifacts))
        return failed
    }

    private func outcome(of group: [UnattestedArtifact]) -> AttestationResult.Outcome {
        do {
            return .success(bundle: Data(try sign(statement(about: group)).bytes))
        } catch {
            return .failure("\(error)")
        }
    }

    private func statement(about group: [UnattestedArtifact]) throws(ProvenanceError) -> [UInt8] {
        guard let first = group.first else { throw .noSubjects }
        let place = first.occurrence
        let observation = Observation(
            object: Observation.Object(
                store: place.source.store, key: place.object.key, version: place.object.version,
                size: place.object.size, modified: place.object.modified),
            entryPath: scope == .digest ? place.entryPath : nil,
            started: group.map(\.firstSeen).min() ?? first.firstSeen, finished: now(), observer: observer)
        return try observation.statement(
            about: group.map { Observation.Subject(name: $0.occurrence.name, digest: $0.digest) })
    }

    /// As few groups as statements can be large.
    private static func groups(of artifacts: [UnattestedArtifact]) -> [[UnattestedArtifact]] {
        let most = Observation.defaultSubjectLimit
        return stride(from: 0, to: artifacts.count, by: most).map { start in
            Array(artifacts[start..<min(start + most, artifacts.count)])
        }
    }
}
