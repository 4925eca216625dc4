import Archive
import AssayModel
import AssayTestSupport
import Testing

@Suite struct EntryReaderTests {
    private func fixture(
        _ method: UInt16, size: Int = 3_000_000, change: (inout ZipBuilder.Entry) -> Void = { _ in }
    ) async throws -> (reader: EntryReader, source: CountingSource, content: [UInt8]) {
        var random = Seeded(5)
        let content = random.text(size)
        let name = "file"
        let builder = ZipBuilder([
            .init(name, content) {
                $0.method = method
                change(&$0)
            }
        ])
        let source = CountingSource(builder.build())
        let entry = try #require(try await ArchiveDirectory.read(from: source).entries.first)
        let reader = try EntryReader(
            source: source, method: entry.method, dataOffset: 30 + name.utf8.count,
            compressedSize: entry.compressedSize, size: entry.size, crc32: entry.crc32)
        return (reader, source, content)
    }

    @Test(arguments: ZipCompressor.methods) func readsFromStartToEnd(_ method: UInt16) async throws {
        let (reader, source, content) = try await fixture(method)
        var read: [UInt8] = []
        while true {
            let block = try await reader.read(upTo: 131_072)
            #expect(block.count == min(131_072, content.count - read.count))
            if block.count == 0 { break }
            block.withUnsafeBytes { read += $0 }
        }
        #expect(read == content)
        #expect(await reader.position == content.count)
        #expect(await source.reads.dropFirst().allSatisfy { $0.length <= 1 << 20 })
        // Each byte of the data is read once, beside the tail that the directory took.
        #expect(await source.reads.dropFirst().reduce(0) { $0 + $1.length } <= source.size)
    }

    @Test(arguments: ZipCompressor.methods) func readsFromAnywhereForwardsAndBack(_ method: UInt16) async throws {
        let (reader, _, content) = try await fixture(method)
        for offset in [1_000_000, 2_000_001, 5, 2_999_999, 0, 4_000_000] {
            await reader.skip(to: offset)
            let block = try await reader.read(upTo: 1000)
            let start = min(offset, content.count)
            #expect(block.withUnsafeBytes { Array($0) } == Array(content[start..<min(start + 1000, content.count)]))
        }
    }

    @Test func readsOnlyTheBeginningOfWhatIsOnlyBegun() async throws {
        let (reader, source, _) = try await fixture(ZipCompressor.deflate)
        _ = try await reader.read(upTo: 10)
        #expect(await source.reads.dropFirst().reduce(0) { $0 + $1.length } <= 192 << 10)
    }

    @Test func readsAnEmptyEntry() async throws {
        let (reader, _, _) = try await fixture(ZipCompressor.deflate, size: 0)
        #expect(try await reader.read(upTo: 10).count == 0)
    }

    @Test(arguments: ZipCompressor.methods) func withholdsTheEndOfWhatHasAnotherChecksum(_ method: UInt16) async throws
    {
        let (reader, _, content) = try await fixture(method) { $0.central.crc32 = 7 }
        _ = try await reader.read(upTo: content.count - 1)
        for _ in 0..<2 {
            await #expect { try await reader.read(upTo: 1) } throws: {
                ($0 as? ArchiveError)?.code == "checksum-disagrees"
            }
        }
    }

    @Test func noticesDataBehindTheEnd() async throws {
        let (reader, _, content) = try await fixture(ZipCompressor.deflate) {
            $0.data = ZipCompressor.compress($0.content, method: $0.method) + [UInt8](repeating: 0, count: 100_000)
        }
        await #expect { try await reader.read(upTo: content.count) } throws: {
            ($0 as? ArchiveError)?.code == "data-ends-late"
        }
    }

    @Test func noticesMoreContentsThanTheSizeSays() async throws {
        let (reader, _, content) = try await fixture(ZipCompressor.deflate) { $0.central.size = 2_999_990 }
        await #expect { try await reader.read(upTo: content.count) } throws: {
            ($0 as? ArchiveError)?.code == "size-disagrees"
        }
    }

    @Test func canBeUsedAgainAfterTheSourceFailed() async throws {
        var random = Seeded(6)
        let content = random.text(1_000_000)
        let bytes = ZipBuilder([.init("file", content)]).build()
        let source = FlakySource(bytes)
        let entry = try #require(try await ArchiveDirectory.read(from: source).entries.first)
        let reader = try EntryReader(
            source: source, method: entry.method, dataOffset: 34, compressedSize: entry.compressedSize,
            size: entry.size, crc32: entry.crc32)
        _ = try await reader.read(upTo: 1000)
        await source.failNext()
        await #expect { try await reader.read(upTo: 900_000) } throws: {
            ($0 as? ArchiveError)?.code == "source-failed"
        }
        let rest = try await reader.read(upTo: 999_000)
        #expect(rest.withUnsafeBytes { Array($0) } == Array(content[1000...]))
    }

    @Test func refusesNumbersThatCannotBe() async throws {
        let source = CountingSource([1, 2, 3])
        for (offset, compressed, size) in [(0, 4, 4), (-1, 1, 1), (Int.max, 1, 1), (0, 1, -1)] {
            #expect(throws: ArchiveError.self) {
                try EntryReader(
                    source: source, method: .stored, dataOffset: offset, compressedSize: compressed, size: size,
                    crc32: 0)
            }
        }
    }
}

/// A source that can be made to fail once.
private actor FlakySource: ByteSource {
    struct Failure: Error {}
    nonisolated let size: Int
    private let bytes: [UInt8]
    private var fails = false

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        size = bytes.count
    }

    func failNext() { fails = true }

    func read(_ range: ByteRange) throws -> ByteBlock {
        defer { fails = false }
        if fails { throw Failure() }
        return ByteBlock(bytes[range.offset..<range.end])
    }
}
