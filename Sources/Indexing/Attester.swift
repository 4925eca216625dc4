public import AssayModel
public import DigestCatalog
public import Provenance
public import Signing
import Sigstore
import Synchronization

import struct FoundationEssentials.Data

/// Signs a statement for every artifact that is in a store and has no valid attestation.
///
/// Nothing is signed twice, and nothing is logged twice, however a run ends. Bundles are recorded in batches, each in one
/// transaction together with the fact that the artifacts are attested. Where a log is asked, the signatures are recorded
/// before it is: a run that was killed leaves them pending, and the next one has the log record those, not new ones. What
/// fails is recorded as a failure, and does not keep the others from being attested.
public struct Attester: Sendable {
    /// What goes under one statement.
    public enum Scope: String, Sendable, CaseIterable {
        /// Each artifact has its own.
        case digest
        /// All artifacts of an archive share one; an archive of more than 1,024 has several.
        case archive
    }

    public struct Options: Sendable {
        public var scope = Scope.digest
        /// For how many seconds an attestation counts.
        public var lifetime: Int
        /// How many statements are being signed or logged at once.
        public var concurrency = 32
        /// Where the artifacts have to be, and what a signature that waits for its log has to be about; nil for anywhere,
        /// also in sources that are added while this runs.
        public var sources: [Source]?

        public init(lifetime: Int) { self.lifetime = lifetime }
    }

    let catalog: Catalog
    let notary: Notary
    let options: Options
    private let observer: Observation.Observer
    let now: @Sendable () -> Timestamp
    static let batch = 256
    private static let kind = "provenance"

    /// - Parameter observer: who the statements say has observed the artifacts.
    public init(
        catalog: Catalog, notary: Notary, observer: Observation.Observer, options: Options,
        now: @escaping @Sendable () -> Timestamp
    ) {
        self.catalog = catalog
        self.notary = notary
        self.observer = observer
        self.options = options
        self.now = now
    }

    /// Attests all that is to be attested now, beginning with what waits for its log.
    ///
    /// - Throws: `catalog` if it cannot be read or written; `signing` if a service that all need is away or there is no
    ///   identity to sign with; `cancelled`. What was recorded before stays.
    public func run(_ observe: @Sendable (AttestEvent) -> Void) async throws(IndexingError) -> AttestReport {
        do {
            let claim = try catalog.claim(role: "attest")
            defer { withExtendedLifetime(claim) {} }
            var report = AttestReport()
            try await finishPending(&report, observe)
            try await attestAll(&report, observe)
            return report
        } catch let error as CatalogError {
            throw .catalog(error)
        } catch let error as SigningError where error != .cancelled {
            throw .signing(error)
        } catch {
            throw .cancelled
        }
    }

    private func attestAll(_ report: inout AttestReport, _ observe: (AttestEvent) -> Void) async throws {
        // What expires while this runs is for the next run.
        let start = now()
        // What failed is still unattested, and would be met again in the archives of other artifacts.
        var failed = Set<Int64>()
        let places = options.sources.map { $0.map(Optional.some) } ?? [nil]
        for (phase, place) in Phase.allCases.flatMap({ phase in places.map { (phase, $0) } }) {
            var last: Int64 = 0
            while true {
                try Task.checkCancellation()
                let artifacts = try artifacts(phase, after: last, expiredAt: start, in: place)
                guard let final = artifacts.last else { break }
                last = final.id
                switch options.scope {
                case .digest: _ = try await attest(artifacts.map { [$0] }, &report, observe)
                case .archive:
                    var tried = Set<Int64>()
                    for artifact in artifacts where !failed.contains(artifact.id) && !tried.contains(artifact.id) {
                        try Task.checkCancellation()
                        // An artifact of two archives belongs to the one that comes first.
                        let siblings = try catalog.unattested(inObject: artifact.occurrence.objectID, now: start)
                            .filter { !failed.contains($0.id) && tried.insert($0.id).inserted }
                        failed.formUnion(try await attest(Self.groups(of: siblings), &report, observe))
                    }
                }
            }
        }
    }

