import Archive
import AssayModel
import AssayTestSupport
import DigestCatalog
import Foundation
import Indexing
import ObjectStorage
import Signing
import Sigstore
import Synchronization
import Testing

/// Attesting with a log, which may be away, lie, or see this program die.
@Suite struct AttesterLogTests {
    /// A log that remembers signatures, and marks the bundles that it has seen.
    final class Ledger: Witness {
        let url = "https://log.example.com"
        private let signatures: Mutex<[[UInt8]: Int]>
        private let before: @Sendable () throws(SigningError) -> Void
        private let after: @Sendable () throws(SigningError) -> Void

        /// - Parameters:
        ///   - before: what happens when a request arrives.
        ///   - after: what happens when it is recorded, before the answer goes out.
        init(
            _ signatures: [[UInt8]: Int] = [:], before: @escaping @Sendable () throws(SigningError) -> Void = {},
            after: @escaping @Sendable () throws(SigningError) -> Void = {}
        ) {
            self.signatures = Mutex(signatures)
            self.before = before
            self.after = after
        }

        /// How often each signature was asked for.
        var records: [[UInt8]: Int] { signatures.withLock { $0 } }

        func witness(_ bundle: SigstoreBundle) async throws(SigningError) -> SigstoreBundle {
            guard case .envelope(let envelope) = bundle.content, let signature = envelope.signatures.first else {
                throw .untrue(operation: "record it", url: url, reason: "it is no envelope")
            }
            try before()
            signatures.withLock { $0[signature.bytes, default: 0] += 1 }
            try after()
            var marked = bundle
            marked.timestamps.append([1])
            return marked
        }
    }

    private static let away = SigningError.service(
        operation: "record the signature", url: "https://log.example.com", status: 503, reason: "it is away",
        mayPass: true)

    private func workshop(_ texts: String...) async throws -> Workshop {
        let workshop = try Workshop()
        for text in texts { try await workshop.put(text, Array(text.utf8)) }
        try await workshop.index()
        return workshop
    }

    private func attestations(_ catalog: Catalog, _ text: String) throws -> [Attestation] {
        try catalog.attestations(of: SHA256Digest(of: text.utf8))
    }

    private func isLogged(_ catalog: Catalog, _ attestation: Attestation) throws -> Bool {
        let bytes = try #require(try catalog.bundle(ofAttestation: attestation.id))
        return try SigstoreBundle(parsing: Array(bytes)).timestamps == [[1]]
    }

    @Test(arguments: Attester.Scope.allCases) func aBundleIsASuccessOnceItIsLogged(scope: Attester.Scope) async throws {
        let workshop = try await workshop("a", "b")
        let log = Ledger()
        let clerk = try Clerk()
        let report = try await clerk.attest(workshop, scope: scope, log: log)
        #expect(report.artifacts == 2 && report.pending == 0 && report.failed == 0)
        for text in ["a", "b"] {
            let found = try attestations(workshop.catalog, text)
            #expect(found.map(\.status) == [.success])
            #expect(try isLogged(workshop.catalog, found[0]))
        }
        #expect(log.records.count == 2)
    }

    @Test func whileTheLogIsAwayTheSameSignaturesWait() async throws {
        let workshop = try await workshop("a", "b")
        let clerk = try Clerk()
        for _ in 0..<2 {
            await #expect {
                try await clerk.attest(workshop, log: Ledger(before: { () throws(SigningError) in throw Self.away }))
            } throws: { error in
                if case IndexingError.signing(Self.away) = error { true } else { false }
            }
        }
        #expect(clerk.calls == 2, "what waits is not signed again")
        #expect(try attestations(workshop.catalog, "a").map(\.status) == [.pending])
        #expect(try attestations(workshop.catalog, "a").first?.error?.contains("it is away") == true)
        #expect(try workshop.tree()["a"]?.bundle == nil, "an unfinished bundle is not shown")
        let status = try workshop.catalog.status(now: now)
        #expect(status.pendingAttestations == 2 && status.attested == 0 && status.failedAttestations == 0)
        #expect(try workshop.catalog.problems(limit: 9).count == 2)

