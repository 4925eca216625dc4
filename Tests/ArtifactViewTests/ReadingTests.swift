import AssayModel
import AssayTestSupport
import DigestCatalog
import ObjectStorage
import Synchronization
import Testing

@testable import ArtifactView

@Suite struct ReadingTests {
    private static let block = 256 << 10
    private static let sizes = [0, 1, 4095, block - 1, block, block + 1, 3 * block, (3 << 20) + 77]

    /// An archive with an entry of each size, and loose objects of the same contents.
    private func gallery(_ method: UInt16, cacheSize: Int = 64 << 20) async throws -> Gallery {
        let gallery = try Gallery(cacheSize: cacheSize)
        try await gallery.put(
            "a.zip",
            archiveOf: Self.sizes.map { size in
                ZipBuilder.Entry("\(size)", text(size)) { $0.method = method }
            })
        try await gallery.index()
        return gallery
    }

    /// - Reading past the end gives nothing; any other read gives as many bytes as were asked for, up to the end.
    @Test(arguments: ZipCompressor.methods) func readsWhatIsAskedForFromAnywhere(method: UInt16) async throws {
        let gallery = try await gallery(method, cacheSize: 1 << 20)
        var random = Seeded(UInt64(method) + 1)
        for size in Self.sizes {
            let content = text(size)
            let file = try gallery.tree.open(gallery.node("by-source/bucket/a/\(size)").id)
            #expect(file.size == size)
            var places = [
                (0, 1), (0, size), (size, 1), (size + 1, 10), (max(0, size - 1), 100), (Int.max, 1), (0, 0), (-1, 5),
            ]
            for _ in 0..<12 {
                places.append(
                    (Int.random(in: 0...size + 10, using: &random), Int.random(in: 1...300_000, using: &random)))
            }
            for (offset, count) in places {
                let block = try await file.read(offset: offset, count: count)
                let start = min(max(0, offset), size)
                let end = offset < 0 ? start : min(size, start + count)
                let bytes = block.withUnsafeBytes { Array($0) }
                #expect(bytes == Array(content[start..<end]), "\(count) bytes from \(offset) of \(size)")
                if let atOnce = file.readAtOnce(offset: offset, count: count) {
                    #expect(atOnce.withUnsafeBytes { Array($0) } == bytes)
                }
            }
            #expect(try await gallery.bytes(of: file) == content)
        }
    }

    @Test func looseObjectsAndBundlesAreReadFromAnywhere() async throws {
        let gallery = try Gallery()
        let content = text((2 << 20) + 5)
        try await gallery.put("loose", content)
        try await gallery.index()
        try gallery.attest()
        let file = try gallery.tree.open(gallery.node("by-source/bucket/loose").id)
        for offset in [1 << 20, 0, (2 << 20) + 4, 77, (2 << 20) + 5] {
            let bytes = try await file.read(offset: offset, count: 100_000).withUnsafeBytes { Array($0) }
            #expect(bytes == Array(content[offset..<min(content.count, offset + 100_000)]))
        }
        let bundle = try gallery.tree.open(gallery.node("by-source/bucket/loose.bundle").id)
        let whole = Array("bundle of \(SHA256Digest(of: content).hex)".utf8)
        #expect(try await gallery.bytes(of: bundle, pieceSize: 7) == whole)
        #expect(bundle.readAtOnce(offset: whole.count, count: 1)?.count == 0)
        #expect(bundle.readAtOnce(offset: -1, count: 1)?.count == 0)
        #expect(bundle.readAtOnce(offset: 5, count: .max)?.count == whole.count - 5)
    }

    @Test(arguments: [ZipCompressor.stored, ZipCompressor.deflate]) func parallelReadersGetTheSameBytes(method: UInt16)
        async throws
    {
        let gallery = try await gallery(method, cacheSize: 1 << 20)
        let size = Self.sizes[7]
        let content = text(size)
        let id = try gallery.node("by-source/bucket/a/\(size)").id
        let shared = try gallery.tree.open(id)
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for reader in 0..<12 {
                let file = reader.isMultiple(of: 2) ? shared : try gallery.tree.open(id)
                group.addTask {
                    var random = Seeded(UInt64(reader) + 1)
                    for _ in 0..<6 {
                        let offset = Int.random(in: 0..<size, using: &random)
                        let count = Int.random(in: 1...400_000, using: &random)
                        let bytes = try await file.read(offset: offset, count: count).withUnsafeBytes { Array($0) }
                        if bytes != Array(content[offset..<min(size, offset + count)]) { return false }
                    }
                    return true
                }
            }
            for try await isRight in group { #expect(isRight) }
        }
    }

