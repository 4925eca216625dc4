/// A run of bytes in an object: never negative, never beyond what an `Int` can count.
public struct ByteRange: Hashable, Sendable {
    /// The first byte, counted from 0.
    public let offset: Int
    /// How many bytes; may be 0.
    public let length: Int
    /// The byte after the last one.
    public var end: Int { offset + length }

    /// Nil if a number is negative or their sum overflows.
    public init?(offset: Int, length: Int) {
        guard offset >= 0, length >= 0, !offset.addingReportingOverflow(length).overflow else { return nil }
        self.offset = offset
        self.length = length
    }

    /// Nil if the end lies before the start, or the start below 0.
    public init?(from start: Int, to end: Int) {
        guard start >= 0, end >= start else { return nil }
        self.init(offset: start, length: end - start)
    }
}

extension ByteRange: CustomStringConvertible {
    public var description: String { "bytes \(offset)..<\(end)" }
}
