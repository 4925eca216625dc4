import Archive
import AssayModel
import ObjectStorage

/// Makes blocks of one artifact from the bytes of its object. Called by one task at a time.
protocol BlockMaker: Sendable {
    /// Makes the block at `index`, and hands it and whatever it made besides to `take`, each with its index.
    ///
    /// - Parameter isMade: tells which blocks need not be made any more.
    func make(
        _ index: Int, isMade: (Int) -> Bool, take: (ByteBlock, Int) throws(ViewError) -> Void
    ) async throws(ViewError)
}

/// Stored entries and loose objects: their blocks are ranges of the object.
final class StoredBlocks: BlockMaker {
    private let source: any ByteSource
    private let dataOffset: Int
    private let size: Int
    private let name: String
    // Only the task whose turn it is touches these.
    private nonisolated(unsafe) var next = 0
    private nonisolated(unsafe) var run = 1

    /// The most blocks that are read at a time: 4 MiB.
    private static let longestRun = 16
    /// So far from where the last run ended, in blocks, a reader still reads on: the kernel asks out of order.
    private static let nearby = 4

    init(source: some ByteSource, dataOffset: Int, size: Int, name: String) {
        self.source = source
        self.dataOffset = dataOffset
        self.size = size
        self.name = name
    }

    func make(
        _ index: Int, isMade: (Int) -> Bool, take: (ByteBlock, Int) throws(ViewError) -> Void
    ) async throws(ViewError) {
        // Who reads on gets more each time; who jumps gets what was asked for.
        run = index > 0 && abs(index - next) < Self.nearby ? min(run * 2, Self.longestRun) : 1
        let count = (1..<run).first { isMade(index + $0) } ?? run
        let start = index * ArtifactFile.blockSize
        let end = min(size, start + count * ArtifactFile.blockSize)
        let (first, overflow) = dataOffset.addingReportingOverflow(start)
        guard !overflow, let range = ByteRange(offset: first, length: end - start), range.end <= source.size else {
            throw .damaged("\(name) is said to lie beyond the end of its object")
        }
        let bytes = try await ViewError.translating(name) { try await source.read(range) }
        next = index + count
        for block in 0..<count where block * ArtifactFile.blockSize < bytes.count {
            let from = block * ArtifactFile.blockSize
            let count = min(ArtifactFile.blockSize, bytes.count - from)
            try take(bytes.withUnsafeBytes { ByteBlock($0[from..<from + count]) }, index + block)
        }
    }
}

/// Compressed entries: their blocks come out of a decompressor, in order.
final class InflatedBlocks: BlockMaker {
    private let open: @Sendable () throws(ArchiveError) -> EntryReader
    private let name: String
    // Only the task whose turn it is touches these.
    private nonisolated(unsafe) var reader: EntryReader?
    private nonisolated(unsafe) var next = 0

    init(name: String, open: @escaping @Sendable () throws(ArchiveError) -> EntryReader) {
        self.name = name
        self.open = open
    }

    func make(
        _ index: Int, isMade: (Int) -> Bool, take: (ByteBlock, Int) throws(ViewError) -> Void
    ) async throws(ViewError) {
        let start = index * ArtifactFile.blockSize
        let current: EntryReader
        var position = 0
        if let reader, next <= start {
            (current, position) = (reader, next)
        } else {
            do { current = try open() } catch { throw ViewError(error, name: name) }
        }
        // A reader that failed is of no use to the next.
        reader = nil
        while position <= start {
            let made = position / ArtifactFile.blockSize
            let block = try await ViewError.translating(name) { try await current.read(upTo: ArtifactFile.blockSize) }
            position += block.count
            if block.count == 0 { return }
            try take(block, made)
        }
        (reader, next) = (current, position)
    }
}

extension ViewError {
    /// Runs what reads an object, and says in the view's words why it failed.
    static func translating<T: Sendable>(
        _ name: String, _ body: () async throws -> T
    ) async throws(ViewError) -> T {
        do { return try await body() } catch { throw ViewError(error, name: name) }
    }

    init(_ error: any Error, name: String) {
        switch error {
        case let error as ViewError: self = error
        case let error as ObjectStorageError: self.init(error, name: name)
        case ArchiveError.source(let inner): self.init(inner, name: name)
        case is CancellationError, ArchiveError.cancelled: self = .cancelled
        default: self = .damaged("\(name): \(error)")
        }
    }

    init(_ error: ObjectStorageError, name: String) {
        switch error {
        case .notFound, .changed: self = .stale("\(name): \(error)")
        case .denied: self = .denied("\(name): \(error)")
        case .cancelled: self = .cancelled
        default: self = .unavailable("\(name): \(error)")
        }
    }
}
