import AssayFUSE
import Foundation
import Synchronization

/// Serves a mount on a thread of its own.
final class MountLoop: Sendable {
    private struct State {
        var hasEnded = false
        var waiting: CheckedContinuation<Void, Never>?
    }

    private let mount: FUSEMount
    private let state = Mutex(State())

    init(_ mount: FUSEMount) { self.mount = mount }

    func start() {
        Thread.detachNewThread { [self] in
            mount.run()
            let waiting = state.withLock { state in
                state.hasEnded = true
                return state.waiting.take()
            }
            waiting?.resume()
        }
    }

    func ended() async {
        await withCheckedContinuation { continuation in
            let hasEnded = state.withLock { state in
                if !state.hasEnded { state.waiting = continuation }
                return state.hasEnded
            }
            if hasEnded { continuation.resume() }
        }
    }
}
