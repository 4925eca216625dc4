import Synchronization

/// Lets a burst of lines through to a log and then one summary: a broken store must not fill a disk with its errors.
final class LogGate: Sendable {
    /// So many lines are let through in each interval.
    static let linesPerInterval = 20
    static let interval = Duration.seconds(10)

    private struct State {
        var began: ContinuousClock.Instant?
        var admitted = 0
        var withheld = 0
    }

    private let state = Mutex(State())
    private let log: @Sendable (String) -> Void

    init(_ log: @escaping @Sendable (String) -> Void) { self.log = log }

    /// Writes the line, or counts it as withheld.
    func write(_ line: String, at now: ContinuousClock.Instant = .now) {
        let (admitted, withheld) = state.withLock { state in
            var withheld = 0
            if state.began.map({ now - $0 >= Self.interval }) ?? true {
                withheld = state.withheld
                state = State(began: now)
            }
            guard state.admitted < Self.linesPerInterval else {
                state.withheld += 1
                return (false, withheld)
            }
            state.admitted += 1
            return (true, withheld)
        }
        if withheld > 0 { log("\(withheld) more messages were left out.") }
        if admitted { log(line) }
    }
}
