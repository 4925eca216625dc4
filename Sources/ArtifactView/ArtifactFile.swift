import Archive
import AssayModel
import DigestCatalog
import ObjectStorage
import Synchronization

/// An opened artifact: blocks from the cache, or made by reading the object.
///
/// Blocks are of one size and begin at its multiples. Whoever needs one that is not in the cache becomes its maker;
/// makers of one file take turns, so that readers that ask out of order, as the kernel's read-ahead does, share one
/// pass over the compressed bytes. Blocks made in order are compared with the digest before the last one is given out.
final class ArtifactFile: OpenFile {
    /// The size of a block in bytes: twice what the kernel asks for at a time.
    static let blockSize = 256 << 10

    let size: Int
    private let entry: Int64
    private let artifact: Artifact
    private let maker: any BlockMaker
    private let cache: BlockCache
    private let turn = Turn()
    // Only the task whose turn it is touches it.
    private nonisolated(unsafe) let check: BlockCheck

    private let onDamage: @Sendable () -> Void

    /// - Parameters:
    ///   - entry: the number of the entry that is read.
    ///   - onDamage: is called when what the maker had from the store turns out to be wrong.
    init(
        entry: Int64, artifact: Artifact, maker: any BlockMaker, cache: BlockCache,
        onDamage: @escaping @Sendable () -> Void
    ) {
        self.size = artifact.size
        self.entry = entry
        self.artifact = artifact
        self.maker = maker
        self.cache = cache
        self.onDamage = onDamage
        check = BlockCheck(digest: artifact.digest, blockCount: (artifact.size + Self.blockSize - 1) / Self.blockSize)
    }

    func readAtOnce(offset: Int, count: Int) -> ByteBlock? {
        guard let range = clip(offset, count) else { return ByteBlock([]) }
        return gather(range) { cache.block(key($0)) }
    }

    func read(offset: Int, count: Int) async throws(ViewError) -> ByteBlock {
        guard let range = clip(offset, count) else { return ByteBlock([]) }
        var blocks: [Int: ByteBlock] = [:]
        for index in Self.indices(range) { blocks[index] = try await block(index) }
        guard let bytes = gather(range, { blocks[$0] }) else {
            throw .damaged("\(artifact.digest) is shorter than it was")
        }
        return bytes
    }

    private func block(_ index: Int) async throws(ViewError) -> ByteBlock {
        if let block = cache.block(key(index)) { return block }
        await turn.take()
        defer { turn.pass() }
        if let block = cache.block(key(index)) { return block }
        if Task.isCancelled { throw .cancelled }
        var wanted: ByteBlock?
        func take(_ block: ByteBlock, _ made: Int) throws(ViewError) {
            guard check.passes(block, at: made) else {
                for made in 0...made { cache.remove(key(made)) }
                throw .damaged("what is stored as \(artifact.digest) has another digest now")
            }
            cache.insert(block, for: key(made))
            if made == index { wanted = block }
        }
        do {
            try await maker.make(index, isMade: { cache.block(key($0)) != nil }, take: take)
        } catch {
            if case .damaged = error { onDamage() }
            throw error
        }
        guard let wanted else { throw .damaged("\(artifact.digest) is shorter than it was") }
        return wanted
    }

    private func clip(_ offset: Int, _ count: Int) -> ByteRange? {
        guard offset >= 0, count > 0, offset < size else { return nil }
        return ByteRange(offset: offset, length: min(count, size - offset))
    }

    private func key(_ block: Int) -> BlockCache.Key { BlockCache.Key(entry: entry, block: block) }

    private static func indices(_ range: ByteRange) -> ClosedRange<Int> {
        range.offset / blockSize...(range.end - 1) / blockSize
    }

    private func gather(_ range: ByteRange, _ block: (Int) -> ByteBlock?) -> ByteBlock? {
        let result = ByteBlock(uninitializedCount: range.length)
        for index in Self.indices(range) {
            guard let block = block(index) else { return nil }
            let start = index * Self.blockSize
            let from = max(range.offset, start)
            let to = min(range.end, start + Self.blockSize)
            guard to <= start + block.count else { return nil }
            result.withUnsafeMutableBytes { target in
                block.withUnsafeBytes { bytes in
                    UnsafeMutableRawBufferPointer(rebasing: target[(from - range.offset)..<(to - range.offset)])
                        .copyBytes(from: bytes[(from - start)..<(to - start)])
                }
            }
        }
        return result
    }
}
