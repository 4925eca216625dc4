/// Writes archives for tests: honest ones, and ones that lie wherever they are told to.
public struct ZipBuilder: Sendable {
    /// What a header says instead of the truth.
    public struct Lies: Sendable {
        public var name: [UInt8]?
        public var method: UInt16?
        public var flags: UInt16?
        public var crc32: UInt32?
        public var compressedSize: UInt32?
        public var size: UInt32?
        public var headerOffset: UInt32?
        public var extraLength: UInt16?
        public var disk: UInt16?
        public var signature: UInt32?
        public init() {}
    }

    public struct Entry: Sendable {
        public var name: [UInt8]
        public var content: [UInt8]
        public var method = ZipCompressor.deflate
        /// The bytes to stand in the archive, if not those that compressing the content gives.
        public var data: [UInt8]?
        public var flags: UInt16 = 0
        /// The system that made the entry; 3 is Unix.
        public var host: UInt8 = 3
        public var mode: UInt16 = 0o100644
        /// 2026-01-02 03:04:06 as DOS writes it.
        public var dosTime: UInt16 = 3 << 11 | 4 << 5 | 3
        public var dosDate: UInt16 = 46 << 9 | 1 << 5 | 2
        public var centralExtra: [UInt8] = []
        public var localExtra: [UInt8] = []
        public var comment: [UInt8] = []
        /// Announces the sizes after the data, and writes them there unless `omitsDescriptor`.
        public var hasDescriptor = false
        public var omitsDescriptor = false
        public var descriptorCRC: UInt32?
        /// Writes the sizes and the offset in zip64 fields though they are small.
        public var isZip64 = false
        /// Stands in the directory only, with no header or data of its own.
        public var isOnlyListed = false
        public var central = Lies()
        public var local = Lies()

        public init(_ name: String, _ content: [UInt8], _ change: (inout Entry) -> Void = { _ in }) {
            self.name = Array(name.utf8)
            self.content = content
            change(&self)
        }

        public init(_ name: String, _ content: String = "", _ change: (inout Entry) -> Void = { _ in }) {
            self.init(name, Array(content.utf8), change)
        }

        /// A symbolic link.
        public static func link(_ name: String, to target: String) -> Entry {
            Entry(name, target) {
                $0.mode = 0o120777
                $0.method = ZipCompressor.stored
            }
        }
    }

    public var entries: [Entry]
    /// Bytes before the archive, with offsets that do not count them.
    public var prefix: [UInt8] = []
    public var comment: [UInt8] = []
    /// Bytes between the last entry and the directory.
    public var padding = 0
    /// Ends the archive by zip64 records, and nothing but ones in the end record.
    public var isZip64 = false
    /// How many of the first entries the directory does not list.
    public var omittedRecords = 0
    public var statedCount: Int?
    public var statedDirectorySize: Int?
    public var statedDirectoryOffset: Int?
    public var statedDisk: Int?

    public init(_ entries: [Entry] = [], _ change: (inout ZipBuilder) -> Void = { _ in }) {
        self.entries = entries
        change(&self)
    }

    /// The archive's bytes.
    public func build() -> [UInt8] {
        var body: [UInt8] = []
        var directory: [UInt8] = []
        for (number, entry) in entries.enumerated() {
            let data = entry.data ?? ZipCompressor.compress(entry.content, method: entry.method)
            if number >= omittedRecords {
                directory += Self.centralHeader(entry, dataSize: data.count, offset: body.count)
            }
            if entry.isOnlyListed { continue }
            body += Self.localHeader(entry, dataSize: data.count) + data
            if entry.hasDescriptor, !entry.omitsDescriptor { body += Self.descriptor(entry, dataSize: data.count) }
        }
        body += [UInt8](repeating: 0, count: padding)
        return prefix + body + directory + end(directorySize: directory.count, directoryOffset: body.count)
    }

    static func localHeader(_ entry: Entry, dataSize: Int) -> [UInt8] {
        let lies = entry.local
        let isLate = entry.hasDescriptor
        let crc = lies.crc32 ?? (isLate ? 0 : ZipCompressor.crc32(entry.content))
        let known: UInt32? = entry.isZip64 ? 0xffff_ffff : nil
        let compressed = lies.compressedSize ?? known ?? (isLate ? 0 : UInt32(dataSize))
        let size = lies.size ?? known ?? (isLate ? 0 : UInt32(entry.content.count))
        var extra = entry.localExtra
        if entry.isZip64 {
            extra += field(1, number(UInt64(isLate ? 0 : entry.content.count)) + number(UInt64(isLate ? 0 : dataSize)))
        }
        let name = lies.name ?? entry.name
        var header = number(lies.signature ?? 0x0403_4b50)
        header += number(UInt16(45)) + number(lies.flags ?? flags(entry))
        header += number(lies.method ?? entry.method)
        header += number(entry.dosTime) + number(entry.dosDate)
        header += number(crc) + number(compressed)
        header += number(size) + number(UInt16(name.count))
        header += number(lies.extraLength ?? UInt16(extra.count))
        return header + name + extra
    }

