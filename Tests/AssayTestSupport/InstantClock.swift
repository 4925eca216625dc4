import Synchronization

/// A clock on which every wait is over at once, and remembered.
public final class InstantClock: Clock {
    public struct Instant: InstantProtocol {
        var offset = Duration.zero
        public func advanced(by duration: Duration) -> Instant { Instant(offset: offset + duration) }
        public func duration(to other: Instant) -> Duration { other.offset - offset }
        public static func < (a: Self, b: Self) -> Bool { a.offset < b.offset }
    }

    private let state = Mutex<(now: Instant, waits: [Duration])>((Instant(), []))

    public init() {}

    public var now: Instant { state.withLock { $0.now } }
    public var minimumResolution: Duration { .nanoseconds(1) }
    public var waits: [Duration] { state.withLock { $0.waits } }

    public func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        try Task.checkCancellation()
        state.withLock { state in
            state.waits.append(state.now.duration(to: deadline))
            state.now = max(state.now, deadline)
        }
    }
}
