/// What the end of an archive says about its central directory (APPNOTE 4.3.14 to 4.3.16).
struct EndRecord {
    static let fixedSize = 22
    private static let signature = 0x0605_4b50
    private static let locatorSignature = 0x0706_4b50
    private static let locatorSize = 20
    private static let zip64Signature = 0x0606_4b50
    private static let zip64FixedSize = 56

    /// Where the directory begins in the object, and its size, in bytes.
    let directoryOffset: Int
    let directorySize: Int
    let entryCount: Int
    /// Whether `entryCount` may have lost all but its lowest 16 bits, as some tools write it without zip64.
    let countIsShort: Bool
    /// How many bytes stand before the archive in its object, as before a self-extracting one.
    let shift: Int

    /// - Parameters:
    ///   - tail: the last bytes of the object: all of it, or at least 65,557.
    ///   - objectSize: the object's size in bytes.
    init(tail: UnsafeRawBufferPointer, objectSize: Int) throws(ArchiveError) {
        let tailStart = objectSize - tail.count
        guard let position = Self.find(tail) else { throw .endRecordMissing }
        var disk = tail.u16(position + 4)
        var directoryDisk = tail.u16(position + 6)
        var countHere = tail.u16(position + 8)
        var count = tail.u16(position + 10)
        var size = tail.u32(position + 12)
        var offset = tail.u32(position + 16)
        var end = tailStart + position
        var isShort = true

        if let zip64 = try Self.zip64Record(tail, tailStart: tailStart, endRecord: position) {
            // A field without all bits set speaks for itself, and must then say the same in both records.
            func take(_ value: inout Int, full: Int, _ large: Int?) throws(ArchiveError) {
                guard let large else { throw .endRecordInvalid(.numberTooLarge) }
                guard value == full || value == large else { throw .endRecordInvalid(.zip64Disagrees) }
                value = large
            }
            try take(&disk, full: 0xffff, tail.u32(zip64 + 16))
            try take(&directoryDisk, full: 0xffff, tail.u32(zip64 + 20))
            try take(&countHere, full: 0xffff, tail.u64(zip64 + 24))
            try take(&count, full: 0xffff, tail.u64(zip64 + 32))
            try take(&size, full: 0xffff_ffff, tail.u64(zip64 + 40))
            try take(&offset, full: 0xffff_ffff, tail.u64(zip64 + 48))
            end = tailStart + zip64
            isShort = false
        }
        guard disk == 0, directoryDisk == 0, count == countHere else { throw .spanned }
        // The directory ends where the end record begins; whatever it was thought to be off by stands before it.
        guard size <= end, offset <= end - size else { throw .endRecordInvalid(.directoryOutsideArchive) }
        directoryOffset = end - size
        directorySize = size
        entryCount = count
        countIsShort = isShort
        shift = end - size - offset
    }

    /// The last record whose comment reaches exactly to the object's end.
    private static func find(_ tail: UnsafeRawBufferPointer) -> Int? {
        guard tail.count >= fixedSize else { return nil }
        let last = tail.count - fixedSize
        for position in stride(from: last, through: max(0, last - 0xffff), by: -1)
        where tail[position] == 0x50 && tail.u32(position) == signature
            && position + fixedSize + tail.u16(position + 20) == tail.count
        {
            return position
        }
        return nil
    }

    /// Where in the tail the zip64 record stands, if a locator announces one.
    private static func zip64Record(
        _ tail: UnsafeRawBufferPointer, tailStart: Int, endRecord: Int
    ) throws(ArchiveError) -> Int? {
        let locator = endRecord - locatorSize
        guard locator >= 0, tail.u32(locator) == locatorSignature else { return nil }
        // The number of parts: some tools write 0 for a whole archive.
        guard tail.u32(locator + 4) == 0, tail.u32(locator + 16) <= 1 else { throw .spanned }
        guard let stated = tail.u64(locator + 8) else { throw .endRecordInvalid(.numberTooLarge) }
        // Behind a prefix the stated place is off, but without extensible data the record stands before its locator.
        let places = [stated >= tailStart ? stated - tailStart : -1, locator - zip64FixedSize]
        for place in places
        where place >= 0 && place <= locator - zip64FixedSize && tail.u32(place) == zip64Signature
            && tail.u64(place + 4).map({ $0 == locator - place - 12 }) == true
        {
            return place
        }
        throw .endRecordInvalid(.zip64RecordMissing)
    }
}
