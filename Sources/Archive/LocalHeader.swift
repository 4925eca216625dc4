/// The header before an entry's data (APPNOTE 4.3.7), held against what the central directory says.
struct LocalHeader {
    static let signature = 0x0403_4b50
    static let fixedSize = 30
    /// The most that name and extra fields can add to the fixed part.
    static let greatestSize = fixedSize + 2 * 0xffff

    /// The header's whole length, from its fixed part.
    static func length(_ fixed: UnsafeRawBufferPointer) throws(EntryError) -> Int {
        guard fixed.u32(0) == signature else { throw .localHeaderMissing }
        return fixedSize + fixed.u16(26) + fixed.u16(28)
    }

    /// Throws if the header, given whole, and the directory tell different stories of the entry.
    static func check(_ header: UnsafeRawBufferPointer, against record: CentralRecord) throws(EntryError) {
        let flags = header.u16(6)
        guard header.slice(fixedSize, header.u16(26)).equals(record.name) else { throw .localHeaderDisagrees(.name) }
        guard header.u16(8) == Int(record.method.rawValue) else { throw .localHeaderDisagrees(.method) }
        guard (flags ^ record.flags) & GeneralPurpose.anyEncryption == 0 else {
            throw .localHeaderDisagrees(.encryption)
        }

        var (compressed, size) = (header.u32(18), header.u32(22))
        // The two may stand in the zip64 field, where the local header must have both (APPNOTE 4.5.3).
        if compressed == 0xffff_ffff || size == 0xffff_ffff {
            let extra = ExtraFields(header.slice(fixedSize + header.u16(26), header.u16(28)))
            if let zip64 = extra.first(ExtraFields.Tag.zip64), zip64.count >= 16 {
                guard let large = zip64.u64(0), let largeCompressed = zip64.u64(8) else {
                    throw .localHeaderDisagrees(.size)
                }
                if size == 0xffff_ffff { size = large }
                if compressed == 0xffff_ffff { compressed = largeCompressed }
            }
        }
        // With bit 3 the numbers follow the data: here stands nothing, all ones, or already the truth.
        let mayBeUnknown = flags & GeneralPurpose.descriptor != 0
        func agrees(_ here: Int, _ there: Int) -> Bool {
            here == there || mayBeUnknown && (here == 0 || here == 0xffff_ffff)
        }
        guard agrees(header.u32(14), Int(record.crc32)) else { throw .localHeaderDisagrees(.checksum) }
        guard agrees(compressed, record.compressedSize) else { throw .localHeaderDisagrees(.compressedSize) }
        guard agrees(size, record.size) else { throw .localHeaderDisagrees(.size) }
    }

    /// Whether the sizes stand after the data.
    static func announcesDescriptor(_ header: UnsafeRawBufferPointer) -> Bool {
        header.u16(6) & GeneralPurpose.descriptor != 0
    }
}

/// The record that follows an entry's data where bit 3 announces it (APPNOTE 4.3.9).
enum DataDescriptor {
    static let greatestSize = 24
    private static let signature = 0x0807_4b50

    /// Throws if a descriptor stands at the start of `bytes` and contradicts the directory.
    ///
    /// The directory alone decides, so that a descriptor without signature, or none at all, is let pass: some tools
    /// announce one and write none.
    static func check(_ bytes: UnsafeRawBufferPointer, against entry: ArchiveEntry) throws(EntryError) {
        guard bytes.count >= 16, bytes.u32(0) == signature else { return }
        guard bytes.number(UInt32.self, at: 4) == entry.crc32 else { throw .descriptorDisagrees }
        let hasShortForm =
            bytes.u32(8) == entry.compressedSize & 0xffff_ffff && bytes.u32(12) == entry.size & 0xffff_ffff
        let hasLongForm =
            bytes.count >= greatestSize && bytes.u64(8) == entry.compressedSize && bytes.u64(16) == entry.size
        guard hasShortForm || hasLongForm else { throw .descriptorDisagrees }
    }
}
