public import AssayModel
import Synchronization

/// How much a store was asked for, failures included.
public struct StoreCounts: Hashable, Sendable, Codable {
    public var lists = 0
    public var heads = 0
    public var reads = 0
    public var puts = 0
    /// The bytes of all reads that succeeded.
    public var bytesRead = 0
    /// The bytes of all puts that succeeded.
    public var bytesPut = 0
    /// How many requests failed, of whatever kind.
    public var failures = 0

    /// The requests of all kinds.
    public var requests: Int { lists + heads + reads + puts }

    public init() {}
}

/// Counts on behalf of one or more `CountingStore`s.
public final class StoreCounter: Sendable {
    private let state = Mutex(StoreCounts())

    public init() {}

    /// What was counted so far.
    public var counts: StoreCounts { state.withLock { $0 } }

    fileprivate func add(_ change: (inout StoreCounts) -> Void) { state.withLock { change(&$0) } }
}

/// Counts the requests to a store and their bytes.
///
/// Around a `RetryingStore` it counts what was wanted, inside one what was sent.
public final class CountingStore: ObjectStore {
    private let base: any ObjectStore
    /// Where the counts add up.
    public let counter: StoreCounter

    public init(_ base: any ObjectStore, counter: StoreCounter = StoreCounter()) {
        self.base = base
        self.counter = counter
    }

    public func list(
        prefix: String, from token: String?, limit: Int
    ) async throws(ObjectStorageError) -> ObjectPage {
        try await counting(\.lists) { [base] () async throws(ObjectStorageError) in
            try await base.list(prefix: prefix, from: token, limit: limit)
        }
    }

    public func head(_ key: ObjectKey) async throws(ObjectStorageError) -> StoredObject {
        try await counting(\.heads) { [base] () async throws(ObjectStorageError) in try await base.head(key) }
    }

    public func read(
        _ key: ObjectKey, version: ObjectVersion, range: ByteRange
    ) async throws(ObjectStorageError) -> ByteBlock {
        let block = try await counting(\.reads) { [base] () async throws(ObjectStorageError) in
            try await base.read(key, version: version, range: range)
        }
        counter.add { $0.bytesRead += block.count }
        return block
    }

    public func put(_ key: ObjectKey, _ bytes: ByteBlock) async throws(ObjectStorageError) -> StoredObject {
        let object = try await counting(\.puts) { [base] () async throws(ObjectStorageError) in
            try await base.put(key, bytes)
        }
        counter.add { $0.bytesPut += bytes.count }
        return object
    }

    private func counting<R: Sendable>(
        _ kind: WritableKeyPath<StoreCounts, Int>, _ request: @Sendable () async throws(ObjectStorageError) -> R
    ) async throws(ObjectStorageError) -> R {
        counter.add { $0[keyPath: kind] += 1 }
        do throws(ObjectStorageError) {
            return try await request()
        } catch {
            counter.add { $0.failures += 1 }
            throw error
        }
    }
}