        try await workshop.put("c", Array("c".utf8))
        try await workshop.index()
        let log = Ledger()
        let report = try await clerk.attest(workshop, log: log)
        #expect(report.artifacts == 3 && clerk.calls == 3)
        #expect(Set(log.records.values) == [1])
        #expect(try workshop.catalog.problems(limit: 9).isEmpty)
        for text in ["a", "b", "c"] { #expect(try attestations(workshop.catalog, text).map(\.status) == [.success]) }
    }

    @Test func aLogThatIsAwayIsNotAskedForEachOfManySignatures() async throws {
        let workshop = try Workshop()
        for number in 0..<200 { try await workshop.put("\(number)", Array("\(number)".utf8)) }
        try await workshop.index()
        let asked = Mutex(0)
        let log = Ledger(before: { () throws(SigningError) in
            asked.withLock { $0 += 1 }
            throw Self.away
        })
        let clerk = try Clerk()
        await #expect(throws: IndexingError.self) { try await clerk.attest(workshop, log: log) }
        #expect(asked.withLock { $0 } < 20)
        #expect(try workshop.catalog.status(now: now).pendingAttestations == 200)
        let back = Ledger()
        #expect(try await clerk.attest(workshop, log: back).artifacts == 200)
        #expect(back.records.count == 200 && clerk.calls == 200)
    }

