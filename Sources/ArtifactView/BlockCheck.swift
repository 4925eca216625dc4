import AssayModel

/// Compares an artifact with its digest as its blocks are made: whenever they come in order, from the first to the last.
///
/// Blocks of compressed entries always do, since there is no other way to make them.
final class BlockCheck {
    private let digest: SHA256Digest
    private let blockCount: Int
    private var hasher = SHA256Hasher()
    private var next = 0

    init(digest: SHA256Digest, blockCount: Int) {
        self.digest = digest
        self.blockCount = blockCount
    }

    /// False if this block is the last one, all before it were seen in order, and the whole is not the artifact.
    func passes(_ block: ByteBlock, at index: Int) -> Bool {
        if index == 0 { restart() }
        guard index == next else { return true }
        block.withUnsafeBytes { hasher.update($0) }
        next += 1
        guard next == blockCount else { return true }
        next = 0
        return hasher.finish() == digest
    }

    private func restart() {
        if next > 0 { _ = hasher.finish() }
        next = 0
    }
}