    private static func centralHeader(_ entry: Entry, dataSize: Int, offset: Int) -> [UInt8] {
        let lies = entry.central
        let known: UInt32? = entry.isZip64 ? 0xffff_ffff : nil
        var extra = entry.centralExtra
        if entry.isZip64 {
            let sizes = number(UInt64(entry.content.count)) + number(UInt64(dataSize))
            extra += field(1, sizes + number(UInt64(offset)))
        }
        let name = lies.name ?? entry.name
        var header = number(UInt32(0x0201_4b50)) + [45, entry.host] + number(UInt16(45))
        header += number(lies.flags ?? flags(entry)) + number(lies.method ?? entry.method)
        header += number(entry.dosTime) + number(entry.dosDate)
        header += number(lies.crc32 ?? ZipCompressor.crc32(entry.content))
        header += number(lies.compressedSize ?? known ?? UInt32(dataSize))
        header += number(lies.size ?? known ?? UInt32(entry.content.count))
        header += number(UInt16(name.count)) + number(lies.extraLength ?? UInt16(extra.count))
        header += number(UInt16(entry.comment.count)) + number(lies.disk ?? 0) + number(UInt16(0))
        header += number(UInt32(entry.mode) << 16) + number(lies.headerOffset ?? known ?? UInt32(offset))
        return header + name + extra + entry.comment
    }

    private static func descriptor(_ entry: Entry, dataSize: Int) -> [UInt8] {
        let start = number(UInt32(0x0807_4b50)) + number(entry.descriptorCRC ?? ZipCompressor.crc32(entry.content))
        return entry.isZip64
            ? start + number(UInt64(dataSize)) + number(UInt64(entry.content.count))
            : start + number(UInt32(dataSize)) + number(UInt32(entry.content.count))
    }

    private func end(directorySize: Int, directoryOffset: Int) -> [UInt8] {
        let (count, disk) = (statedCount ?? entries.count - omittedRecords, statedDisk ?? 0)
        let (size, offset) = (statedDirectorySize ?? directorySize, statedDirectoryOffset ?? directoryOffset)
        var bytes: [UInt8] = []
        if isZip64 {
            bytes += number(UInt32(0x0606_4b50)) + number(UInt64(44)) + number(UInt16(45)) + number(UInt16(45))
            bytes += number(UInt32(disk)) + number(UInt32(disk))
            bytes += number(UInt64(bitPattern: Int64(count))) + number(UInt64(bitPattern: Int64(count)))
            bytes += number(UInt64(bitPattern: Int64(size))) + number(UInt64(bitPattern: Int64(offset)))
            bytes += number(UInt32(0x0706_4b50)) + number(UInt32(0))
            bytes += number(UInt64(directoryOffset + directorySize)) + number(UInt32(1))
        }
        let (full16, full32) = (isZip64 ? 0xffff : nil, isZip64 ? 0xffff_ffff : nil)
        bytes += number(UInt32(0x0605_4b50)) + number(UInt16(disk)) + number(UInt16(disk))
        bytes += number(UInt16(truncatingIfNeeded: full16 ?? count))
        bytes += number(UInt16(truncatingIfNeeded: full16 ?? count))
        bytes += number(UInt32(truncatingIfNeeded: full32 ?? size))
        bytes += number(UInt32(truncatingIfNeeded: full32 ?? offset))
        return bytes + number(UInt16(comment.count)) + comment
    }

    private static func flags(_ entry: Entry) -> UInt16 { entry.flags | (entry.hasDescriptor ? 8 : 0) }

    /// An extra field.
    public static func field(_ tag: UInt16, _ bytes: [UInt8]) -> [UInt8] {
        number(tag) + number(UInt16(bytes.count)) + bytes
    }

    /// A number as zip writes it.
    public static func number<T: FixedWidthInteger>(_ value: T) -> [UInt8] {
        withUnsafeBytes(of: value.littleEndian) { Array($0) }
    }

    private func number<T: FixedWidthInteger>(_ value: T) -> [UInt8] { Self.number(value) }
}
