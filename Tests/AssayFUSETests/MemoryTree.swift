import ArtifactView
import AssayModel
import Synchronization

/// A tree in memory, which counts what it is asked and can be told how files behave.
final class MemoryTree: FileTree {
    enum Behaviour: Sendable {
        /// The bytes are at hand.
        case atOnce
        /// The bytes come when the gate opens.
        case waiting(Gate)
        /// Another task brings them.
        case later
        case failing(ViewError)
        /// Promises more than it brings.
        case short
    }

    struct Content: Sendable {
        var node: Node
        var bytes: [UInt8] = []
        var children: [String] = []
        var target = ""
        var attributes: [String: [UInt8]] = [:]
        var behaviour = Behaviour.atOnce
        /// Thrown by everything that asks for the node, except its lookup.
        var failure: ViewError?
    }

    struct State {
        var contents: [NodeID: Content] = [:]
        var names: [NodeID: [String: NodeID]] = [:]
        var generation: UInt64 = 1
        var lookups = 0
        var reads = 0
        var listings = 0
    }

    static let time = Timestamp(seconds: 1_700_000_000)
    let state: Mutex<State>

    init() {
        var first = State()
        first.contents[.root] = Content(node: Node(id: .root, kind: .directory, size: 0, modified: Self.time))
        state = Mutex(first)
    }

    @discardableResult
    func add(
        _ name: String, to directory: NodeID = .root, kind: Node.Kind = .file, bytes: [UInt8] = [], target: String = "",
        attributes: [String: [UInt8]] = [:], behaviour: Behaviour = .atOnce, failure: ViewError? = nil
    ) -> NodeID {
        state.withLock { state in
            let id = NodeID(rawValue: UInt64(state.contents.count + 1))
            let size = kind == .symbolicLink ? target.utf8.count : bytes.count
            state.contents[id] = Content(
                node: Node(id: id, kind: kind, size: size, modified: Self.time), bytes: bytes, target: target,
                attributes: attributes, behaviour: behaviour, failure: failure)
            state.contents[directory]?.children.append(name)
            state.names[directory, default: [:]][name] = id
            state.generation += 1
            return id
        }
    }

    var lookups: Int { state.withLock { $0.lookups } }
    var reads: Int { state.withLock { $0.reads } }
    var listings: Int { state.withLock { $0.listings } }

    private func content(_ id: NodeID) throws(ViewError) -> Content {
        guard let content = state.withLock({ $0.contents[id] }) else { throw .notFound }
        if let failure = content.failure { throw failure }
        return content
    }

    func lookup(_ name: String, in directory: NodeID) throws(ViewError) -> Node {
        let found = state.withLock { state in
            state.lookups += 1
            return state.names[directory]?[name].flatMap { state.contents[$0]?.node }
        }
        guard let found else { throw .notFound }
        return found
    }

    func node(_ id: NodeID) throws(ViewError) -> Node { try content(id).node }

    func list(_ directory: NodeID) throws(ViewError) -> any DirectoryListing {
        let content = try content(directory)
        guard content.node.kind == .directory else { throw .notADirectory }
        return state.withLock { state in
            state.listings += 1
            return Listing(
                entries: content.children.compactMap { name in
                    state.names[directory]?[name].flatMap { state.contents[$0] }.map { (name, $0.node) }
                })
        }
    }

    func target(ofLink link: NodeID) throws(ViewError) -> String {
        let content = try content(link)
        guard content.node.kind == .symbolicLink else { throw .notALink }
        return content.target
    }

    func extendedAttributes(of id: NodeID) throws(ViewError) -> [String: [UInt8]] { try content(id).attributes }

    func open(_ file: NodeID) throws(ViewError) -> any OpenFile {
        let content = try content(file)
        guard content.node.kind == .file else { throw .isADirectory }
        return File(content: content) { [self] in state.withLock { $0.reads += 1 } }
    }

    func totals() throws(ViewError) -> (files: Int, bytes: Int) {
        state.withLock { state in
            let files = state.contents.values.filter { $0.node.kind == .file }
            return (files.count, files.map(\.bytes.count).reduce(0, +))
        }
    }

    func generation() -> UInt64 { state.withLock { $0.generation } }

    struct Listing: DirectoryListing {
        let entries: [(String, Node)]
        var count: Int { entries.count }
        func entry(at index: Int) -> (name: String, node: Node) { entries[index] }
    }

    struct File: OpenFile {
        let content: Content
        let count: @Sendable () -> Void
        var size: Int { content.bytes.count }

        private func bytes(_ offset: Int, _ count: Int) -> ByteBlock {
            ByteBlock(content.bytes[min(offset, size)..<min(offset + count, size)])
        }

        func readAtOnce(offset: Int, count: Int) -> ByteBlock? {
            guard case .atOnce = content.behaviour else { return nil }
            self.count()
            return bytes(offset, count)
        }

        func read(offset: Int, count: Int) async throws(ViewError) -> ByteBlock {
            self.count()
            switch content.behaviour {
            case .atOnce: return bytes(offset, count)
            case .later:
                await Task.yield()
                return bytes(offset, count)
            case .waiting(let gate):
                guard await gate.wait() else { throw .cancelled }
                return bytes(offset, count)
            case .failing(let error): throw error
            case .short: return bytes(offset, count / 2)
            }
        }
    }
}

/// Holds back whoever waits until it is opened or the waiting task is cancelled.
final class Gate: Sendable {
    private struct State {
        var isOpen = false
        var waiting: [Int: CheckedContinuation<Bool, Never>] = [:]
        var arrivals = 0
        var cancellations = 0
        var cancelledEarly: Set<Int> = []
    }

    private let state = Mutex(State())

    /// How many have come to wait so far.
    var arrivals: Int { state.withLock { $0.arrivals } }
    var cancellations: Int { state.withLock { $0.cancellations } }

    /// Whether the gate was opened, rather than the task cancelled.
    func wait() async -> Bool {
        let number = state.withLock { state in
            state.arrivals += 1
            return state.arrivals
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let answer: Bool? = state.withLock { state in
                    if state.isOpen { return true }
                    if state.cancelledEarly.contains(number) { return false }
                    state.waiting[number] = continuation
                    return nil
                }
                if let answer { continuation.resume(returning: answer) }
            }
        } onCancel: {
            let continuation = state.withLock { state in
                state.cancellations += 1
                state.cancelledEarly.insert(number)
                return state.waiting.removeValue(forKey: number)
            }
            continuation?.resume(returning: false)
        }
    }

    func open() {
        let waiting = state.withLock { state in
            state.isOpen = true
            defer { state.waiting = [:] }
            return Array(state.waiting.values)
        }
        for continuation in waiting { continuation.resume(returning: true) }
    }
}
