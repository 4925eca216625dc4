internal import CZstd

/// Zstandard (RFC 8878) by libzstd, with a bounded window.
final class ZstdDecompressor: Decompressor {
    private let context: OpaquePointer

    /// Nil if there is no memory for a decoder.
    init?(memory: Int) {
        guard let context = ZSTD_createDCtx() else { return nil }
        self.context = context
        // The greatest window that fits, within what the library allows (10 to 31).
        let log = Int.bitWidth - 1 - max(1, memory).leadingZeroBitCount
        ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, Int32(min(31, max(10, log))))
    }

    deinit { ZSTD_freeDCtx(context) }

    // RFC 8878, 3: data may be several frames.
    var allowsFurtherStreams: Bool { true }

    func restart() { ZSTD_DCtx_reset(context, ZSTD_reset_session_only) }

    func decode(
        _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
    ) throws(EntryError) -> DecodedPiece {
        var source = ZSTD_inBuffer(src: input.baseAddress, size: input.count, pos: 0)
        var target = ZSTD_outBuffer(dst: output.baseAddress, size: output.count, pos: 0)
        var result = 1
        // The library stops at the end of each frame and block; we go on while there is room and something to do.
        while target.pos < target.size {
            let before = (source.pos, target.pos)
            result = ZSTD_decompressStream(context, &target, &source)
            if ZSTD_isError(result) != 0 { throw Self.error(result) }
            if result == 0 || before == (source.pos, target.pos) { break }
        }
        return DecodedPiece(consumed: source.pos, produced: target.pos, isAtEnd: result == 0)
    }

    private static func error(_ result: Int) -> EntryError {
        switch ZSTD_getErrorCode(result) {
        case ZSTD_error_frameParameter_windowTooLarge, ZSTD_error_memory_allocation: .decoderMemoryExceeded
        default: .dataDamaged(.zstd)
        }
    }
}
