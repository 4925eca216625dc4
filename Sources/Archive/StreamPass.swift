import AssayModel

/// The state of a pass over an archive: where it is, and what it uses for one entry after another.
struct StreamPass: ~Copyable {
    private let directory: ArchiveDirectory
    private let cursor: PieceCursor
    private let decoder: EntryDecoder
    private let output = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 64)
    /// The end of all data that was claimed so far, by whatever local headers said.
    private var claimedEnd = 0

    init(directory: ArchiveDirectory, cursor: PieceCursor) {
        self.directory = directory
        self.cursor = cursor
        decoder = EntryDecoder(memory: directory.limits.decoderMemory)
    }

    deinit { output.deallocate() }

    /// Reads one entry and hands it over.
    ///
    /// - Parameter limit: where the next entry or the directory begins.
    /// - Throws: `entry` if the entry is refused; the pass can go on with the next one.
    nonisolated(nonsending) mutating func read<C: EntryConsumer>(
        _ entry: ArchiveEntry, limit: Int, into consumer: inout C
    ) async throws(ArchiveError) {
        let place = try await locate(entry, limit: limit)
        switch entry.kind {
        case .directory:
            try await ArchiveStream.handOver { try await consumer.directory(entry) }
        case .symbolicLink:
            var bytes: [UInt8] = []
            try await decode(entry, at: place, limit: limit) { bytes.append(contentsOf: $0) }
            let target = try ArchiveError.forEntry { () throws(EntryError) in
                try LinkTarget.check(bytes, ofLinkAt: entry.path)
            }
            try await ArchiveStream.handOver { try await consumer.link(entry, target: target) }
        case .file:
            consumer.begin(entry, dataOffset: place.dataOffset)
            try await decode(entry, at: place, limit: limit) { consumer.consume($0) }
            try await ArchiveStream.handOver { try await consumer.end() }
        }
    }

    private struct Place {
        let dataOffset: Int
        let hasDescriptor: Bool
    }

    /// Checks the local header and finds the data behind it.
    private nonisolated(nonsending) mutating func locate(
        _ entry: ArchiveEntry, limit: Int
    ) async throws(ArchiveError) -> Place {
        let start = entry.headerOffset
        guard start >= claimedEnd else { throw .entry(.overlapping) }
        try await load(from: start, count: LocalHeader.fixedSize)
        let length = try cursor.withBytes(from: start, count: LocalHeader.fixedSize) { bytes throws(ArchiveError) in
            try ArchiveError.forEntry { () throws(EntryError) in try LocalHeader.length(bytes) }
        }
        let dataOffset = start + length
        // Longer extra fields than the directory let expect can push the data into the next entry: that one shares it.
        claimedEnd = max(claimedEnd, dataOffset + entry.compressedSize)
        guard claimedEnd <= limit else {
            throw .entry(claimedEnd > directory.range.offset ? .outsideArchive : .overlapping)
        }
        try await load(from: start, count: length)
        let hasDescriptor = try cursor.withBytes(from: start, count: length) { header throws(ArchiveError) in
            try ArchiveError.forEntry { () throws(EntryError) in
                try directory.withRecord(entry.index) { record throws(EntryError) in
                    try LocalHeader.check(header, against: record)
                }
            }
            return LocalHeader.announcesDescriptor(header)
        }
        return Place(dataOffset: dataOffset, hasDescriptor: hasDescriptor)
    }

    /// Decodes the whole of an entry's data into `sink`, and checks it and what stands behind it.
    private nonisolated(nonsending) mutating func decode(
        _ entry: ArchiveEntry, at place: Place, limit: Int, sink: (UnsafeRawBufferPointer) -> Void
    ) async throws(ArchiveError) {
        try begin(entry)
        var position = place.dataOffset
        let dataEnd = place.dataOffset + entry.compressedSize
        while position < dataEnd {
            try await load(from: position, count: 1)
            let count = min(cursor.contiguous(from: position), dataEnd - position)
            try cursor.withBytes(from: position, count: count) { bytes throws(ArchiveError) in
                try decode(bytes, isStored: entry.method == .stored, sink: sink)
            }
            position += count
        }
        try ArchiveError.forEntry { () throws(EntryError) in try decoder.finish() }
        let descriptorSize = min(DataDescriptor.greatestSize, limit - dataEnd)
        if place.hasDescriptor, descriptorSize > 0 {
            try await load(from: dataEnd, count: descriptorSize)
            try cursor.withBytes(from: dataEnd, count: descriptorSize) { bytes throws(ArchiveError) in
                try ArchiveError.forEntry { () throws(EntryError) in
                    try DataDescriptor.check(bytes, against: entry)
                }
            }
        }
    }

    private func begin(_ entry: ArchiveEntry) throws(ArchiveError) {
        try ArchiveError.forEntry { () throws(EntryError) in
            try decoder.begin(method: entry.method, size: entry.size, crc32: entry.crc32)
        }
    }

    private func decode(
        _ bytes: UnsafeRawBufferPointer, isStored: Bool, sink: (UnsafeRawBufferPointer) -> Void
    ) throws(ArchiveError) {
        if isStored {
            try ArchiveError.forEntry { () throws(EntryError) in try decoder.pass(bytes) }
            return sink(bytes)
        }
        var rest = bytes
        var isFull = false
        while !rest.isEmpty || isFull {
            // A few kilobytes can expand to gigabytes: whoever cancels does not wait for those.
            guard !Task.isCancelled else { throw .cancelled }
            let (consumed, produced) = try ArchiveError.forEntry { () throws(EntryError) in
                try decoder.decode(rest, into: output)
            }
            if produced > 0 { sink(UnsafeRawBufferPointer(rebasing: output[..<produced])) }
            rest = rest.slice(consumed, rest.count - consumed)
            isFull = produced == output.count
        }
    }

    private nonisolated(nonsending) func load(from offset: Int, count: Int) async throws(ArchiveError) {
        guard cursor.contiguous(from: offset) < count else { return }
        guard try await cursor.load(from: offset, count: count) else { throw .entry(.outsideArchive) }
    }
}
