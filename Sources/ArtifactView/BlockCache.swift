import AssayModel
import Synchronization

/// Decompressed pieces of entries, the least recently used of which goes first.
final class BlockCache: Sendable {
    /// A piece of an entry: an entry's number is never given to another content, so no piece is ever out of date. It is
    /// not a piece of an artifact: where one of its places holds damaged bytes, readers of the others must not see them.
    struct Key: Hashable {
        let entry: Int64
        let block: Int
    }

    private struct State {
        var slots: [Key: Int] = [:]
        var nodes: [Link] = []
        var free: [Int] = []
        var newest = -1
        var oldest = -1
        var bytes = 0
    }

    private struct Link {
        var key: Key
        var block: ByteBlock?
        var newer: Int
        var older: Int
    }

    private let capacity: Int
    private let state = Mutex(State())

    init(capacity: Int) { self.capacity = capacity }

    /// The bytes held now: never more than the capacity and one piece.
    var size: Int { state.withLock { $0.bytes } }

    func block(_ key: Key) -> ByteBlock? {
        state.withLock { state in
            guard let slot = state.slots[key] else { return nil }
            Self.unlink(slot, &state)
            Self.linkNewest(slot, &state)
            return state.nodes[slot].block
        }
    }

    func insert(_ block: ByteBlock, for key: Key) {
        state.withLock { state in
            guard state.slots[key] == nil else { return }
            let slot = state.free.popLast() ?? state.nodes.count
            let link = Link(key: key, block: block, newer: -1, older: -1)
            if slot == state.nodes.count { state.nodes.append(link) } else { state.nodes[slot] = link }
            state.slots[key] = slot
            state.bytes += block.count
            Self.linkNewest(slot, &state)
            // The newest one stays, however large: who asked for it is about to read it.
            while state.bytes > capacity, state.oldest != slot { Self.drop(state.oldest, &state) }
        }
    }

    func remove(_ key: Key) {
        state.withLock { state in
            if let slot = state.slots[key] { Self.drop(slot, &state) }
        }
    }

    private static func drop(_ slot: Int, _ state: inout State) {
        unlink(slot, &state)
        state.bytes -= state.nodes[slot].block?.count ?? 0
        state.slots[state.nodes[slot].key] = nil
        state.nodes[slot].block = nil
        state.free.append(slot)
    }

    private static func linkNewest(_ slot: Int, _ state: inout State) {
        state.nodes[slot].older = state.newest
        state.nodes[slot].newer = -1
        if state.newest >= 0 { state.nodes[state.newest].newer = slot } else { state.oldest = slot }
        state.newest = slot
    }

    private static func unlink(_ slot: Int, _ state: inout State) {
        let (newer, older) = (state.nodes[slot].newer, state.nodes[slot].older)
        if newer >= 0 { state.nodes[newer].older = older } else { state.newest = older }
        if older >= 0 { state.nodes[older].newer = newer } else { state.oldest = newer }
    }
}
