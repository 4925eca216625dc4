/// Reading of the numbers in a zip's records: little-endian, unaligned, always within bounds.
extension UnsafeRawBufferPointer {
    func number<T: FixedWidthInteger>(_: T.Type, at offset: Int) -> T {
        // The standard library checks these bounds in debug builds only.
        precondition(offset >= 0 && offset <= count - MemoryLayout<T>.size, "a record was read beyond its end")
        return T(littleEndian: loadUnaligned(fromByteOffset: offset, as: T.self))
    }

    func u16(_ offset: Int) -> Int { Int(number(UInt16.self, at: offset)) }

    func u32(_ offset: Int) -> Int { Int(number(UInt32.self, at: offset)) }

    /// Nil if the number is beyond what an `Int` can hold.
    func u64(_ offset: Int) -> Int? { Int(exactly: number(UInt64.self, at: offset)) }

    /// `length` bytes from `offset`.
    func slice(_ offset: Int, _ length: Int) -> UnsafeRawBufferPointer {
        precondition(offset >= 0 && length >= 0 && offset <= count - length, "a record was cut beyond its end")
        return UnsafeRawBufferPointer(start: baseAddress.map { $0 + offset }, count: length)
    }

    /// Whether both hold the same bytes.
    func equals(_ other: UnsafeRawBufferPointer) -> Bool {
        count == other.count && elementsEqual(other)
    }
}
