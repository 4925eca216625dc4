import DigestCatalog
import Synchronization

/// The names of the directories that were listed last: whoever lists a directory looks up every name in it next.
///
/// Names are forgotten as soon as the catalog has changed, which is asked at most ten times a second.
final class NameCache: Sendable {
    private struct State {
        var listings: [DirectoryID: DirectoryNames] = [:]
        var names = 0
        var generation: UInt64 = 0
        var asked: ContinuousClock.Instant?
    }

    /// So many names are kept at most, beyond those of the last directory.
    private static let capacity = 200_000
    private static let interval = Duration.milliseconds(100)
    private let state = Mutex(State())

    /// The names of a directory, if they are at hand and as the catalog has them.
    func names(of directory: DirectoryID, generation: () -> UInt64) -> DirectoryNames? {
        let now = ContinuousClock.now
        let isDue = state.withLock { state in
            guard state.listings[directory] != nil else { return false }
            return state.asked.map { now - $0 >= Self.interval } ?? true
        }
        // Asking takes longer than a lock should be held.
        let current = isDue ? generation() : nil
        return state.withLock { state in
            if let current {
                Self.forget(ifNot: current, &state)
                state.asked = now
            }
            return state.listings[directory]
        }
    }

    /// - Parameter generation: that of the catalog before the names were read.
    func insert(_ names: DirectoryNames, of directory: DirectoryID, generation: UInt64) {
        state.withLock { state in
            Self.forget(ifNot: generation, &state)
            if state.names + names.items.count > Self.capacity {
                state.listings = [:]
                state.names = 0
            }
            if state.listings.updateValue(names, forKey: directory) == nil { state.names += names.items.count }
        }
    }

    private static func forget(ifNot generation: UInt64, _ state: inout State) {
        guard state.generation != generation else { return }
        state.listings = [:]
        state.names = 0
        state.generation = generation
    }
}
