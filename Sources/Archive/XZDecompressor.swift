internal import CLZMA

/// xz by liblzma, with bounded memory.
final class XZDecompressor: Decompressor {
    private let stream: UnsafeMutablePointer<lzma_stream>
    private let memory: Int

    init(memory: Int) {
        self.memory = memory
        stream = .allocate(capacity: 1)
        stream.initialize(to: lzma_stream())
    }

    deinit {
        lzma_end(stream)
        stream.deallocate()
    }

    func restart() throws(EntryError) {
        // On a stream in use this reuses its memory.
        guard lzma_stream_decoder(stream, UInt64(clamping: memory), 0) == LZMA_OK else { throw .decoderMemoryExceeded }
    }

    func decode(
        _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
    ) throws(EntryError) -> DecodedPiece {
        stream.pointee.next_in = input.baseAddress?.assumingMemoryBound(to: UInt8.self)
        stream.pointee.avail_in = input.count
        stream.pointee.next_out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
        stream.pointee.avail_out = output.count
        let result = lzma_code(stream, LZMA_RUN)
        switch result {
        // BUF_ERROR only says that without more input nothing could be done.
        case LZMA_OK, LZMA_STREAM_END, LZMA_BUF_ERROR: break
        case LZMA_MEMLIMIT_ERROR, LZMA_MEM_ERROR: throw .decoderMemoryExceeded
        default: throw .dataDamaged(.xz)
        }
        return DecodedPiece(
            consumed: input.count - stream.pointee.avail_in, produced: output.count - stream.pointee.avail_out,
            isAtEnd: result == LZMA_STREAM_END)
    }
}
