internal import Foundation
package import Sigstore

/// The clocks that waiting for services goes by.
package struct ServiceClock: Sendable {
    /// Time since some moment, for distances.
    let now: @Sendable () -> Duration
    let sleep: @Sendable (Duration) async throws -> Void
    /// The time of day.
    let wallTime: @Sendable () -> UTCTime

    package init(_ clock: some Clock<Duration>, wallTime: @escaping @Sendable () -> UTCTime = ServiceClock.systemTime) {
        let start = clock.now
        now = { Self.distance(clock, from: start) }
        sleep = { try await clock.sleep(for: $0) }
        self.wallTime = wallTime
    }

    private static func distance<C: Clock<Duration>>(_ clock: C, from start: C.Instant) -> Duration {
        start.duration(to: clock.now)
    }

    package static let system = ServiceClock(ContinuousClock())

    @Sendable package static func systemTime() -> UTCTime { UTCTime(seconds: time(nil)) }
}
