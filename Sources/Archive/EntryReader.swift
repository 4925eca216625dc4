public import AssayModel

/// Reads the contents of one entry from the start to the end, and notices by size and CRC-32 if they are not what they
/// should be.
///
/// Compressed data is read ahead in pieces that grow from 64 KiB to 1 MiB; at most two are in memory. One caller at a
/// time: a read that begins before another has ended would take part of its bytes.
public actor EntryReader {
    private let source: any ByteSource
    private let method: CompressionMethod
    private let data: ByteRange
    private let size: Int
    private let crc32: UInt32
    private let decoder: EntryDecoder
    private var reads: ReadAhead?
    private var piece: (bytes: Piece, used: Int)?
    private var isVerified = false

    /// Where the next read begins, in bytes of the contents.
    public private(set) var position = 0

    /// - Parameters:
    ///   - source: the archive that holds the entry.
    ///   - dataOffset: where the entry's data begins, as `EntryConsumer.begin` was told.
    ///   - compressedSize: the size of the data in the archive, in bytes.
    ///   - size: the size of the contents, in bytes.
    ///   - limits: of which `decoderMemory` counts here.
    /// - Throws: `entry` if the method is not supported or the numbers cannot be.
    public init(
        source: some ByteSource, method: CompressionMethod, dataOffset: Int, compressedSize: Int, size: Int,
        crc32: UInt32, limits: ArchiveLimits = ArchiveLimits()
    ) throws(ArchiveError) {
        guard method.isSupported else { throw .entry(.unsupportedMethod(method)) }
        guard let data = ByteRange(offset: dataOffset, length: compressedSize), data.end <= source.size, size >= 0
        else { throw .entry(.outsideArchive) }
        self.source = source
        self.method = method
        self.data = data
        self.size = size
        self.crc32 = crc32
        decoder = EntryDecoder(memory: limits.decoderMemory)
    }

    /// The next `count` bytes of the contents; fewer only at their end, and none beyond it.
    ///
    /// The last bytes are given only after the whole was checked. After an error the reader can be used again: it then
    /// begins with the entry's first byte and discards what was given already.
    ///
    /// - Precondition: `count` is not negative; that many bytes are allocated at once.
    /// - Throws: `entry` if the data is damaged, `source` if it could not be read, `cancelled`.
    public func read(upTo count: Int) async throws(ArchiveError) -> ByteBlock {
        do {
            try await reach(position)
            let block = ByteBlock(uninitializedCount: min(count, size - position))
            var filled = 0
            while filled < block.count {
                filled += try await decodeSome { input throws(EntryError) in
                    try block.withUnsafeMutableBytes { output throws(EntryError) in
                        try decoder.decode(input, into: UnsafeMutableRawBufferPointer(rebasing: output[filled...]))
                    }
                }
            }
            if position + filled == size { try await verifyEnd() }
            position += filled
            return block
        } catch {
            reads = nil
            throw error
        }
    }

    /// Moves to `offset`, or to the end if that comes first. What lies between is decoded by the next read and thrown
    /// away; going back makes it start over.
    public func skip(to offset: Int) {
        position = min(max(0, offset), size)
    }

    /// Brings the decoder to `target`.
    private func reach(_ target: Int) async throws(ArchiveError) {
        if reads == nil || decoder.produced > target { try restart() }
        guard decoder.produced < target else { return }
        let scratch = ByteBlock(uninitializedCount: min(256 << 10, target - decoder.produced))
        while decoder.produced < target {
            let count = min(scratch.count, target - decoder.produced)
            _ = try await decodeSome { input throws(EntryError) in
                try scratch.withUnsafeMutableBytes { output throws(EntryError) in
                    try decoder.decode(input, into: UnsafeMutableRawBufferPointer(rebasing: output[..<count]))
                }
            }
        }
    }

    private func restart() throws(ArchiveError) {
        try ArchiveError.forEntry { () throws(EntryError) in
            try decoder.begin(method: method, size: size, crc32: crc32)
        }
        reads = ReadAhead(of: source, plan: GrowingPieces(of: data), depth: 1)
        piece = nil
        isVerified = false
    }

    /// Decodes from what is at hand, or from the next piece if that gives nothing.
    ///
    /// - Returns: how many bytes were produced, at least one.
    private func decodeSome(
        _ decode: (UnsafeRawBufferPointer) throws(EntryError) -> (consumed: Int, produced: Int)
    ) async throws(ArchiveError) -> Int {
        while true {
            let produced = try decodeAtHand(decode)
            if produced > 0 { return produced }
            guard try await takeNextPiece() else { throw .entry(.dataEndsEarly) }
        }
    }

    private func decodeAtHand(
        _ decode: (UnsafeRawBufferPointer) throws(EntryError) -> (consumed: Int, produced: Int)
    ) throws(ArchiveError) -> Int {
        try ArchiveError.forEntry { () throws(EntryError) in
            // Even without input a decoder may have output left.
            guard let (bytes, used) = piece else {
                return try decode(UnsafeRawBufferPointer(start: nil, count: 0)).produced
            }
            let done = try bytes.block.withUnsafeBytes { input throws(EntryError) in
                try decode(input.slice(used, input.count - used))
            }
            piece = (bytes, used + done.consumed)
            return done.produced
        }
    }

    /// - Returns: false at the data's end.
    private func takeNextPiece() async throws(ArchiveError) -> Bool {
        guard let next = try await reads?.next() else { return false }
        piece = (next, 0)
        return true
    }

    /// Decodes what is left, of which nothing may come, and checks the whole.
    private func verifyEnd() async throws(ArchiveError) {
        guard !isVerified else { return }
        let scratch = ByteBlock(uninitializedCount: 64)
        repeat {
            _ = try decodeAtHand { input throws(EntryError) in
                try scratch.withUnsafeMutableBytes { output throws(EntryError) in
                    try decoder.decode(input, into: output)
                }
            }
        } while try await takeNextPiece()
        try ArchiveError.forEntry { () throws(EntryError) in try decoder.finish() }
        isVerified = true
    }
}

/// The pieces in which an entry is read: small at first, since often only its start is wanted.
private struct GrowingPieces: IteratorProtocol {
    private var position: Int
    private let end: Int
    private var size = 64 << 10
    private static let greatestSize = 1 << 20

    init(of range: ByteRange) { (position, end) = (range.offset, range.end) }

    mutating func next() -> ByteRange? {
        guard position < end else { return nil }
        let pieceEnd = min(end, position + size)
        defer {
            position = pieceEnd
            size = min(2 * size, Self.greatestSize)
        }
        return ByteRange(from: position, to: pieceEnd)
    }
}
