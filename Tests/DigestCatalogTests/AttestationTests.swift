import AssayModel
import DigestCatalog
import Foundation
import Testing

@Suite struct AttestationTests {
    static let kind = "provenance"
    static let type = "https://slsa.dev/provenance/v1"

    private func record(_ results: [AttestationResult], in catalog: Catalog, expires: Timestamp = later) throws {
        try catalog.record(results, predicateKind: Self.kind, predicateType: Self.type, now: now, expires: expires)
    }

    @Test func aSuccessIsNotAskedForAgainUntilItExpires() throws {
        let catalog = try TestCatalog()
        try catalog.index(object("a.zip", etag: "1"), entries: ["x": "1", "y": "2"])
        let pending = try catalog.catalog.unattested(after: 0, limit: 10)
        #expect(pending.count == 2)
        let done = try #require(pending.first)
        try record(
            [AttestationResult(subjects: [done.id], outcome: .success(bundle: Data("b".utf8)))], in: catalog.catalog)
        #expect(try catalog.catalog.unattested(after: 0, limit: 10).map(\.id) == [pending[1].id])
        #expect(try catalog.catalog.expired(after: 0, limit: 10, now: later).count == 1)
        let attestation = try #require(try catalog.catalog.attestations(of: done.digest).first)
        #expect(attestation.status == .success)
        #expect(try catalog.catalog.bundle(ofAttestation: attestation.id) == Data("b".utf8))
    }

    @Test func whatIsAttestedIsListedByPages() throws {
        let catalog = try TestCatalog()
        try catalog.index(object("a.zip", etag: "1"), entries: ["x": "1", "y": "2", "z": "3"])
        let pending = try catalog.catalog.unattested(after: 0, limit: 10)
        try record(
            [
                AttestationResult(
                    subjects: [pending[0].id, pending[2].id], outcome: .success(bundle: Data("b".utf8))),
                AttestationResult(subjects: [pending[1].id], outcome: .failure("no")),
            ], in: catalog.catalog)
        let first = try catalog.catalog.attested(after: 0, limit: 1)
        #expect(first.map(\.digest) == [pending[0].digest])
        let second = try catalog.catalog.attested(after: first[0].id, limit: 10)
        #expect(second.map(\.digest) == [pending[2].digest])
        #expect(try catalog.catalog.attested(after: second[0].id, limit: 10).isEmpty)
    }

    @Test func aFailureIsReplacedByTheNextAttempt() throws {
        let catalog = try TestCatalog()
        try catalog.index(object("a.zip", etag: "1"), entries: ["x": "1"])
        let artifact = try #require(try catalog.catalog.unattested(after: 0, limit: 10).first)
        for _ in 0..<2 {
            try record([AttestationResult(subjects: [artifact.id], outcome: .failure("no"))], in: catalog.catalog)
        }
        #expect(try catalog.catalog.attestations(of: artifact.digest).map(\.error) == ["no"])
        #expect(try catalog.catalog.unattested(after: 0, limit: 10).count == 1)
        try record(
            [AttestationResult(subjects: [artifact.id], outcome: .success(bundle: Data("b".utf8)))], in: catalog.catalog
        )
        #expect(try catalog.catalog.attestations(of: artifact.digest).map(\.status) == [.success])
        #expect(try catalog.catalog.status(now: now).failedAttestations == 0)
    }

    @Test func aDigestIsAskedForOnceWhereverItLies() throws {
        let catalog = try TestCatalog()
        try catalog.index(object("a.zip", etag: "1"), entries: ["x": "same", "y": "same"])
        try catalog.index(object("b.zip", etag: "1"), entries: ["z": "same"], others: [object("a.zip", etag: "1")])
        let pending = try catalog.catalog.unattested(after: 0, limit: 10)
        #expect(pending.count == 1)
        let artifact = try #require(try catalog.catalog.artifact(SHA256Digest(of: "same".utf8)))
        #expect(try catalog.catalog.occurrences(of: artifact, limit: 10).count == 3)
    }

    @Test func theBundleStandsBesideEveryEntryOfItsDigest() throws {
        let catalog = try TestCatalog()
        try catalog.index(object("a.zip", etag: "1"), entries: ["x": "same", "y": "same"])
        let artifact = try #require(try catalog.catalog.unattested(after: 0, limit: 10).first)
        try record(
            [AttestationResult(subjects: [artifact.id], outcome: .success(bundle: Data("bundle".utf8)))],
            in: catalog.catalog)
        let root = try #require(try catalog.catalog.directories(in: catalog.source.root, named: "a").first)
        #expect(root.isArchiveRoot)
        #expect(try catalog.catalog.entries(in: root.id).map { $0.bundle?.size } == [6, 6])
        #expect(try catalog.catalog.entries(in: root.id, named: "y").count == 1)
        let byDigest = try catalog.catalog.artifacts(startingWith: artifact.digest.bytes[0])
        #expect(byDigest.map(\.artifact.digest) == [artifact.digest])
        #expect(byDigest.first?.bundle?.size == 6)
    }
}
