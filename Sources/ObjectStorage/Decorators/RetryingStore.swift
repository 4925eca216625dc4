public import AssayModel

/// Asks a store again when it fails in a way that may pass.
///
/// What will not pass (`denied`, `notFound`, `changed`, `configuration` and the like) is thrown at once.
public final class RetryingStore: ObjectStore {
    private let base: any ObjectStore
    private let policy: RetryPolicy
    private let clock: any Clock<Duration>
    private let random: @Sendable () -> Double

    /// - Parameter random: numbers from 0 to 1 for the length of waits.
    public init(
        _ base: any ObjectStore, policy: RetryPolicy = RetryPolicy(), clock: any Clock<Duration> = ContinuousClock(),
        random: @escaping @Sendable () -> Double = { .random(in: 0...1) }
    ) {
        self.base = base
        self.policy = policy
        self.clock = clock
        self.random = random
    }

    public func list(
        prefix: String, from token: String?, limit: Int
    ) async throws(ObjectStorageError) -> ObjectPage {
        try await retrying { [base] () async throws(ObjectStorageError) in
            try await base.list(prefix: prefix, from: token, limit: limit)
        }
    }

    public func head(_ key: ObjectKey) async throws(ObjectStorageError) -> StoredObject {
        try await retrying { [base] () async throws(ObjectStorageError) in try await base.head(key) }
    }

    public func read(
        _ key: ObjectKey, version: ObjectVersion, range: ByteRange
    ) async throws(ObjectStorageError) -> ByteBlock {
        try await retrying { [base] () async throws(ObjectStorageError) in
            try await base.read(key, version: version, range: range)
        }
    }

    public func put(_ key: ObjectKey, _ bytes: ByteBlock) async throws(ObjectStorageError) -> StoredObject {
        try await retrying { [base] () async throws(ObjectStorageError) in try await base.put(key, bytes) }
    }

    private func retrying<R: Sendable>(
        _ request: @Sendable () async throws(ObjectStorageError) -> R
    ) async throws(ObjectStorageError) -> R {
        var failures = 0
        while true {
            do throws(ObjectStorageError) {
                return try await request()
            } catch {
                guard error.isTransient else { throw error }
                failures += 1
                var retryAfter: Duration?
                if case .transient(let reason, let wish) = error {
                    guard failures < policy.attempts else {
                        throw .unavailable("\(reason) (asked \(failures) times)")
                    }
                    retryAfter = wish
                }
                guard failures < policy.attempts else { throw error }
                let delay = policy.delay(after: failures, retryAfter: retryAfter, random: random())
                do {
                    try await clock.sleep(for: delay)
                } catch {
                    throw .cancelled
                }
            }
        }
    }
}
