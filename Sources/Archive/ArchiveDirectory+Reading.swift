public import AssayModel

extension ArchiveDirectory {
    /// The most bytes that the first request asks for: the longest end record with its comment and zip64 records, and
    /// room for a directory of usual size. No more than this is ever read beside the directory itself.
    static let tailSize = 128 << 10
    /// The most bytes that one request for a long directory asks for.
    static let pieceSize = 8 << 20

    /// Reads the directory of the archive that `source` is: by one request if the directory lies in the last 128 KiB,
    /// by two if it is no longer than 8 MiB, and otherwise by one more for each further 8 MiB.
    ///
    /// - Throws: `ArchiveError` if there is no directory to rely on; what is wrong with single entries is in `refusals`.
    public static func read(
        from source: some ByteSource, limits: ArchiveLimits = ArchiveLimits()
    ) async throws(ArchiveError) -> ArchiveDirectory {
        let size = source.size
        guard size >= EndRecord.fixedSize else { throw .notAnArchive(size: size) }
        let tailStart = max(0, size - tailSize)
        let tail = try await block(of: source, from: tailStart, to: size)
        let end = try tail.withUnsafeBytes { bytes throws(ArchiveError) in
            try EndRecord(tail: bytes, objectSize: size)
        }
        guard end.directorySize <= min(limits.directorySize, Int(UInt32.max)) else {
            throw .directoryTooLarge(size: end.directorySize, limit: limits.directorySize)
        }
        guard end.entryCount <= limits.entryCount else {
            throw .tooManyEntries(count: end.entryCount, limit: limits.entryCount)
        }
        // A record has 46 bytes at least: a count that cannot be true need not be paid for.
        guard end.entryCount <= end.directorySize / CentralRecord.fixedSize else {
            throw .entryCountDisagrees(
                stated: end.entryCount, found: end.directorySize / CentralRecord.fixedSize)
        }

        let bytes = ByteBlock(uninitializedCount: end.directorySize)
        let directoryEnd = end.directoryOffset + end.directorySize
        var position = end.directoryOffset
        while position < min(directoryEnd, tailStart) {
            let next = min(directoryEnd, tailStart, position + pieceSize)
            let piece = try await block(of: source, from: position, to: next)
            fill(bytes, at: position - end.directoryOffset, with: piece, from: 0, count: next - position)
            position = next
        }
        if position < directoryEnd {
            let start = position - tailStart
            fill(bytes, at: position - end.directoryOffset, with: tail, from: start, count: directoryEnd - position)
        }
        guard let range = ByteRange(offset: end.directoryOffset, length: end.directorySize) else {
            throw .endRecordInvalid(.directoryOutsideArchive)
        }
        return try ArchiveDirectory(
            bytes: bytes, range: range, end: end, archiveSize: size,
            tail: end.directoryOffset > tailStart ? tail : nil, limits: limits)
    }

    private static func block(
        of source: some ByteSource, from start: Int, to end: Int
    ) async throws(ArchiveError) -> ByteBlock {
        guard let range = ByteRange(from: start, to: end) else { throw .endRecordInvalid(.directoryOutsideArchive) }
        do {
            return try await source.readExactly(range)
        } catch {
            throw .from(error, else: ArchiveError.source)
        }
    }

    private static func fill(_ target: ByteBlock, at offset: Int, with source: ByteBlock, from start: Int, count: Int) {
        target.withUnsafeMutableBytes { target in
            source.withUnsafeBytes { source in
                UnsafeMutableRawBufferPointer(rebasing: target[offset..<offset + count])
                    .copyMemory(from: source.slice(start, count))
            }
        }
    }

    private init(
        bytes: ByteBlock, range: ByteRange, end: EndRecord, archiveSize: Int, tail: ByteBlock?, limits: ArchiveLimits
    ) throws(ArchiveError) {
        var judge = DirectoryJudge(limits: limits, shift: end.shift, dataEnd: range.offset)
        try bytes.withUnsafeBytes { directory throws(ArchiveError) in
            try judge.readRecords(directory, entryCount: end.entryCount, countIsShort: end.countIsShort)
            judge.refuseDuplicates(directory)
            judge.refuseOverlaps(directory)
            judge.refuseBeyondTotal(directory)
        }
        self.init(
            bytes: bytes, slots: judge.slots,
            accepted: judge.indices { $0.problem == nil }, refused: judge.indices { $0.problem != nil },
            layout: judge.layout, tail: tail, range: range, prefixLength: end.shift, archiveSize: archiveSize,
            limits: limits)
    }
}

/// A source broke its promise and gave another number of bytes than it was asked for.
struct WrongByteCount: Error, CustomStringConvertible {
    let asked: ByteRange
    let given: Int
    var description: String { "the store gave \(given) bytes for \(asked)" }
}

extension ByteSource {
    /// The bytes of `range`; a source that gives more or fewer must not lead to reads beyond a block's end.
    func readExactly(_ range: ByteRange) async throws -> ByteBlock {
        let block = try await read(range)
        guard block.count == range.length else { throw WrongByteCount(asked: range, given: block.count) }
        return block
    }
}
