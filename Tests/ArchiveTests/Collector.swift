import Archive
import AssayModel
import AssayTestSupport

/// Keeps everything that a pass hands over.
struct Collector: EntryConsumer {
    var files: [String: [UInt8]] = [:]
    var links: [String: String] = [:]
    var directories: [String] = []
    /// What came whole, in the order in which it came, by index.
    var good: [Int] = []
    var refused: [Int: String] = [:]
    var offsets: [String: Int] = [:]
    private var current: (entry: ArchiveEntry, bytes: [UInt8])?

    mutating func begin(_ entry: ArchiveEntry, dataOffset: Int) {
        current = (entry, [])
        offsets[entry.path] = dataOffset
    }

    mutating func consume(_ bytes: UnsafeRawBufferPointer) { current?.bytes.append(contentsOf: bytes) }

    mutating func end() async throws {
        guard let (entry, bytes) = current else { return }
        files[entry.path] = bytes
        good.append(entry.index)
        current = nil
    }

    mutating func link(_ entry: ArchiveEntry, target: String) async throws {
        links[entry.path] = target
        good.append(entry.index)
    }

    mutating func directory(_ entry: ArchiveEntry) async throws {
        directories.append(entry.path)
        good.append(entry.index)
    }

    mutating func refuse(_ entry: RefusedEntry) async throws {
        current = nil
        refused[entry.index] = entry.error.code
    }
}

extension Collector {
    /// Reads the directory and everything in it.
    static func read(
        _ source: some ByteSource, limits: ArchiveLimits = ArchiveLimits(), pieceSize: Int = 8 << 20
    ) async throws(ArchiveError) -> (directory: ArchiveDirectory, collector: Collector) {
        let directory = try await ArchiveDirectory.read(from: source, limits: limits)
        var collector = Collector()
        try await ArchiveStream(of: directory, from: source, pieceSize: pieceSize).read(into: &collector)
        return (directory, collector)
    }
}

/// Numbers that are the same in each run.
struct Seeded: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    // SplitMix64.
    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }

    /// Bytes that compress to about a half.
    mutating func text(_ count: Int) -> [UInt8] {
        var words = [UInt64](repeating: 0, count: (count + 7) / 8)
        for index in words.indices { words[index] = next() & 0x0f0f_0f0f_0f0f_0f0f | 0x6060_6060_6060_6060 }
        return words.withUnsafeBytes { Array($0.prefix(count)) }
    }
}
