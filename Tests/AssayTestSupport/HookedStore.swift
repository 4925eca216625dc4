public import AssayModel
public import ObjectStorage
import Synchronization

/// A store that lets a test act before each read: replace an object, cancel a task, or refuse.
public final class HookedStore: ObjectStore {
    /// Called before each read with the key and the number of the read, counted from 1.
    public typealias Hook = @Sendable (ObjectKey, Int) async throws(ObjectStorageError) -> Void

    private let base: any ObjectStore
    private let hook: Hook
    private let reads = Mutex(0)

    public init(_ base: any ObjectStore, beforeRead hook: @escaping Hook) {
        self.base = base
        self.hook = hook
    }

    public func list(
        prefix: String, from token: String?, limit: Int
    ) async throws(ObjectStorageError) -> ObjectPage {
        try await base.list(prefix: prefix, from: token, limit: limit)
    }

    public func head(_ key: ObjectKey) async throws(ObjectStorageError) -> StoredObject { try await base.head(key) }

    public func read(
        _ key: ObjectKey, version: ObjectVersion, range: ByteRange
    ) async throws(ObjectStorageError) -> ByteBlock {
        let number = reads.withLock { reads in
            reads += 1
            return reads
        }
        try await hook(key, number)
        return try await base.read(key, version: version, range: range)
    }

    public func put(_ key: ObjectKey, _ bytes: ByteBlock) async throws(ObjectStorageError) -> StoredObject {
        try await base.put(key, bytes)
    }
}
