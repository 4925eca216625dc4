/// Bytes of a fixed size, filled once by who made them and then shared without copies.
///
/// Whoever creates a block may write to it until handing it over; from then on it only is read. That promise, not the
/// compiler, is what makes it `Sendable`: a growing `Array` costs a copy and, when a transfer is cancelled, a stall.
public final class ByteBlock: @unchecked Sendable {
    private let storage: UnsafeMutableRawBufferPointer

    /// A block of `count` bytes, whatever lay in that memory before.
    ///
    /// - Precondition: `count` is not negative, and was checked against a limit if it came from outside.
    public init(uninitializedCount count: Int) {
        storage = .allocate(byteCount: count, alignment: 16)
    }

    /// A copy of `bytes`.
    public convenience init(_ bytes: some Collection<UInt8>) {
        self.init(uninitializedCount: bytes.count)
        storage.copyBytes(from: bytes)
    }

    deinit { storage.deallocate() }

    /// The size in bytes.
    public var count: Int { storage.count }

    /// Calls `body` with the bytes; the pointer is not valid afterwards.
    public func withUnsafeBytes<R, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
        try withExtendedLifetime(self) { () throws(E) -> R in try body(UnsafeRawBufferPointer(storage)) }
    }

    /// Calls `body` with the bytes to fill. Only for the maker of the block, before it is shared.
    public func withUnsafeMutableBytes<R, E: Error>(_ body: (UnsafeMutableRawBufferPointer) throws(E) -> R) throws(E)
        -> R
    {
        try withExtendedLifetime(self) { () throws(E) -> R in try body(storage) }
    }
}
