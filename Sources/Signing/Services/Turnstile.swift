internal import Synchronization

/// Lets tasks through one after another, not faster than a rate, and not while a service wants to be left alone.
final class Turnstile: Sendable {
    private let clock: ServiceClock
    private let interval: Duration
    /// When the next task may go.
    private let next: Mutex<Duration>

    /// - Parameter rate: how many a second; nil for any number.
    init(rate: Double?, clock: ServiceClock) {
        self.clock = clock
        interval = rate.map { .seconds(1) / $0 } ?? .zero
        next = Mutex(clock.now())
    }

    /// Waits for the task's turn.
    ///
    /// - Throws: `CancellationError`.
    func turn() async throws {
        let wait = next.withLock { next in
            let now = clock.now()
            let start = max(now, next)
            next = start + interval
            return start - now
        }
        if wait > .zero { try await clock.sleep(wait) }
    }

    /// Lets nobody through for so long.
    func close(for duration: Duration) {
        next.withLock { $0 = max($0, clock.now() + duration) }
    }
}
