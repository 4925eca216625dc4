public import AssayModel
public import ObjectStorage
import Synchronization

/// A store in memory, for tests: with or without versions, like a bucket.
public final class MemoryStore: ObjectStore {
    private struct Content {
        let object: StoredObject
        let bytes: ByteBlock
    }

    private struct State {
        /// The versions of each key, the newest last; one each unless versions are kept.
        var contents: [ObjectKey: [Content]] = [:]
        var puts = 0
    }

    private let keepsVersions: Bool
    private let now: @Sendable () -> Timestamp
    private let state = Mutex(State())

    /// - Parameter keepsVersions: whether old versions stay readable by their ids.
    public init(
        keepsVersions: Bool = false,
        now: @escaping @Sendable () -> Timestamp = { Timestamp(seconds: 1_700_000_000) }
    ) {
        self.keepsVersions = keepsVersions
        self.now = now
    }

    public func list(
        prefix: String, from token: String?, limit: Int
    ) async throws(ObjectStorageError) -> ObjectPage {
        let after = token.map { ObjectKey($0) }
        let found = state.withLock { state in
            state.contents.values.compactMap(\.last?.object).filter { object in
                object.key.name.utf8.starts(with: prefix.utf8) && after.map { $0 < object.key } ?? true
            }
        }.sorted { $0.key < $1.key }
        let page = found.prefix(max(limit, 1))
        // A listing names no versions, as in S3.
        let objects = page.map {
            StoredObject(
                key: $0.key, version: ObjectVersion(etag: $0.version.etag), size: $0.size, modified: $0.modified)
        }
        return ObjectPage(objects: objects, next: page.count < found.count ? page.last?.key.name : nil)
    }

    public func head(_ key: ObjectKey) async throws(ObjectStorageError) -> StoredObject {
        guard let content = state.withLock({ $0.contents[key]?.last }) else { throw .notFound(key) }
        return content.object
    }

    public func read(
        _ key: ObjectKey, version: ObjectVersion, range: ByteRange
    ) async throws(ObjectStorageError) -> ByteBlock {
        guard !Task.isCancelled else { throw .cancelled }
        guard range.length > 0 else { return ByteBlock(uninitializedCount: 0) }
        guard let versions = state.withLock({ $0.contents[key] }) else { throw .notFound(key) }
        let content = version.id.map { id in versions.last { $0.object.version.id == id } } ?? versions.last
        guard let content, content.object.version.etag == version.etag else { throw .changed(key) }
        guard range.end <= content.bytes.count else {
            throw .shortRead(key, expected: range.length, got: max(0, content.bytes.count - range.offset))
        }
        return content.bytes.withUnsafeBytes { ByteBlock($0[range.offset..<range.end]) }
    }

    public func put(_ key: ObjectKey, _ bytes: ByteBlock) async throws(ObjectStorageError) -> StoredObject {
        guard !key.name.isEmpty else { throw .configuration("An object needs a key that is not empty.") }
        var hasher = SHA256Hasher()
        bytes.withUnsafeBytes { hasher.update($0) }
        let etag = String(hasher.finish().hex.prefix(32))
        return state.withLock { state in
            state.puts += 1
            let object = StoredObject(
                key: key, version: ObjectVersion(etag: etag, id: keepsVersions ? "v\(state.puts)" : nil),
                size: bytes.count, modified: now())
            let old = keepsVersions ? state.contents[key] ?? [] : []
            state.contents[key] = old + [Content(object: object, bytes: bytes)]
            return object
        }
    }

    /// Takes an object away, as somebody else might.
    public func remove(_ key: ObjectKey) { state.withLock { $0.contents[key] = nil } }
}
