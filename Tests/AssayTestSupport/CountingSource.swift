public import AssayModel

/// A source in memory that counts what is asked of it, and fails where it is told to.
public actor CountingSource: ByteSource {
    public struct Failure: Error {}

    public nonisolated let size: Int
    private let bytes: [UInt8]
    private let failingFrom: Int
    /// The ranges that were read, in the order in which they were asked for.
    public private(set) var reads: [ByteRange] = []

    /// - Parameter failingFrom: the number of the first request that is refused, counted from 0.
    public init(_ bytes: [UInt8], failingFrom: Int = .max) {
        self.bytes = bytes
        self.failingFrom = failingFrom
        size = bytes.count
    }

    public func read(_ range: ByteRange) throws -> ByteBlock {
        reads.append(range)
        guard reads.count <= failingFrom, range.end <= bytes.count else { throw Failure() }
        return ByteBlock(bytes[range.offset..<range.end])
    }

    /// The sum of the lengths of all reads.
    public var bytesRead: Int { reads.reduce(0) { $0 + $1.length } }
}
