import Archive
import AssayModel
import AssayTestSupport
import Synchronization
import Testing

@Suite struct ArchiveStreamTests {
    @Test(arguments: ZipCompressor.methods) func readsEveryMethod(_ method: UInt16) async throws {
        var random = Seeded(1)
        let contents = [0, 1, 100, 70_000, 262_144, 1_000_000].map { random.text($0) }
        for hasDescriptor in [false, true] {
            let entries = contents.enumerated().map { number, content in
                ZipBuilder.Entry("file-\(number)", content) {
                    $0.method = method
                    $0.hasDescriptor = hasDescriptor
                }
            }
            let (_, collector) = try await Collector.read(CountingSource(ZipBuilder(entries).build()))
            #expect(collector.refused.isEmpty)
            for (number, content) in contents.enumerated() { #expect(collector.files["file-\(number)"] == content) }
        }
    }

    @Test func readsSeveralZstdFramesAsOneEntry() async throws {
        let (first, second) = (Array("first ".utf8), Array("second".utf8))
        let entry = ZipBuilder.Entry("frames", first + second) {
            $0.method = ZipCompressor.zstd
            $0.data =
                ZipCompressor.compress(first, method: $0.method) + ZipCompressor.compress(second, method: $0.method)
        }
        let (_, collector) = try await Collector.read(CountingSource(ZipBuilder([entry]).build()))
        #expect(collector.files["frames"] == first + second)
    }

    @Test func handsOverLinksDirectoriesAndPlaces() async throws {
        let archive = ZipBuilder([
            .init("dir/", "") { $0.mode = 0o040755 }, .link("dir/link", to: "../file"),
            .init("file", "contents") { $0.method = ZipCompressor.stored },
        ]) { $0.prefix = Array("prefix".utf8) }
        let bytes = archive.build()
        let (directory, collector) = try await Collector.read(CountingSource(bytes))
        #expect(directory.prefixLength == 6)
        #expect(collector.directories == ["dir"])
        #expect(collector.links == ["dir/link": "../file"])
        let offset = try #require(collector.offsets["file"])
        #expect(Array(bytes[offset..<offset + 8]) == Array("contents".utf8))
    }

    // MARK: Requests

    /// 40 MB of entries of all methods and sizes, in pieces that cut headers and data anywhere.
    private static let large: (bytes: [UInt8], entries: [ZipBuilder.Entry]) = {
        var random = Seeded(2)
        var entries: [ZipBuilder.Entry] = []
        for number in 0..<400 {
            let size = [0, 10, 1000, 100_000, 400_000][number % 5]
            entries.append(
                .init("directory/file-\(number)", random.text(size)) {
                    $0.method = number % 3 == 0 ? ZipCompressor.stored : ZipCompressor.deflate
                    $0.hasDescriptor = number % 2 == 0
                })
        }
        return (ZipBuilder(entries).build(), entries)
    }()

    @Test func readsEachByteOnceByFewRequests() async throws {
        let source = CountingSource(Self.large.bytes)
        let (_, collector) = try await Collector.read(source)
        #expect(collector.good.count == Self.large.entries.count)
        for entry in Self.large.entries {
            #expect(collector.files[String(decoding: entry.name, as: UTF8.self)] == entry.content)
        }
        #expect(source.size > 16 << 20)
        #expect(await source.reads.count <= source.size / (8 << 20) + 3)
        #expect(await source.bytesRead <= source.size)
    }

    @Test(arguments: [65_536, 65_537, 100_003, 1 << 20]) func cutsTheArchiveAnywhere(_ pieceSize: Int) async throws {
        let source = CountingSource(Self.large.bytes)
        let (_, collector) = try await Collector.read(source, pieceSize: pieceSize)
        #expect(collector.refused.isEmpty)
        for entry in Self.large.entries {
            #expect(collector.files[String(decoding: entry.name, as: UTF8.self)] == entry.content)
        }
        #expect(await source.bytesRead <= source.size)
    }

    @Test func readsAnArchiveWithinTheTailByOneRequest() async throws {
        var random = Seeded(3)
        let source = CountingSource(ZipBuilder([.init("a", random.text(100_000)), .init("b", "b")]).build())
        let (_, collector) = try await Collector.read(source)
        #expect(collector.good == [0, 1])
        #expect(await source.reads.count == 1)
    }

    @Test func skipsLargeUnreferencedParts() async throws {
        var random = Seeded(4)
        let skipped = ZipBuilder.Entry("secret", random.text(20 << 20)) {
            $0.method = 0
            $0.flags = 1
        }
        let source = CountingSource(
            ZipBuilder([.init("a", "a"), skipped, .init("b", "b")]) { $0.padding = 1 << 20 }.build())
        let (_, collector) = try await Collector.read(source)
        #expect(collector.good == [0, 2])
        #expect(await source.bytesRead < 1 << 20)
        #expect(await source.reads.count <= 3)
    }

    @Test func keepsNoMoreReadsInFlightThanAskedFor() async throws {
        let source = SlowSource(Self.large.bytes)
        let directory = try await ArchiveDirectory.read(from: source)
        var collector = Collector()
        try await ArchiveStream(of: directory, from: source, pieceSize: 1 << 20, readsAhead: 3).read(into: &collector)
        #expect(collector.good.count == Self.large.entries.count)
        #expect(source.greatestInFlight == 3)
    }

    @Test func readsInTheOrderOfTheDataWhateverTheDirectorysOrder() async throws {
        // The same archive, with the directory's records turned round.
        let names = (0..<50).map { "file-\($0 + 10)" }
        let honest = ZipBuilder(names.map { .init($0, "contents of \($0)") })
        let directory = try await ArchiveDirectory.read(from: CountingSource(honest.build()))
        let turned = ZipBuilder(
            honest.entries
                + zip(honest.entries, directory.entries).reversed().map { entry, place in
                    var listed = entry
                    listed.isOnlyListed = true
                    listed.central.headerOffset = UInt32(place.headerOffset)
                    return listed
                }
        ) { $0.omittedRecords = names.count }
        let (_, collector) = try await Collector.read(CountingSource(turned.build()))
        #expect(collector.refused.isEmpty)
        #expect(collector.good == (0..<50).reversed())
        for name in names { #expect(collector.files[name] == Array("contents of \(name)".utf8)) }
    }

    @Test func readsAHundredThousandTinyEntries() async throws {
        let entries = (0..<100_000).map { ZipBuilder.Entry("d/\($0)", "tiny \($0)") { $0.method = 0 } }
        let source = CountingSource(ZipBuilder(entries) { $0.isZip64 = true }.build())
        let (_, collector) = try await Collector.read(source)
        #expect(collector.good.count == 100_000)
        #expect(collector.files["d/99999"] == Array("tiny 99999".utf8))
        #expect(await source.reads.count <= source.size / (8 << 20) + 3)
        #expect(await source.bytesRead <= source.size)
    }

    // MARK: Failures

    @Test func goesOnAfterADamagedEntryInAnyPiece() async throws {
        var bytes = Self.large.bytes
        // The data of the second entry of 400,000 bytes that is deflated.
        let directory = try await ArchiveDirectory.read(from: CountingSource(bytes))
        let victim = try #require(directory.entries.first { $0.size == 400_000 && $0.method == .deflate })
        for offset in 100_000..<100_020 { bytes[victim.headerOffset + offset] ^= 0x55 }
        let (_, collector) = try await Collector.read(CountingSource(bytes), pieceSize: 65_536)
        #expect(Array(collector.refused.keys) == [victim.index])
        #expect(collector.good.count == Self.large.entries.count - 1)
    }

    @Test func endsWithTheSourcesError() async throws {
        let source = CountingSource(Self.large.bytes, failingFrom: 2)
        await #expect { try await Collector.read(source) } throws: { ($0 as? ArchiveError)?.code == "source-failed" }
    }

    @Test func endsWithTheConsumersError() async throws {
        struct Refusing: EntryConsumer {
            struct Full: Error {}
            var seen = 0
            mutating func begin(_ entry: ArchiveEntry, dataOffset: Int) { seen += 1 }
            mutating func consume(_ bytes: UnsafeRawBufferPointer) {}
            mutating func end() async throws { throw Full() }
            mutating func link(_ entry: ArchiveEntry, target: String) async throws {}
            mutating func directory(_ entry: ArchiveEntry) async throws {}
            mutating func refuse(_ entry: RefusedEntry) async throws {}
        }
        let source = CountingSource(ZipBuilder([.init("a", "a"), .init("b", "b")]).build())
        let stream = ArchiveStream(of: try await ArchiveDirectory.read(from: source), from: source)
        var consumer = Refusing()
        do {
            try await stream.read(into: &consumer)
            Issue.record("the consumer's error was lost")
        } catch {
            #expect(error.code == "consumer-failed")
        }
        #expect(consumer.seen == 1)
    }

    @Test func endsWhenCancelled() async throws {
        let source = CountingSource(Self.large.bytes)
        let directory = try await ArchiveDirectory.read(from: source)
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            var collector = Collector()
            try await ArchiveStream(of: directory, from: source).read(into: &collector)
        }
        await #expect { try await task.value } throws: { ($0 as? ArchiveError)?.code == "cancelled" }
    }
}

/// A source whose reads suspend before they answer, and which counts how many are under way.
private final class SlowSource: ByteSource {
    let size: Int
    private let bytes: [UInt8]
    private let inFlight = Mutex((now: 0, greatest: 0))

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        size = bytes.count
    }

    var greatestInFlight: Int { inFlight.withLock { $0.greatest } }

    func read(_ range: ByteRange) async throws -> ByteBlock {
        inFlight.withLock { $0 = ($0.now + 1, max($0.greatest, $0.now + 1)) }
        for _ in 0..<1000 { await Task.yield() }
        inFlight.withLock { $0.now -= 1 }
        return ByteBlock(bytes[range.offset..<range.end])
    }
}
