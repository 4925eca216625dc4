/// One compression method's decoder, used for one entry after another.
protocol Decompressor: AnyObject {
    /// Begins with the next entry's first byte.
    func restart() throws(EntryError)

    /// Decodes as much of `input` as there is room for in `output`, which is not empty.
    ///
    /// It has not stopped early: afterwards the input is used up, the output full, or the stream at its end.
    func decode(_ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) throws(EntryError)
        -> DecodedPiece

    /// Whether another stream may follow the end of one, and both make the contents.
    var allowsFurtherStreams: Bool { get }
}

extension Decompressor {
    var allowsFurtherStreams: Bool { false }
}

/// What a step of decoding did.
struct DecodedPiece {
    var consumed: Int
    var produced: Int
    /// Whether the compressed stream ends here.
    var isAtEnd: Bool
}

/// Contents that are not compressed.
final class StoredDecompressor: Decompressor {
    func restart() {}

    func decode(_ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) -> DecodedPiece {
        let count = min(input.count, output.count)
        output.copyMemory(from: input.slice(0, count))
        return DecodedPiece(consumed: count, produced: count, isAtEnd: false)
    }
}
