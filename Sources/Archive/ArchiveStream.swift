public import AssayModel

/// One pass over the contents of all entries of an archive, in the order in which they lie in it.
///
/// The archive is read by few large requests, each byte at most once, with the next ones in flight while one is
/// decoded. Memory stays within `(readsAhead + 2) * pieceSize` and what one decoder needs, whatever the archive's size;
/// nothing goes to disk.
public struct ArchiveStream: Sendable {
    private let directory: ArchiveDirectory
    private let source: any ByteSource
    private let pieceSize: Int
    private let readsAhead: Int

    /// - Parameters:
    ///   - source: the archive whose directory this is, at the same version.
    ///   - pieceSize: the most bytes that a request asks for. With 8 MiB, the requests for directory and contents are
    ///     at most the archive's size by 8 MiB, plus 3.
    ///   - readsAhead: how many requests may be in flight while a piece is decoded.
    public init(
        of directory: ArchiveDirectory, from source: some ByteSource, pieceSize: Int = 8 << 20, readsAhead: Int = 2
    ) {
        self.directory = directory
        self.source = source
        self.pieceSize = max(64 << 10, pieceSize)
        self.readsAhead = max(0, readsAhead)
    }

    /// Hands every entry to `consumer`. A refused or damaged entry does not keep the others from coming.
    ///
    /// - Throws: `source` if the archive could not be read, `consumer` with what the consumer threw, or `cancelled`;
    ///   no entry comes after that.
    public nonisolated(nonsending) func read(
        into consumer: inout some EntryConsumer
    ) async throws(ArchiveError) {
        for refusal in directory.refusals {
            try await Self.handOver { try await consumer.refuse(refusal) }
        }
        let reads = ReadAhead(of: source, plan: ReadPlan(directory, pieceSize: pieceSize), depth: readsAhead)
        var pass = StreamPass(directory: directory, cursor: PieceCursor(reads, last: directory.tailPiece))
        for position in directory.layout.indices where directory.isAccepted(at: position) {
            guard !Task.isCancelled else { throw .cancelled }
            let entry = directory.entry(Int(directory.layout[position]))
            do {
                try await pass.read(entry, limit: directory.span(at: position).limit, into: &consumer)
            } catch .entry(let error) {
                let refusal = RefusedEntry(index: entry.index, name: entry.path, error: error)
                try await Self.handOver { try await consumer.refuse(refusal) }
            }
        }
    }

    static nonisolated(nonsending) func handOver(
        _ body: nonisolated(nonsending) () async throws -> Void
    ) async throws(ArchiveError) {
        do { try await body() } catch { throw .from(error, else: ArchiveError.consumer) }
    }
}

extension ArchiveDirectory {
    func isAccepted(at position: Int) -> Bool { slots[Int(layout[position])].problem == nil }

    var tailPiece: Piece? {
        guard let tail, let range = ByteRange(offset: archiveSize - tail.count, length: tail.count) else { return nil }
        return Piece(range: range, block: tail)
    }
}
