public import AssayModel
public import ObjectStorage
import Synchronization

/// A store that fails as it is told to, in the way that a bucket over a network fails.
public final class FaultyStore: ObjectStore {
    /// What happens to one request.
    public enum Fault: Sendable {
        /// It goes through.
        case none
        /// The connection breaks before an answer.
        case reset
        /// Status 503, with or without the wish to be left alone for a while.
        case busy(retryAfter: Duration?)
        /// The answer ends in its middle.
        case truncated
        /// The answer comes, but late.
        case slow(Duration)
        /// The object is another one by the time it is read.
        case changed
        case denied
    }

    private let base: any ObjectStore
    private let clock: any Clock<Duration>
    private let script: Mutex<[Fault]>

    /// - Parameters:
    ///   - faults: one for each request, in the order in which they come; afterwards all go through.
    ///   - clock: for slow answers.
    public init(_ base: any ObjectStore, _ faults: [Fault], clock: any Clock<Duration> = ContinuousClock()) {
        self.base = base
        self.clock = clock
        script = Mutex(faults.reversed())
    }

    /// Faults that no request met so far.
    public var faultsLeft: Int { script.withLock { $0.count } }

    public func list(
        prefix: String, from token: String?, limit: Int
    ) async throws(ObjectStorageError) -> ObjectPage {
        try await fail(about: nil, length: 0)
        return try await base.list(prefix: prefix, from: token, limit: limit)
    }

    public func head(_ key: ObjectKey) async throws(ObjectStorageError) -> StoredObject {
        try await fail(about: key, length: 0)
        return try await base.head(key)
    }

    public func read(
        _ key: ObjectKey, version: ObjectVersion, range: ByteRange
    ) async throws(ObjectStorageError) -> ByteBlock {
        try await fail(about: key, length: range.length)
        return try await base.read(key, version: version, range: range)
    }

    public func put(_ key: ObjectKey, _ bytes: ByteBlock) async throws(ObjectStorageError) -> StoredObject {
        try await fail(about: key, length: 0)
        return try await base.put(key, bytes)
    }

    private func fail(about key: ObjectKey?, length: Int) async throws(ObjectStorageError) {
        switch script.withLock({ $0.popLast() }) ?? .none {
        case .none: return
        case .reset: throw .transient("the connection was reset", retryAfter: nil)
        case .busy(let retryAfter):
            throw .transient("SlowDown: Please reduce your request rate", retryAfter: retryAfter)
        case .truncated:
            guard let key, length > 0 else { throw .transient("the answer ended in its middle", retryAfter: nil) }
            throw .shortRead(key, expected: length, got: length / 2)
        case .slow(let duration):
            do { try await clock.sleep(for: duration) } catch { throw .cancelled }
        case .changed: if let key { throw .changed(key) }
        case .denied: throw .denied("AccessDenied: Access Denied")
        }
    }
}
