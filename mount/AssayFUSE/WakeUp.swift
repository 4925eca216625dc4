internal import ChildProcess
internal import Glibc
import Synchronization

/// What wakes a thread that waits in `poll`: from another thread, or from a signal handler.
final class WakeUp: Sendable {
    private let pipe: Pipe

    init() throws(Command.Failure) { pipe = try Pipe() }

    /// Readable from the first signal on, and for ever.
    var descriptor: CInt { pipe.reading }

    /// SIG_IGN, which is no function, and so cannot be compared as one.
    private static let ignored = 1

    func signal() { pipe.wake() }

    /// Runs `body` while the given signals wake.
    func onSignals(_ signals: [CInt], during body: () -> Void) {
        signalled.store(pipe.writing, ordering: .sequentiallyConsistent)
        var action = sigaction()
        action.__sigaction_handler.sa_handler = { _ in WakeUp.write(to: signalled.load(ordering: .relaxed)) }
        action.sa_flags = SA_RESTART
        var previous: [(CInt, sigaction)] = []
        for signal in signals {
            var old = sigaction()
            sigaction(signal, nil, &old)
            // What is ignored stays so: that is what nohup(1) is for.
            if unsafeBitCast(old.__sigaction_handler.sa_handler, to: Int.self) == Self.ignored { continue }
            sigaction(signal, &action, nil)
            previous.append((signal, old))
        }
        body()
        for (signal, old) in previous {
            var old = old
            sigaction(signal, &old, nil)
        }
        signalled.store(-1, ordering: .sequentiallyConsistent)
    }

    /// Called by a signal handler: no memory, no locks, and the interrupted thread's `errno` as it was.
    private static func write(to descriptor: CInt) {
        let saved = errno
        var byte: UInt8 = 0
        _ = Glibc.write(descriptor, &byte, 1)
        errno = saved
    }
}

/// Where the signal handler writes; a handler has nothing but globals.
private let signalled = Atomic<CInt>(-1)
