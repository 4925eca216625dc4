/// A file header of the central directory (APPNOTE 4.3.12), read in place.
///
/// Reading never fails: what is wrong with the numbers is `problem`, and then they are 0.
struct CentralRecord {
    static let signature = 0x0201_4b50
    static let fixedSize = 46

    private let bytes: UnsafeRawBufferPointer
    let compressedSize: Int
    let size: Int
    /// Where the local header begins in the object.
    let headerOffset: Int
    let problem: EntryError?

    /// The length of the record at `offset`, or nil if none stands there whole.
    static func length(in directory: UnsafeRawBufferPointer, at offset: Int) -> Int? {
        guard offset <= directory.count - fixedSize, directory.u32(offset) == signature else { return nil }
        let length = fixedSize + directory.u16(offset + 28) + directory.u16(offset + 30) + directory.u16(offset + 32)
        return offset <= directory.count - length ? length : nil
    }

    /// - Parameters:
    ///   - record: the whole record, for which `length(in:at:)` vouched.
    ///   - shift: how many bytes stand before the archive in its object.
    init(_ record: UnsafeRawBufferPointer, shift: Int) {
        bytes = record
        let extra = ExtraFields(record.slice(Self.fixedSize + record.u16(28), record.u16(30)))
        var (compressed, expanded, offset) = (record.u32(20), record.u32(24), record.u32(42))
        var (disk, problem) = (record.u16(34), EntryError?.none)
        // APPNOTE 4.5.3: the fields stand in this order, each only if its 32-bit place is full of ones.
        if let zip64 = extra.first(ExtraFields.Tag.zip64) {
            var next = 0
            func read(_ value: inout Int) {
                guard value == 0xffff_ffff, problem == nil else { return }
                guard next + 8 <= zip64.count else {
                    problem = .extraFieldMalformed
                    return
                }
                guard let number = zip64.u64(next) else {
                    problem = .numberTooLarge
                    return
                }
                value = number
                next += 8
            }
            read(&expanded)
            read(&compressed)
            read(&offset)
            if disk == 0xffff, next + 4 <= zip64.count { disk = zip64.u32(next) }
        }
        let (start, overflow) = offset.addingReportingOverflow(shift)
        if problem == nil, overflow { problem = .numberTooLarge }
        if problem == nil, !extra.isWellFormed { problem = .extraFieldMalformed }
        if problem == nil, disk != 0 { problem = .onOtherDisk }
        self.problem = problem
        compressedSize = problem == nil ? compressed : 0
        size = problem == nil ? expanded : 0
        headerOffset = problem == nil ? start : 0
    }

    var host: Int { Int(bytes[5]) }
    var flags: Int { bytes.u16(8) }
    var method: CompressionMethod { CompressionMethod(rawValue: bytes.number(UInt16.self, at: 10)) }
    var dosTime: Int { bytes.u16(12) }
    var dosDate: Int { bytes.u16(14) }
    var crc32: UInt32 { bytes.number(UInt32.self, at: 16) }
    var externalAttributes: Int { bytes.u32(38) }
    var name: UnsafeRawBufferPointer { bytes.slice(Self.fixedSize, bytes.u16(28)) }
    var extra: ExtraFields { ExtraFields(bytes.slice(Self.fixedSize + bytes.u16(28), bytes.u16(30))) }

    /// Where the entry ends at the earliest: its local header is at least as long as its name requires.
    var leastEnd: Int? {
        let (end, overflow) = headerOffset.addingReportingOverflow(compressedSize)
        guard !overflow else { return nil }
        let (total, beyond) = end.addingReportingOverflow(LocalHeader.fixedSize + name.count)
        return beyond ? nil : total
    }
}

/// General purpose bits (APPNOTE 4.4.4).
enum GeneralPurpose {
    static let encrypted = 1 << 0
    static let descriptor = 1 << 3
    static let strongEncryption = 1 << 6
    static let utf8 = 1 << 11
    static let maskedHeader = 1 << 13
    static let anyEncryption = encrypted | strongEncryption | maskedHeader
}

extension CentralRecord {
    /// The entry that the record describes, and why it is refused if it is.
    func entry(index: Int, limits: ArchiveLimits) -> (entry: ArchiveEntry, problem: EntryError?) {
        let name = EntryName(
            name, isUTF8: flags & GeneralPurpose.utf8 != 0, host: host, extra: extra, limits: limits)
        let unixMode = EntryName.Host.isUnix(host) ? UnixMode(rawValue: externalAttributes >> 16) : nil
        let isDirectory = name.namesDirectory || (unixMode?.type == .directory && size == 0)
        let kind: ArchiveEntry.Kind =
            isDirectory ? .directory : unixMode?.type == .symbolicLink ? .symbolicLink : .file
        let entry = ArchiveEntry(
            index: index, path: name.path, kind: kind, method: method, crc32: crc32, compressedSize: compressedSize,
            size: size, headerOffset: headerOffset, modified: EntryTime.read(extra, date: dosDate, time: dosTime),
            mode: unixMode?.permissions)
        let isSpecial = !isDirectory && unixMode?.type == .other
        return (entry, name.problem ?? problem ?? (isSpecial ? .specialFile : judge(kind, limits)))
    }

    private func judge(_ kind: ArchiveEntry.Kind, _ limits: ArchiveLimits) -> EntryError? {
        if flags & GeneralPurpose.anyEncryption != 0 { return .encrypted }
        if kind == .directory, size > 0 { return .directoryWithData }
        if !method.isSupported { return .unsupportedMethod(method) }
        if method == .stored, compressedSize != size { return .sizeDisagrees }
        if kind == .symbolicLink, size > limits.linkTargetLength { return .linkTooLong }
        if size > limits.entrySize { return .tooLarge }
        if size > limits.ratioFloor, size / max(1, limits.expansionRatio) > compressedSize { return .expandsTooMuch }
        return nil
    }
}

/// The mode of a file as Unix archivers keep it, in the upper half of the external attributes.
struct UnixMode {
    enum FileType { case file, directory, symbolicLink, other }

    private let bits: Int

    /// Nil for 0, with which tools say that they know no mode.
    init?(rawValue: Int) {
        guard rawValue != 0 else { return nil }
        bits = rawValue
    }

    var permissions: UInt16 { UInt16(truncatingIfNeeded: bits & 0o7777) }

    /// A mode without a type is a file's.
    var type: FileType {
        switch bits & 0o170000 {
        case 0, 0o100000: .file
        case 0o040000: .directory
        case 0o120000: .symbolicLink
        default: .other
        }
    }
}
