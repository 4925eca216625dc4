internal import CISAL

/// Deflate (RFC 1951) by ISA-L.
final class InflateDecompressor: Decompressor {
    // About 84 KB: never a Swift value, which would be copied.
    private let state: UnsafeMutablePointer<inflate_state>

    init() {
        state = .allocate(capacity: 1)
        isal_inflate_init(state)
    }

    deinit { state.deallocate() }

    func restart() { isal_inflate_reset(state) }

    func decode(
        _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
    ) throws(EntryError) -> DecodedPiece {
        let (given, room) = (UInt32(clamping: input.count), UInt32(clamping: output.count))
        state.pointee.next_in = UnsafeMutablePointer(
            mutating: input.baseAddress?.assumingMemoryBound(to: UInt8.self))
        state.pointee.avail_in = given
        state.pointee.next_out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
        state.pointee.avail_out = room
        guard isal_inflate(state) == ISAL_DECOMP_OK else { throw .dataDamaged(.deflate) }
        let isAtEnd = state.pointee.block_state == ISAL_BLOCK_FINISH
        // Bytes behind the stream's end may have been taken already, into the buffer of bits.
        if isAtEnd, state.pointee.read_in_length >= 8 { throw .dataEndsLate }
        return DecodedPiece(
            consumed: Int(given - state.pointee.avail_in), produced: Int(room - state.pointee.avail_out),
            isAtEnd: isAtEnd)
    }
}
