import AssayModel
import AssayTestSupport
import DigestCatalog
import Indexing
import ObjectStorage
import Synchronization
import Testing

@Suite struct IndexingFaultsTests {
    @Test(arguments: [FaultyStore.Fault.reset, .busy(retryAfter: nil), .truncated, .denied])
    func oneFailureDoesNotKeepTheOthersOut(_ fault: FaultyStore.Fault) async throws {
        let workshop = try Workshop()
        for name in ["a", "b", "c"] { try await workshop.put("\(name).zip", ["x": name]) }
        // The first request is the listing.
        let store = FaultyStore(workshop.bucket, [.none, fault])
        let log = Log<IndexEvent>()
        let first = try await workshop.index(through: store, jobs: 1) { log.add($0) }
        #expect(first.failed == 1)
        #expect(first.indexed == 2)
        #expect(!first.isComplete)
        #expect(try workshop.digests().keys.sorted() == ["b/x", "c/x"])
        let failures = log.events.compactMap { if case .failed(let object, _) = $0 { object.key.name } else { nil } }
        #expect(failures == ["a.zip"])
        let second = try await workshop.index()
        #expect(second.indexed == 1)
        #expect(try workshop.digests().keys.sorted() == ["a/x", "b/x", "c/x"])
    }

    @Test func aSourceThatCannotBeListedIsAnError() async throws {
        let workshop = try Workshop()
        try await workshop.put("a.zip", ["x": "1"])
        try await workshop.index()
        let store = FaultyStore(workshop.bucket, [.denied])
        await #expect {
            try await workshop.index(through: store)
        } throws: { error in
            if case IndexingError.source(.denied) = error { true } else { false }
        }
        #expect(try workshop.tree().count == 1, "nothing is gone because a listing failed")
    }

    @Test(arguments: [false, true]) func endsUpAtTheNewVersionOfAnObjectReplacedMeanwhile(versioned: Bool) async throws
    {
        let workshop = try Workshop(bucket: MemoryStore(keepsVersions: versioned))
        let key = ObjectKey("a.zip")
        try await workshop.put("a.zip", ["x": "old"])
        let newer = ZipBuilder([ZipBuilder.Entry("y", "new")]).build()
        let store = HookedStore(workshop.bucket) { [bucket = workshop.bucket] _, number throws(ObjectStorageError) in
            if number == 1 { _ = try await bucket.put(key, ByteBlock(newer)) }
        }
        let report = try await workshop.index(through: store)
        #expect(report.indexed == 1)
        #expect(report.failed == 0)
        #expect(report.requests == 2)
        #expect(try workshop.digests() == ["a/y": SHA256Digest(of: "new".utf8)])
        let counting = CountingStore(workshop.bucket)
        try await workshop.index(through: counting)
        #expect(counting.counter.counts.reads == 0, "the version that was read is the one that is listed")
    }

    @Test func anObjectReplacedAgainAndAgainWaitsForTheNextRun() async throws {
        let workshop = try Workshop()
        try await workshop.put("a.zip", ["x": "1"])
        try await workshop.put("b.zip", ["x": "2"])
        let store = FaultyStore(workshop.bucket, [.none, .changed, .none, .changed, .none, .changed])
        let report = try await workshop.index(through: store, jobs: 1)
        #expect(report.failed == 1)
        #expect(report.indexed == 1)
        #expect(store.faultsLeft == 0)
        try await workshop.index()
        #expect(try workshop.digests().count == 2)
    }

    @Test func anObjectDeletedMeanwhileIsNoFailure() async throws {
        let workshop = try Workshop()
        try await workshop.put("a.zip", ["x": "1"])
        try await workshop.put("b.zip", ["x": "2"])
        let store = HookedStore(workshop.bucket) { [bucket = workshop.bucket] key, _ throws(ObjectStorageError) in
            if key.name == "a.zip" { bucket.remove(key) }
        }
        let report = try await workshop.index(through: store)
        #expect(report.failed == 0)
        #expect(report.indexed == 1)
        #expect(try await workshop.index().scan.gone == 1)
    }

    /// Reads of pieces of one archive, of others, and the listing: wherever it is cut off, the next run makes it whole.
    @Test(arguments: 1...5) func aCancelledRunLeavesNoTrace(atRead stop: Int) async throws {
        func filled() async throws -> Workshop {
            let workshop = try Workshop()
            // More entries than are held in memory, so that some are staged before the archive is complete.
            let many = (0..<9000).map { ZipBuilder.Entry("d\($0 % 70)/\($0)", Array("content \($0)".utf8)) }
            let large = ZipBuilder.Entry("large", noise(9 << 20)) { $0.method = ZipCompressor.stored }
            try await workshop.put("a.zip", ["x": "1"])
            try await workshop.put("b.zip", ZipBuilder(many + [large]).build())
            try await workshop.put("c.zip", ["x": "3"])
            try await workshop.put("d", [4])
            return workshop
        }
        let undisturbed = try await filled()
        #expect(try await undisturbed.index().requests >= 5, "the test cuts off each of them")

        let workshop = try await filled()
        let canceller = Mutex<(@Sendable () -> Void)?>(nil)
        let store = HookedStore(workshop.bucket) { _, number throws(ObjectStorageError) in
            if number == stop { canceller.withLock { $0 }?() }
        }
        let gate = AsyncStream<Void>.makeStream()
        let task = Task {
            for await _ in gate.stream { break }
            return try await workshop.index(through: store, jobs: 1)
        }
        canceller.withLock { $0 = { task.cancel() } }
        gate.continuation.finish()
        let result = await task.result
        #expect(throws: IndexingError.self) { try result.get() }
        let partial = try workshop.tree()
        #expect(partial["b/d0/0"] == nil || partial.keys.contains("b/large"), "an archive appears whole")
        try await workshop.index()
        #expect(try workshop.dump() == undisturbed.dump())
    }

    @Test func onlyOneRunAtATimeIndexesACatalog() async throws {
        let workshop = try Workshop()
        let claim = try workshop.catalog.claim(role: "index")
        await #expect {
            try await workshop.index()
        } throws: { error in
            if case IndexingError.catalog(.held) = error { true } else { false }
        }
        withExtendedLifetime(claim) {}
    }
}
