public import AssayModel

/// The central directory of an archive: which entries it has, and which are refused before their data is looked at.
///
/// It is held as the bytes that the archive has, with 16 bytes for each entry beside them; entries are made as they are
/// asked for.
public struct ArchiveDirectory: Sendable {
    /// A record of the directory: where it begins, and why its entry is refused if it is.
    struct Slot {
        let offset: UInt32
        var problem: EntryError?
    }

    /// The records, in the directory's order.
    let bytes: ByteBlock
    let slots: [Slot]
    /// The indices of the entries that are not refused, in the directory's order.
    let accepted: [UInt32]
    /// The indices of the refused entries, in the directory's order.
    let refused: [UInt32]
    /// The indices of all entries that lie within the archive, in the order of their headers.
    let layout: [UInt32]
    /// The last bytes of the object, which the first request brought, where they hold data of entries.
    let tail: ByteBlock?

    /// The directory's place in the object.
    public let range: ByteRange
    /// How many bytes stand before the archive in its object, as before a self-extracting one.
    public let prefixLength: Int
    /// The object's size in bytes.
    public let archiveSize: Int
    public let limits: ArchiveLimits

    /// The entries that may be read, in the directory's order.
    public var entries: Entries { Entries(directory: self) }

    /// The entries that are refused for what the directory says of them, in the directory's order.
    public var refusals: Refusals { Refusals(directory: self) }

    func withRecord<R, E: Error>(_ index: Int, _ body: (CentralRecord) throws(E) -> R) throws(E) -> R {
        try bytes.withUnsafeBytes { directory throws(E) in
            let offset = Int(slots[index].offset)
            let end = index + 1 < slots.count ? Int(slots[index + 1].offset) : directory.count
            return try body(CentralRecord(directory.slice(offset, end - offset), shift: prefixLength))
        }
    }

    func entry(_ index: Int) -> ArchiveEntry {
        withRecord(index) { $0.entry(index: index, limits: limits).entry }
    }

    /// Where the entry at a place in `layout` begins, and where it must have ended: at the next header or the directory.
    func span(at position: Int) -> (start: Int, limit: Int) {
        (headerOffset(at: position), position + 1 < layout.count ? headerOffset(at: position + 1) : range.offset)
    }

    private func headerOffset(at position: Int) -> Int { withRecord(Int(layout[position])) { $0.headerOffset } }

    /// The entries of a directory that may be read.
    public struct Entries: RandomAccessCollection, Sendable {
        let directory: ArchiveDirectory
        public var startIndex: Int { 0 }
        public var endIndex: Int { directory.accepted.count }
        public subscript(position: Int) -> ArchiveEntry { directory.entry(Int(directory.accepted[position])) }
    }

    /// The entries of a directory that are refused.
    public struct Refusals: RandomAccessCollection, Sendable {
        let directory: ArchiveDirectory
        public var startIndex: Int { 0 }
        public var endIndex: Int { directory.refused.count }
        public subscript(position: Int) -> RefusedEntry {
            let index = Int(directory.refused[position])
            // The index lists only slots with a problem; naming one here keeps the subscript total.
            let error = directory.slots[index].problem ?? .outsideArchive
            return RefusedEntry(index: index, name: directory.entry(index).path, error: error)
        }
    }
}
