/// Goes through the records of a directory and decides which entries are refused before any data is read.
///
/// A million entries pass here with a few numbers each; names are decoded, judged, and let go.
struct DirectoryJudge {
    private(set) var slots: [ArchiveDirectory.Slot] = []
    /// The entries that lie within the archive, in the order of their headers.
    private(set) var layout: [UInt32] = []

    private let limits: ArchiveLimits
    private let shift: Int
    private let dataEnd: Int
    private var names: [NameHash] = []

    private struct NameHash {
        let index: UInt32
        let hash: UInt32
    }

    /// - Parameters:
    ///   - shift: how many bytes stand before the archive in its object.
    ///   - dataEnd: where the directory begins, before which all data must lie.
    init(limits: ArchiveLimits, shift: Int, dataEnd: Int) {
        self.limits = limits
        self.shift = shift
        self.dataEnd = dataEnd
    }

    func indices(_ isWanted: (ArchiveDirectory.Slot) -> Bool) -> [UInt32] {
        var found: [UInt32] = []
        found.reserveCapacity(slots.count(where: isWanted))
        for index in slots.indices where isWanted(slots[index]) { found.append(UInt32(index)) }
        return found
    }

    /// Finds the records and what is wrong with each by itself.
    mutating func readRecords(
        _ directory: UnsafeRawBufferPointer, entryCount: Int, countIsShort: Bool
    ) throws(ArchiveError) {
        slots.reserveCapacity(entryCount)
        names.reserveCapacity(entryCount)
        var offset = 0
        while offset < directory.count {
            guard let length = CentralRecord.length(in: directory, at: offset) else {
                throw .directoryInvalid(offset: offset)
            }
            guard slots.count < limits.entryCount else {
                throw .tooManyEntries(count: slots.count + 1, limit: limits.entryCount)
            }
            let index = slots.count
            let record = CentralRecord(directory.slice(offset, length), shift: shift)
            let (entry, problem) = record.entry(index: index, limits: limits)
            slots.append(ArchiveDirectory.Slot(offset: UInt32(offset), problem: problem))
            if problem?.concernsName != true {
                names.append(NameHash(index: UInt32(index), hash: Self.hash(entry)))
            }
            offset += length
        }
        let agrees = slots.count == entryCount || countIsShort && slots.count & 0xffff == entryCount
        guard agrees else { throw .entryCountDisagrees(stated: entryCount, found: slots.count) }
    }

    /// Refuses every entry whose name a later one has: also if that one is refused itself, since what other tools
    /// extract under the name is not what the earlier entry holds.
    mutating func refuseDuplicates(_ directory: UnsafeRawBufferPointer) {
        // Equal hashes stand together afterwards, and among them the later entries first.
        names.sort { $0.hash != $1.hash ? $0.hash < $1.hash : $0.index > $1.index }
        var start = 0
        while start < names.count {
            var end = start + 1
            while end < names.count, names[end].hash == names[start].hash { end += 1 }
            if end - start > 1 { refuseDuplicates(among: start..<end, directory) }
            start = end
        }
        names = []
    }

    private mutating func refuseDuplicates(among range: Range<Int>, _ directory: UnsafeRawBufferPointer) {
        // Strings compare by canonical equivalence, and files by bytes.
        struct Name: Hashable {
            let bytes: [UInt8]
            let isDirectory: Bool
        }
        var seen: Set<Name> = []
        for position in range {
            let index = Int(names[position].index)
            let entry = record(index, directory).entry(index: index, limits: limits).entry
            let isNew = seen.insert(Name(bytes: Array(entry.path.utf8), isDirectory: entry.kind == .directory)).inserted
            if !isNew, slots[index].problem == nil { slots[index].problem = .duplicateName }
        }
    }

    // Seeded anew in each process: nobody can prepare names that all fall together.
    private static func hash(_ entry: ArchiveEntry) -> UInt32 {
        var hasher = Hasher()
        var path = entry.path
        path.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
        // A file and a directory of the same name may both stay: what shows them decides.
        hasher.combine(entry.kind == .directory)
        return UInt32(truncatingIfNeeded: hasher.finalize())
    }

    /// Refuses entries that lie outside the archive, and all that share bytes with another.
    mutating func refuseOverlaps(_ directory: UnsafeRawBufferPointer) {
        layOut(directory)
        var first = 0
        while first < layout.count {
            var end = extent(first, directory).end
            var next = first + 1
            while next < layout.count {
                let extent = extent(next, directory)
                guard extent.start < end else { break }
                end = max(end, extent.end)
                next += 1
            }
            if next - first > 1 {
                for index in layout[first..<next] where slots[Int(index)].problem == nil {
                    slots[Int(index)].problem = .overlapping
                }
            }
            first = next
        }
    }

    /// Brings the entries that lie within the archive into the order of their headers.
    private mutating func layOut(_ directory: UnsafeRawBufferPointer) {
        layout.reserveCapacity(slots.count)
        var (last, isSorted) = (0, true)
        for index in slots.indices {
            let record = record(index, directory)
            // Without numbers it cannot be placed; a false claim on bytes must not bring down honest entries.
            guard record.problem == nil else { continue }
            guard let end = record.leastEnd, end <= dataEnd else {
                if slots[index].problem == nil { slots[index].problem = .outsideArchive }
                continue
            }
            layout.append(UInt32(index))
            isSorted = isSorted && record.headerOffset >= last
            last = record.headerOffset
        }
        // Most archives are written in the order of their directory: then no keys need to be held.
        guard !isSorted else { return }
        var keys = layout.map { (start: record(Int($0), directory).headerOffset, index: $0) }
        keys.sort { $0 < $1 }
        layout = keys.map(\.index)
    }

    private func extent(_ position: Int, _ directory: UnsafeRawBufferPointer) -> (start: Int, end: Int) {
        let record = record(Int(layout[position]), directory)
        return (record.headerOffset, record.leastEnd ?? dataEnd)
    }

    /// Refuses the entries with which, in the directory's order, the sum of the sizes exceeds the limit.
    mutating func refuseBeyondTotal(_ directory: UnsafeRawBufferPointer) {
        var total = 0
        for index in slots.indices where slots[index].problem == nil {
            let size = record(index, directory).size
            if size > limits.totalSize - total {
                slots[index].problem = .totalTooLarge
            } else {
                total += size
            }
        }
    }

    private func record(_ index: Int, _ directory: UnsafeRawBufferPointer) -> CentralRecord {
        let offset = Int(slots[index].offset)
        let end = index + 1 < slots.count ? Int(slots[index + 1].offset) : directory.count
        return CentralRecord(directory.slice(offset, end - offset), shift: shift)
    }
}

extension EntryError {
    /// Whether the entry has no name by which it could be found.
    fileprivate var concernsName: Bool {
        switch self {
        case .nameEmpty, .nameAbsolute, .nameTraversal, .nameHasNUL, .nameTooLong, .nameTooDeep, .componentTooLong,
            .nameNotUTF8:
            true
        default: false
        }
    }
}
