/// The extra fields of a header (APPNOTE 4.5): pairs of a tag and bytes.
struct ExtraFields {
    enum Tag {
        static let zip64 = 0x0001
        static let ntfs = 0x000a
        static let unix = 0x000d
        static let extendedTimestamp = 0x5455
        static let infoZIPUnix = 0x5855
        static let unicodePath = 0x7075
    }

    private let bytes: UnsafeRawBufferPointer

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    /// The first field with that tag.
    func first(_ tag: Int) -> UnsafeRawBufferPointer? {
        var offset = 0
        while offset + 4 <= bytes.count {
            let length = bytes.u16(offset + 2)
            guard offset + 4 + length <= bytes.count else { return nil }
            if bytes.u16(offset) == tag { return bytes.slice(offset + 4, length) }
            offset += 4 + length
        }
        return nil
    }

    /// Whether every field ends within the area. Up to three bytes may be left over: aligning tools pad so.
    var isWellFormed: Bool {
        var offset = 0
        while offset + 4 <= bytes.count {
            offset += 4 + bytes.u16(offset + 2)
        }
        return offset <= bytes.count
    }
}
