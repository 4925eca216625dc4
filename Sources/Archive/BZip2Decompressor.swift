internal import CBZip2

/// bzip2 by libbz2: the decoder that libzip has inside, which libzip does not offer for a stream of bytes.
final class BZip2Decompressor: Decompressor {
    private let stream: UnsafeMutablePointer<bz_stream>

    init() {
        stream = .allocate(capacity: 1)
        stream.initialize(to: bz_stream())
    }

    deinit {
        BZ2_bzDecompressEnd(stream)
        stream.deallocate()
    }

    func restart() throws(EntryError) {
        // Without an earlier stream it has nothing to end, and says so.
        BZ2_bzDecompressEnd(stream)
        stream.pointee = bz_stream()
        guard BZ2_bzDecompressInit(stream, 0, 0) == BZ_OK else { throw .decoderMemoryExceeded }
    }

    func decode(
        _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
    ) throws(EntryError) -> DecodedPiece {
        let (given, room) = (UInt32(clamping: input.count), UInt32(clamping: output.count))
        stream.pointee.next_in = UnsafeMutablePointer(
            mutating: input.baseAddress?.assumingMemoryBound(to: CChar.self))
        stream.pointee.avail_in = given
        stream.pointee.next_out = output.baseAddress?.assumingMemoryBound(to: CChar.self)
        stream.pointee.avail_out = room
        let result = BZ2_bzDecompress(stream)
        switch result {
        case BZ_OK, BZ_STREAM_END: break
        case BZ_MEM_ERROR: throw .decoderMemoryExceeded
        default: throw .dataDamaged(.bzip2)
        }
        return DecodedPiece(
            consumed: Int(given - stream.pointee.avail_in), produced: Int(room - stream.pointee.avail_out),
            isAtEnd: result == BZ_STREAM_END)
    }
}
