import ArtifactView
import Synchronization

/// The directories that are open, each with the listing as it was when it was opened; and what of them the kernel may
/// remember.
final class DirectoryHandles: Sendable {
    /// What the kernel is told when a directory is opened.
    enum Caching {
        /// Ask the server for names, and remember none.
        case none
        /// Forget what is remembered, and remember what is answered now.
        case renew
        /// What is remembered still holds.
        case keep
    }

    private struct Handle {
        let listing: any DirectoryListing
        let directory: NodeID
        let remembered: Bool
    }

    /// Listings of one directory that the kernel may be collecting its memory from: all of the same generation, since it
    /// puts together what several readers got.
    private struct Memory {
        var generation: UInt64
        var readers: Int
    }

    private struct State {
        var handles: [UInt64: Handle] = [:]
        var lastNumber: UInt64 = 0
        var memories: [NodeID: Memory] = [:]
    }

    /// More remembered directories than this are not kept count of: they are listed anew.
    static let memoryLimit = 65_536

    private let state = Mutex(State())

    /// Keeps a listing that was made when the tree's generation was `generation` or later.
    func add(_ listing: any DirectoryListing, of directory: NodeID, generation: UInt64) -> (UInt64, Caching) {
        state.withLock { state in
            if state.memories.count > Self.memoryLimit {
                state.memories = state.memories.filter { $0.value.readers > 0 }
            }
            let memory = state.memories[directory]
            let caching: Caching =
                switch memory {
                case .some(let memory) where memory.generation == generation: .keep
                case .some(let memory) where memory.readers > 0: .none
                default: .renew
                }
            if caching != .none {
                let readers = caching == .keep ? memory?.readers ?? 0 : 0
                state.memories[directory] = Memory(generation: generation, readers: readers + 1)
            }
            state.lastNumber += 1
            state.handles[state.lastNumber] = Handle(
                listing: listing, directory: directory, remembered: caching != .none)
            return (state.lastNumber, caching)
        }
    }

    func listing(_ number: UInt64) -> (any DirectoryListing, NodeID)? {
        state.withLock { state in state.handles[number].map { ($0.listing, $0.directory) } }
    }

    func remove(_ number: UInt64) {
        state.withLock { state in
            guard let handle = state.handles.removeValue(forKey: number), handle.remembered else { return }
            state.memories[handle.directory]?.readers -= 1
        }
    }

    var count: Int { state.withLock { $0.handles.count } }
}

/// The files that are open.
final class FileHandles: Sendable {
    private struct State {
        var files: [UInt64: any OpenFile] = [:]
        var lastNumber: UInt64 = 0
    }

    private let state = Mutex(State())

    func add(_ file: any OpenFile) -> UInt64 {
        state.withLock { state in
            state.lastNumber += 1
            state.files[state.lastNumber] = file
            return state.lastNumber
        }
    }

    func file(_ number: UInt64) -> (any OpenFile)? { state.withLock { $0.files[number] } }

    func remove(_ number: UInt64) { state.withLock { _ = $0.files.removeValue(forKey: number) } }

    var count: Int { state.withLock { $0.files.count } }
}