    /// First what never was attested, then what was so long ago that it no longer counts.
    private enum Phase: CaseIterable { case unattested, expired }

    private func artifacts(
        _ phase: Phase, after last: Int64, expiredAt start: Timestamp, in source: Source?
    ) throws(CatalogError) -> [UnattestedArtifact] {
        switch phase {
        case .unattested: try catalog.unattested(after: last, limit: Self.batch, in: source)
        case .expired: try catalog.expired(after: last, limit: Self.batch, now: start, in: source)
        }
    }

    /// Signs a statement about each group, has the log record them, and records what came of it.
    ///
    /// - Returns: the numbers of the artifacts that could not be attested.
    private func attest(
        _ groups: [[UnattestedArtifact]], _ report: inout AttestReport, _ observe: (AttestEvent) -> Void
    ) async throws -> [Int64] {
        // What all need and one could not have is not asked for once more by each of the others.
        let missing = Mutex<SigningError?>(nil)
        let signed = await atOnce(groups) { group -> Result<SigstoreBundle, any Error> in
            if let reason = missing.withLock(\.self) { return .failure(reason) }
            let outcome = await sign(group)
            if case .failure(let error as SigningError) = outcome, error.isForNow {
                missing.withLock { $0 = $0 ?? error }
            }
            return outcome
        }
        var results: [AttestationResult] = []
        var toLog: [(index: Int, bundle: SigstoreBundle, first: SHA256Digest, subjects: Int)] = []
        var failed: [Int64] = []
        var obstacle: SigningError?
        for (group, outcome) in zip(groups, signed) {
            let subjects = group.map(\.id)
            switch outcome {
            case .success(let bundle) where notary.hasLog:
                guard let first = group.first else { continue }
                toLog.append((results.count, bundle, first.digest, group.count))
                results.append(AttestationResult(subjects: subjects, outcome: .pending(bundle: Data(bundle.bytes))))
            case .success(let bundle):
                results.append(AttestationResult(subjects: subjects, outcome: .success(bundle: Data(bundle.bytes))))
                report.statements += 1
                report.artifacts += group.count
            case .failure(let error):
                if let error = error as? SigningError, error.concernsAll {
                    // Nothing was tried that is this artifact's own; the next run meets it again.
                    obstacle = obstacle ?? error
                    continue
                }
                results.append(AttestationResult(subjects: subjects, outcome: .failure("\(error)")))
                report.failed += group.count
                failed += subjects
                for artifact in group { observe(.failed(artifact.digest, reason: "\(error)")) }
            }
        }
        let time = now()
        let numbers = try catalog.record(
            results, predicateKind: Self.kind, predicateType: Observation.predicateType, now: time,
            expires: expiry(from: time))
        try await log(
            toLog.map { Draft(id: numbers[$0.index], bundle: $0.bundle, digest: $0.first, subjects: $0.subjects) },
            &report, observe)
        observe(.attested(artifacts: report.artifacts))
        if let obstacle { throw obstacle }
        return failed
    }

    func expiry(from time: Timestamp) -> Timestamp { Timestamp(seconds: time.seconds + options.lifetime) }

    private func sign(_ group: [UnattestedArtifact]) async -> Result<SigstoreBundle, any Error> {
        do {
            try Task.checkCancellation()
            guard let first = group.first else { throw ProvenanceError.noSubjects }
            let artifact = try ArtifactIdentity(digests: [.sha256: first.digest.bytes])
            return .success(try await notary.sign(statement: statement(about: group), about: artifact))
        } catch is CancellationError {
            return .failure(SigningError.cancelled)
        } catch {
            return .failure(error)
        }
    }

    private func statement(about group: [UnattestedArtifact]) throws(ProvenanceError) -> [UInt8] {
        guard let first = group.first else { throw .noSubjects }
        let place = first.occurrence
        let observation = Observation(
            object: Observation.Object(
                store: place.source.store, key: place.object.key, version: place.object.version,
                size: place.object.size, modified: place.object.modified),
            entryPath: options.scope == .digest ? place.entryPath : nil,
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