    /// One artifact lies in both sources: what was signed of it in the one is not for a run that is for the other.
    @Test func whatWaitsIsLoggedOnlyInARunForItsSource() async throws {
        let workshop = try await workshop("a", "shared")
        let other = try workshop.catalog.source(at: "s3://other/", name: nil, suggestion: "other", now: now)
        let second = MemoryStore()
        for text in ["b", "shared"] { _ = try await second.put(ObjectKey(text), ByteBlock(Array(text.utf8))) }
        let indexer = Indexer(
            catalog: workshop.catalog, source: other, store: second, prefix: "",
            options: Indexer.Options(jobs: 1, window: 32 << 20, limits: ArchiveLimits()), now: { now })
        _ = try await indexer.run { _ in }
        let clerk = try Clerk()
        let away = Ledger(before: { () throws(SigningError) in throw Self.away })
        await #expect(throws: IndexingError.self) {
            try await clerk.attest(workshop, log: away, sources: [workshop.source])
        }
        let log = Ledger()
        let report = try await clerk.attest(workshop, log: log, sources: [other])
        #expect(report.artifacts == 1 && report.pending == 0)
        #expect(try attestations(workshop.catalog, "b").map(\.status) == [.success])
        for text in ["a", "shared"] {
            #expect(try attestations(workshop.catalog, text).map(\.status) == [.pending])
        }
        #expect(try await clerk.attest(workshop, log: log, sources: []).artifacts == 0)
        #expect(try await clerk.attest(workshop, log: log, sources: [other, workshop.source]).artifacts == 2)
        #expect(clerk.calls == 3)
    }

    @Test func whatAnotherSignerLeftIsNotLoggedButSignedAnew() async throws {
        let workshop = try await workshop("a")
        let away = Ledger(before: { () throws(SigningError) in throw Self.away })
        await #expect(throws: IndexingError.self) { try await Clerk().attest(workshop, log: away) }
        let log = Ledger()
        let clerk = try Clerk()
        #expect(try await clerk.attest(workshop, log: log).artifacts == 1)
        #expect(clerk.calls == 1 && log.records.count == 1, "the other's signature is not recorded")
    }

    @Test func anAnswerThatWasLostIsAskedForAgainAndNothingIsRecordedAnew() async throws {
        let workshop = try await workshop("a", "b")
        let clerk = try Clerk()
        let deaf = Ledger(after: { () throws(SigningError) in throw Self.away })
        await #expect(throws: IndexingError.self) { try await clerk.attest(workshop, log: deaf) }
        let log = Ledger(deaf.records)
        let report = try await clerk.attest(workshop, log: log)
        #expect(report.artifacts == 2)
        #expect(log.records.count == 2, "one record for each artifact")
        #expect(clerk.calls == 2)
    }

    @Test func oneThatIsRefusedDoesNotKeepTheOthersFromTheLog() async throws {
        let workshop = try await workshop("a", "b", "c")
        let clerk = try Clerk()
        let count = Mutex(0)
        let moody = Ledger(before: { () throws(SigningError) in
            if count.withLock({
                $0 += 1
                return $0
            }) == 2 {
                throw Self.away
            }
        })
        let report = try await clerk.attest(workshop, log: moody)
        #expect(report.artifacts == 2 && report.pending == 1)
        #expect(try await clerk.attest(workshop, log: moody).artifacts == 1)
        #expect(clerk.calls == 3)
    }

    @Test func aBundleThatDoesNotVerifyIsNoSuccess() async throws {
        let workshop = try await workshop("a")
        let clerk = try Clerk()
        let lies = Mutex(true)
        var options = Attester.Options(lifetime: twoYears)
        options.concurrency = 1
        let check = clerk.check
        let notary = Notary(
            signer: clerk, log: Ledger(),
            check: { bundle, artifact, isLogged throws(SigstoreError) in
                try check(bundle, artifact, isLogged)
                guard isLogged, lies.withLock({ $0 }) else { return }
                // As a verifier that finds a proof of something else.
                throw .malformed(document: "proof", field: "", problem: "is of another tree")
            })
        let attester = Attester(
            catalog: workshop.catalog, notary: notary, observer: .init(version: "1"), options: options, now: { now })
        #expect(try await attester.run { _ in }.failed == 1)
        #expect(try attestations(workshop.catalog, "a").map(\.status) == [.error])
        #expect(try workshop.tree()["a"]?.bundle == nil)
        lies.withLock { $0 = false }
        #expect(try await attester.run { _ in }.artifacts == 1)
        #expect(try attestations(workshop.catalog, "a").map(\.status) == [.success])
    }

    @Test func withoutAnIdentityTheRunStopsAndTheNextGoesOn() async throws {
        let workshop = try await workshop("a", "b", "c")
        let expired = SigningError.token(reason: "The token has expired", advice: "Get a new one")
        let clerk = try Clerk(beforeCall: { call throws(SigningError) in if call > 1 { throw expired } })
        await #expect {
            try await clerk.attest(workshop)
        } throws: { error in
            if case IndexingError.signing(expired) = error { true } else { false }
        }
        #expect(try workshop.catalog.status(now: now).attested == 1, "what was signed before is kept")
        #expect(try workshop.catalog.problems(limit: 9).isEmpty, "it is no failure of the artifacts")
        #expect(try await Clerk().attest(workshop).artifacts == 2)
    }

    /// Where a run can die: when a signature is asked for, when the log gets a request, when it has recorded it.
    enum Death: CaseIterable, CustomTestStringConvertible {
        case signing, asking, recorded
        var testDescription: String { "\(self)" }
    }

    @Test(arguments: Death.allCases) func whoeverGoesOnAfterADeathRecordsNothingTwice(_ death: Death) async throws {
        let names = ["a", "b", "c", "d"]
        for step in 1...names.count {
            let workshop = try Workshop()
            for name in names { try await workshop.put(name, Array(name.utf8)) }
            try await workshop.index()
            let remains = try TemporaryFolder()
            let path = remains.path + "/catalog.sqlite"
            let state = Mutex((count: 0, ledger: [[UInt8]: Int]?.none))
            let ledger = Mutex<Ledger?>(nil)
            // What a kill leaves: the files as they are at that moment, and what the log has recorded.
            let die: @Sendable () -> Void = {
                state.withLock { state in
                    state.count += 1
                    guard state.count == step else { return }
                    for suffix in ["", "-wal"] {
                        try? FileManager.default.copyItem(
                            atPath: workshop.catalog.path + suffix, toPath: path + suffix)
                    }
                    state.ledger = ledger.withLock { $0?.records }
                }
            }
            let log = Ledger(
                before: { if death == .asking { die() } }, after: { if death == .recorded { die() } })
            ledger.withLock { $0 = log }
            let clerk = try Clerk(beforeCall: { _ in if death == .signing { die() } })
            try await clerk.attest(workshop, log: log)

            let catalog = try Catalog(path: path, access: .readWrite)
            let left = Ledger(try #require(state.withLock { $0.ledger }))
            _ = try await clerk.attester(of: catalog, log: left).run { _ in }
            #expect(left.records.count == names.count, "\(death) at step \(step)")
            for name in names {
                let found = try attestations(catalog, name)
                #expect(found.map(\.status) == [.success], "\(name), \(death) at step \(step)")
                for attestation in found { #expect(try isLogged(catalog, attestation)) }
            }
        }
    }
}
