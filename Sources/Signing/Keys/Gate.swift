internal import Synchronization

/// Lets a bounded number of tasks in at once; the others wait in the order in which they came.
final class Gate: Sendable {
    private struct State {
        var free: Int
        var tickets = 0
        var waiting: [(ticket: Int, continuation: CheckedContinuation<Bool, Never>)] = []
        /// Those that were cancelled before they began to wait.
        var cancelled: Set<Int> = []
    }

    private let state: Mutex<State>

    init(places: Int) { state = Mutex(State(free: max(1, places))) }

    /// Waits for a place, which `leave` gives back.
    ///
    /// - Throws: `cancelled`, without a place.
    func enter() async throws(SigningError) {
        let ticket = state.withLock { state in
            state.tickets += 1
            return state.tickets
        }
        let isIn = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let answer: Bool? = state.withLock { state in
                    if state.cancelled.remove(ticket) != nil { return false }
                    guard state.free == 0 else {
                        state.free -= 1
                        return true
                    }
                    state.waiting.append((ticket, continuation))
                    return nil
                }
                if let answer { continuation.resume(returning: answer) }
            }
        } onCancel: {
            let continuation = state.withLock { state -> CheckedContinuation<Bool, Never>? in
                guard let index = state.waiting.firstIndex(where: { $0.ticket == ticket }) else {
                    state.cancelled.insert(ticket)
                    return nil
                }
                return state.waiting.remove(at: index).continuation
            }
            continuation?.resume(returning: false)
        }
        // Cancelled while it had its place already, it does not come back to take the mark away.
        state.withLock { _ = $0.cancelled.remove(ticket) }
        guard isIn else { throw .cancelled }
    }

    func leave() {
        let next = state.withLock { state -> CheckedContinuation<Bool, Never>? in
            guard !state.waiting.isEmpty else {
                state.free += 1
                return nil
            }
            return state.waiting.removeFirst().continuation
        }
        next?.resume(returning: true)
    }
}
