import AssayModel

/// The ranges that a pass over an archive reads: everything that accepted entries may need, in as few requests as can
/// be, and nothing that the tail brought already.
///
/// Unreferenced bytes are read along unless they would fill a request of their own: with that, `n` bytes before the
/// directory take at most `n / pieceSize + 1` requests, however they are laid out.
struct ReadPlan: IteratorProtocol {
    private let directory: ArchiveDirectory
    private let pieceSize: Int
    /// Where the tail begins.
    private let end: Int
    private var position = 0
    private var segmentEnd = 0
    private var nextInLayout = 0

    init(_ directory: ArchiveDirectory, pieceSize: Int) {
        self.directory = directory
        self.pieceSize = pieceSize
        end = directory.tail.map { directory.archiveSize - $0.count } ?? directory.range.offset
    }

    mutating func next() -> ByteRange? {
        while segmentEnd < position + pieceSize, let extent = peek() {
            if segmentEnd == position {
                (position, segmentEnd) = (extent.offset, extent.end)
            } else if extent.offset - segmentEnd < pieceSize {
                segmentEnd = max(segmentEnd, extent.end)
            } else {
                break
            }
            nextInLayout += 1
        }
        let pieceEnd = min(segmentEnd, position + pieceSize, end)
        defer { position = pieceEnd }
        return pieceEnd > position ? ByteRange(from: position, to: pieceEnd) : nil
    }

    /// What the next accepted entry may need, without looking at its local header.
    private mutating func peek() -> ByteRange? {
        while nextInLayout < directory.layout.count {
            let index = Int(directory.layout[nextInLayout])
            if directory.slots[index].problem == nil {
                let (start, limit) = directory.span(at: nextInLayout)
                let dataSize = directory.withRecord(index) { $0.compressedSize }
                let most = start + LocalHeader.greatestSize + dataSize + DataDescriptor.greatestSize
                return ByteRange(from: start, to: min(limit, most))
            }
            nextInLayout += 1
        }
        return nil
    }
}