    /// The kernel's read-ahead asks for pieces of 128 KiB, and its threads may hand them over in any order.
    @Test(arguments: ZipCompressor.methods) func readingOnInflatesOnceEvenOutOfOrder(method: UInt16) async throws {
        let gallery = try Gallery(cacheSize: 8 << 20)
        let content = text(6 << 20)
        try await gallery.put(
            "a.zip",
            archiveOf: [
                ZipBuilder.Entry("before", text(50_000)), ZipBuilder.Entry("x", content) { $0.method = method },
            ])
        try await gallery.index()
        let path = "by-source/bucket/a/x"
        let record = try #require(
            try gallery.catalog.entries(in: gallery.catalog.directories(in: gallery.source.root)[0].id, named: "x")
                .first)
        for seed in 1...4 as ClosedRange<UInt64> {
            var random = Seeded(seed)
            let tree = try gallery.reopened(cacheSize: 8 << 20)
            let file = try tree.open(gallery.node(path, in: tree).id)
            let before = gallery.counting.counter.counts.bytesRead
            var read = [UInt8](repeating: 0, count: content.count)
            for window in stride(from: 0, to: content.count, by: 1 << 20) {
                let offsets = stride(from: window, to: window + (1 << 20), by: 128 << 10).shuffled(using: &random)
                let pieces = try await withThrowingTaskGroup(of: (Int, ByteBlock).self) { group in
                    for offset in offsets {
                        group.addTask { (offset, try await file.read(offset: offset, count: 128 << 10)) }
                    }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
                for (offset, piece) in pieces {
                    piece.withUnsafeBytes { bytes in
                        read.withUnsafeMutableBytes { $0[offset...].copyBytes(from: bytes) }
                    }
                }
            }
            #expect(read == content)
            let requested = gallery.counting.counter.counts.bytesRead - before
            #expect(requested <= record.compressedSize * 102 / 100 + (128 << 10))
        }
    }

    @Test func theCacheStaysWithinItsCapacity() async throws {
        let capacity = 1 << 20
        let gallery = try await gallery(ZipCompressor.deflate, cacheSize: capacity)
        for size in Self.sizes {
            _ = try await gallery.bytes("by-source/bucket/a/\(size)")
            #expect(gallery.tree.blocks.size <= capacity)
        }
        #expect(gallery.tree.blocks.size > capacity / 2)
    }

    @Test func whatIsInMemoryIsReadAtOnceAndNotFetchedAgain() async throws {
        let gallery = try await gallery(ZipCompressor.deflate)
        let size = Self.sizes[7]
        let path = "by-source/bucket/a/\(size)"
        let file = try gallery.tree.open(gallery.node(path).id)
        #expect(file.readAtOnce(offset: 0, count: 10) == nil)
        _ = try await gallery.bytes(of: file)
        let reads = gallery.counting.counter.counts.reads
        let again = try gallery.tree.open(gallery.node(path).id)
        #expect(again.readAtOnce(offset: 0, count: size)?.withUnsafeBytes { Array($0) } == text(size))
        #expect(try await gallery.bytes(path) == text(size))
        #expect(gallery.counting.counter.counts.reads == reads)
    }

    @Test func aCancelledReadLeavesTheFileUsable() async throws {
        let canceller = Mutex<(@Sendable () -> Void)?>(nil)
        let gallery = try Gallery { bucket in
            HookedStore(bucket) { _, number throws(ObjectStorageError) in
                if number == 2 { canceller.withLock { $0 }?() }
            }
        }
        let content = text(4 << 20)
        try await gallery.put("a.zip", archiveOf: [ZipBuilder.Entry("x", content)])
        try await gallery.index()
        let file = try gallery.tree.open(gallery.node("by-source/bucket/a/x").id)
        let gate = AsyncStream<Void>.makeStream()
        let task = Task {
            for await _ in gate.stream { break }
            return await asyncOutcome { try await file.read(offset: 3 << 20, count: 100) }
        }
        canceller.withLock { $0 = { task.cancel() } }
        gate.continuation.finish()
        #expect(await task.value == .cancelled)
        #expect(try await gallery.bytes(of: file) == content)
    }
}
