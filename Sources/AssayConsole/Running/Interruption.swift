import Dispatch
import Glibc
import Synchronization

/// Turns SIGINT and SIGTERM into a cancelled task, so that a command can put things in order; a second signal ends the
/// process at once.
final class Interruption: Sendable {
    private struct State {
        var status: CommandStatus?
        var cancel: (@Sendable () -> Void)?
    }

    private let state = Mutex(State())

    /// The exit code of the signal that came, if one did.
    var status: CommandStatus? { state.withLock(\.status) }

    /// Takes the signals over, for as long as the sources returned are kept.
    func watch() -> [any DispatchSourceSignal] {
        [(SIGINT, CommandStatus.interrupted), (SIGTERM, .terminated)].map { number, status in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number)
            source.setEventHandler {
                if !self.receive(status) { _exit(status.rawValue) }
            }
            source.resume()
            return source
        }
    }

    /// Makes the first signal call `cancel`, also if it has come already.
    func onFirstSignal(_ cancel: @escaping @Sendable () -> Void) {
        let hasCome = state.withLock { state in
            state.cancel = cancel
            return state.status != nil
        }
        if hasCome { cancel() }
    }

    /// - Returns: whether this is the first signal.
    func receive(_ status: CommandStatus) -> Bool {
        let (isFirst, cancel) = state.withLock { state in
            defer { state.status = state.status ?? status }
            return (state.status == nil, state.cancel)
        }
        if isFirst { cancel?() }
        return isFirst
    }
}
