import AssayModel
import DigestCatalog
import Provenance
import Signing
import Sigstore
import Synchronization

import struct FoundationEssentials.Data

/// The second half of attesting: having the log record what is signed.
extension Attester {
    /// A signature that is recorded in the catalog and waits for its log.
    struct Draft: Sendable {
        let id: Int64
        let bundle: SigstoreBundle
        /// An artifact that the statement is about.
        let digest: SHA256Digest
        let subjects: Int
    }

    /// How many failures tell that a log is away.
    private static let patience = 4

    /// Goes on where an earlier run ended.
    func finishPending(_ report: inout AttestReport, _ observe: (AttestEvent) -> Void) async throws {
        var last: Int64 = 0
        while true {
            try Task.checkCancellation()
            let pending = try catalog.pending(after: last, limit: Self.batch)
            guard let final = pending.last else { return }
            last = final.id
            var drafts: [Draft] = []
            var unusable: [Settlement] = []
            for attestation in pending {
                do {
                    let bundle = try SigstoreBundle(parsing: Array(attestation.bundle))
                    guard isWanted(bundle) else { continue }
                    drafts.append(
                        Draft(
                            id: attestation.id, bundle: bundle, digest: attestation.digest,
                            subjects: attestation.subjects))
                } catch {
                    unusable.append(Settlement(id: attestation.id, outcome: .failure("\(error)")))
                }
            }
            try settle(unusable)
            try await log(drafts, &report, observe)
        }
    }

    /// Has the log record signatures, and records what came of it.
    ///
    /// - Throws: the reason if the log recorded none of them because it is away.
    func log(_ drafts: [Draft], _ report: inout AttestReport, _ observe: (AttestEvent) -> Void) async throws {
        guard !drafts.isEmpty else { return }
        // A log that has recorded nothing yet and was away several times is away for the others, too.
        let state = Mutex((hasSuccess: false, failures: 0, obstacle: SigningError?.none))
        let outcomes = await atOnce(drafts) { draft -> Result<SigstoreBundle, any Error> in
            do {
                try Task.checkCancellation()
                if case (false, Self.patience..., let obstacle?) = state.withLock({ $0 }) { throw obstacle }
                let artifact = try ArtifactIdentity(digests: [.sha256: draft.digest.bytes])
                let logged = try await notary.log(draft.bundle, about: artifact)
                state.withLock { $0.hasSuccess = true }
                return .success(logged)
            } catch let error as SigningError where error.isForNow {
                state.withLock { state in
                    state.obstacle = error
                    state.failures += 1
                }
                return .failure(error)
            } catch is CancellationError {
                return .failure(SigningError.cancelled)
            } catch {
                return .failure(error)
            }
        }
        var settlements: [Settlement] = []
        var obstacle: SigningError?
        var hasSuccess = false
        for (draft, outcome) in zip(drafts, outcomes) {
            switch outcome {
            case .success(let bundle):
                hasSuccess = true
                report.statements += 1
                report.artifacts += draft.subjects
                settlements.append(Settlement(id: draft.id, outcome: .success(bundle: Data(bundle.bytes))))
            case .failure(SigningError.cancelled):
                obstacle = .cancelled
                report.pending += draft.subjects
            case .failure(let error):
                let signing = error as? SigningError
                if signing?.concernsAll == true { obstacle = obstacle ?? signing }
                let isUsable = signing?.leavesSignatureUsable ?? false
                let reason = "\(error)"
                settlements.append(Settlement(id: draft.id, outcome: isUsable ? .pending(reason) : .failure(reason)))
                if isUsable { report.pending += draft.subjects } else { report.failed += draft.subjects }
                observe(isUsable ? .pending(draft.digest, reason: reason) : .failed(draft.digest, reason: reason))
            }
        }
        try settle(settlements)
        observe(.attested(artifacts: report.artifacts))
        if let obstacle, !hasSuccess || obstacle == .cancelled { throw obstacle }
    }

    /// Whether a signature is about something in the sources that this run is for: by the object that its statement names,
    /// since an artifact may be in several.
    private func isWanted(_ bundle: SigstoreBundle) -> Bool {
        guard let sources = options.sources else { return true }
        guard case .envelope(let envelope) = bundle.content, let statement = try? JSONValue(parsing: envelope.payload),
            let definition = statement["predicate"]?["buildDefinition"],
            let object = definition["resolvedDependencies"]?.array?.first?["uri"]?.string
        else { return false }
        return sources.contains { object.utf8.starts(with: $0.uriPrefix.utf8) }
    }

    private func settle(_ settlements: [Settlement]) throws(CatalogError) {
        guard !settlements.isEmpty else { return }
        let time = now()
        try catalog.settle(settlements, now: time, expires: expiry(from: time))
    }

    /// Does the work for all items, so many at once as the options say; the results are in the items' order.
    func atOnce<Item: Sendable, R: Sendable>(
        _ items: [Item], _ work: @escaping @Sendable (Item) async -> R
    ) async -> [R] {
        await withTaskGroup(of: (Int, R).self) { group in
            var results = [R?](repeating: nil, count: items.count)
            var rest = items.enumerated().makeIterator()
            func start() {
                guard let (number, item) = rest.next() else { return }
                group.addTask { (number, await work(item)) }
            }
            for _ in 0..<max(1, options.concurrency) { start() }
            while let (number, result) = await group.next() {
                results[number] = result
                start()
            }
            return results.compactMap { $0 }
        }
    }
}

extension Source {
    /// What the URIs of its objects begin with in statements.
    fileprivate var uriPrefix: String {
        let prefix = location.hasPrefix("s3://") ? location.dropFirst(store.count + 1) : ""
        return Observation.Object(
            store: store, key: ObjectKey(String(prefix)), version: ObjectVersion(etag: ""), size: 0,
            modified: Timestamp(seconds: 0)
        ).uri
    }
}
