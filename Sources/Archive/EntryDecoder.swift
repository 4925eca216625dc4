/// Decodes the data of one entry after another, and holds each against its size and CRC-32.
///
/// The decoders of all methods met so far are kept and used again: an archive of many small entries costs no memory for
/// each.
final class EntryDecoder {
    private let memory: Int
    private var decoders: [CompressionMethod: any Decompressor] = [:]
    private var decoder: any Decompressor = StoredDecompressor()
    private var method = CompressionMethod.stored
    private var expectedSize = 0
    private var expectedCRC: UInt32 = 0
    private var crc: UInt32 = 0
    private var isAtEnd = false

    /// How many bytes of the entry were decoded.
    private(set) var produced = 0

    init(memory: Int) { self.memory = memory }

    /// Begins with an entry's first byte.
    func begin(method: CompressionMethod, size: Int, crc32: UInt32) throws(EntryError) {
        let decoder = try decoder(for: method)
        try decoder.restart()
        self.decoder = decoder
        self.method = method
        (expectedSize, expectedCRC) = (size, crc32)
        (crc, produced, isAtEnd) = (0, 0, false)
    }

    /// Decodes as much of `input` as there is room for in `output`: afterwards the one is used up or the other full.
    func decode(
        _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
    ) throws(EntryError) -> (consumed: Int, produced: Int) {
        var (consumed, filled) = (0, 0)
        while filled < output.count {
            let rest = input.slice(consumed, input.count - consumed)
            if isAtEnd, rest.isEmpty { break }
            if isAtEnd, !decoder.allowsFurtherStreams { throw .dataEndsLate }
            let piece = try decoder.decode(rest, into: UnsafeMutableRawBufferPointer(rebasing: output[filled...]))
            isAtEnd = piece.isAtEnd
            consumed += piece.consumed
            filled += piece.produced
            if piece.consumed == 0, piece.produced == 0 {
                if isAtEnd || rest.isEmpty { break }
                throw .dataDamaged(method)
            }
        }
        guard filled <= expectedSize - produced else { throw .sizeDisagrees }
        crc = CRC32.of(UnsafeRawBufferPointer(rebasing: output[..<filled]), after: crc)
        produced += filled
        return (consumed, filled)
    }

    /// Takes contents that need no decoding and are used where they lie.
    func pass(_ bytes: UnsafeRawBufferPointer) throws(EntryError) {
        guard bytes.count <= expectedSize - produced else { throw .sizeDisagrees }
        crc = CRC32.of(bytes, after: crc)
        produced += bytes.count
    }

    /// Throws unless the entry, all of whose data was decoded, is what its directory says.
    func finish() throws(EntryError) {
        guard isAtEnd || method == .stored else { throw .dataEndsEarly }
        guard produced == expectedSize else { throw .sizeDisagrees }
        guard crc == expectedCRC else { throw .checksumDisagrees }
    }

    private func decoder(for method: CompressionMethod) throws(EntryError) -> any Decompressor {
        if let known = decoders[method] { return known }
        let made: any Decompressor
        switch method {
        case .stored: made = StoredDecompressor()
        case .deflate: made = InflateDecompressor()
        case .bzip2: made = BZip2Decompressor()
        case .xz: made = XZDecompressor(memory: memory)
        case .zstd:
            guard let zstd = ZstdDecompressor(memory: memory) else { throw .decoderMemoryExceeded }
            made = zstd
        default: throw .unsupportedMethod(method)
        }
        decoders[method] = made
        return made
    }
}
