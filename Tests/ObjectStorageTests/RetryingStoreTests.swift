import AssayModel
import AssayTestSupport
import Testing

@testable import ObjectStorage

@Suite struct RetryingStoreTests {
    private let clock = InstantClock()
    private let key = ObjectKey("a.bin")

    private func store(
        _ faults: [FaultyStore.Fault], policy: RetryPolicy = RetryPolicy()
    ) async throws -> (store: RetryingStore, counter: StoreCounter, object: StoredObject) {
        let memory = MemoryStore()
        let object = try await memory.put("a.bin", "0123456789")
        let counter = StoreCounter()
        let counted = CountingStore(FaultyStore(memory, faults, clock: clock), counter: counter)
        return (RetryingStore(counted, policy: policy, clock: clock, random: { 1 }), counter, object)
    }

    @Test func asksAgainUntilTheAnswerIsWhole() async throws {
        let (store, counter, object) = try await store([.reset, .busy(retryAfter: nil), .truncated])
        #expect(try await store.text(object, 2..<5) == "234")
        #expect(clock.waits == [.milliseconds(200), .milliseconds(400), .milliseconds(800)])
        let counts = counter.counts
        #expect(counts.reads == 4 && counts.failures == 3 && counts.bytesRead == 3)
    }

    @Test func saysInTheEndThatTheStoreIsNotAvailable() async throws {
        var policy = RetryPolicy()
        policy.attempts = 3
        let (store, counter, _) = try await store([.reset, .reset, .reset, .reset], policy: policy)
        await #expect(throws: ObjectStorageError.unavailable("the connection was reset (asked 3 times)")) {
            try await store.head(key)
        }
        #expect(counter.counts.heads == 3)
    }

    @Test func aBodyThatStaysShortIsAnError() async throws {
        let (store, counter, object) = try await store(Array(repeating: .truncated, count: 10))
        await #expect(throws: ObjectStorageError.shortRead(key, expected: 4, got: 2)) {
            try await store.text(object, 0..<4)
        }
        #expect(counter.counts.reads == 6)
    }

    @Test(arguments: [FaultyStore.Fault.denied, .changed])
    func doesNotAskAgainWhatWillNotPass(_ fault: FaultyStore.Fault) async throws {
        let (store, counter, object) = try await store([fault])
        await #expect(throws: ObjectStorageError.self) { try await store.text(object, 0..<4) }
        #expect(counter.counts.reads == 1 && clock.waits.isEmpty)
    }

    @Test func anObjectReplacedBetweenTwoReadsIsAnError() async throws {
        let memory = MemoryStore()
        let store = RetryingStore(memory, clock: clock)
        let object = try await store.put("a.bin", "0123456789")
        #expect(try await store.text(object, 0..<5) == "01234")
        try await memory.put("a.bin", "abcdefghij")
        await #expect(throws: ObjectStorageError.changed(key)) { try await store.text(object, 5..<10) }
        memory.remove(key)
        await #expect(throws: ObjectStorageError.notFound(key)) { try await store.text(object, 5..<10) }
    }

    @Test func waitsAsLongAsTheStoreWantsUpToABound() async throws {
        let (store, _, object) = try await store([.busy(retryAfter: .seconds(7)), .busy(retryAfter: .seconds(86_400))])
        _ = try await store.text(object, 0..<1)
        #expect(clock.waits == [.seconds(7), .seconds(60)])
    }

    @Test func slowAnswersAreAnswers() async throws {
        let (store, counter, object) = try await store([.slow(.seconds(30))])
        #expect(try await store.text(object, 0..<1) == "0")
        #expect(clock.waits == [.seconds(30)] && counter.counts.reads == 1)
    }

    @Test func delaysGrowToABoundAndAreOfRandomLength() {
        let policy = RetryPolicy()
        #expect(policy.delay(after: 1, retryAfter: nil, random: 0) == .zero)
        #expect(policy.delay(after: 3, retryAfter: nil, random: 0.5) == .milliseconds(400))
        #expect(policy.delay(after: 1_000_000, retryAfter: nil, random: 1) == .seconds(20))
    }

    @Test func endsWhenCancelledWhileWaiting() async throws {
        let (store, counter, _) = try await store(Array(repeating: .reset, count: 6))
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await store.head(ObjectKey("a.bin"))
        }
        await #expect(throws: ObjectStorageError.cancelled) { try await task.value }
        #expect(counter.counts.heads == 1)
    }
}
