import AssayModel

/// Walks forward over the pieces of an archive and shows any run of bytes as if it were in one of them.
final class PieceCursor {
    private let reads: ReadAhead
    /// A piece that is there without being read, behind all that are.
    private var last: Piece?
    private var held: [Piece] = []

    init(_ reads: ReadAhead, last: Piece?) {
        self.reads = reads
        self.last = last
    }

    /// How many bytes from `offset` lie in one piece that is in memory.
    func contiguous(from offset: Int) -> Int {
        guard let first = held.first, first.range.offset <= offset else { return 0 }
        return max(0, first.range.end - offset)
    }

    /// Brings `count` bytes from `offset` into memory and lets go of what lies before them.
    ///
    /// - Returns: false if the pieces do not hold them.
    nonisolated(nonsending) func load(from offset: Int, count: Int) async throws(ArchiveError) -> Bool {
        while let first = held.first, first.range.end <= offset { held.removeFirst() }
        while held.last.map({ $0.range.end < offset + count }) ?? true {
            guard let piece = try await nextPiece() else { return false }
            if piece.range.end > offset { held.append(piece) }
        }
        return held.first.map { $0.range.offset <= offset } ?? false
    }

    private nonisolated(nonsending) func nextPiece() async throws(ArchiveError) -> Piece? {
        if let piece = try await reads.next() { return piece }
        defer { last = nil }
        return last
    }

    /// Calls `body` with bytes that were loaded.
    func withBytes<R, E: Error>(
        from offset: Int, count: Int, _ body: (UnsafeRawBufferPointer) throws(E) -> R
    ) throws(E) -> R {
        if let first = held.first, first.range.offset <= offset, count <= first.range.end - offset {
            return try first.block.withUnsafeBytes { bytes throws(E) in
                try body(bytes.slice(offset - first.range.offset, count))
            }
        }
        // A header that lies in two pieces or more is small, and rare: it is joined.
        let joined = ByteBlock(uninitializedCount: count)
        joined.withUnsafeMutableBytes { target in
            for piece in held {
                let (start, end) = (max(offset, piece.range.offset), min(offset + count, piece.range.end))
                guard start < end else { continue }
                piece.block.withUnsafeBytes { bytes in
                    UnsafeMutableRawBufferPointer(rebasing: target[start - offset..<end - offset])
                        .copyMemory(from: bytes.slice(start - piece.range.offset, end - start))
                }
            }
        }
        return try joined.withUnsafeBytes(body)
    }
}
