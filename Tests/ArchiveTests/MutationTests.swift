import Archive
import AssayModel
import AssayTestSupport
import Testing

/// Archives damaged at random: whatever becomes of them, reading ends, and nothing wrong is handed over.
@Suite struct MutationTests {
    private static let contents: [String: [UInt8]] = {
        var random = Seeded(10)
        return Dictionary(
            uniqueKeysWithValues: ZipCompressor.methods.map { ("file-\($0)", random.text(3000 + Int($0))) })
    }()

    private static let archive: [UInt8] = {
        let files = contents.sorted { $0.key < $1.key }.enumerated().map { number, file in
            ZipBuilder.Entry(file.key, file.value) {
                $0.method = UInt16(file.key.dropFirst(5)) ?? 0
                $0.hasDescriptor = number % 2 == 0
                $0.isZip64 = number % 3 == 0
                $0.centralExtra = ZipBuilder.field(0x5455, [1, 0, 0, 0, 1])
            }
        }
        return ZipBuilder(files + [.link("link", to: "file-8"), .init("dir/", "")]) { $0.isZip64 = true }.build()
    }()

    @Test(arguments: 0..<8) func neverHandsOverWrongContents(_ seed: Int) async throws {
        var random = Seeded(UInt64(seed) + 100)
        var (whole, refused, good) = (0, 0, 0)
        for _ in 0..<500 {
            var bytes = Self.archive
            let end = bytes.count
            for _ in 0...Int(random.next() % 4) {
                // Half of the damage goes to the records at the end, where it hurts most.
                let area = random.next() % 2 == 0 ? 1000 : end
                let offset = end - 1 - Int(random.next() % UInt64(area))
                switch random.next() % 3 {
                case 0: bytes[offset] ^= 1 << UInt8(random.next() % 8)
                case 1: bytes[offset] = [0, 0xff, 0x7f, 0x80][Int(random.next() % 4)]
                default:
                    for index in offset..<min(end, offset + 4) { bytes[index] = 0xff }
                }
            }
            if random.next() % 16 == 0 { bytes.removeLast(Int(random.next() % UInt64(end))) }
            do {
                let (directory, collector) = try await Collector.read(CountingSource(bytes), pieceSize: 65_536)
                #expect(
                    collector.refused.count + collector.good.count == directory.entries.count + directory.refusals.count
                )
                refused += collector.refused.count
                good += collector.files.count
                for (name, content) in collector.files {
                    // A changed name is a name; contents have a checksum, whose collision this seed does not find.
                    if let original = Self.contents[name] { #expect(content == original) }
                }
            } catch {
                whole += 1
                #expect(!error.description.isEmpty)
            }
        }
        // The damage was neither always fatal nor always harmless.
        #expect(whole > 0)
        #expect(refused > 0)
        #expect(good > 0)
    }

    @Test func endsWhereverAnArchiveIsCut() async throws {
        for length in 0..<Self.archive.count {
            await #expect(throws: ArchiveError.self) {
                try await ArchiveDirectory.read(from: CountingSource(Array(Self.archive.prefix(length))))
            }
        }
    }

    @Test(arguments: ZipCompressor.methods.dropFirst()) func readerSurvivesDamagedData(_ method: UInt16) async throws {
        var random = Seeded(11)
        let content = random.text(5000)
        let data = ZipCompressor.compress(content, method: method)
        var failures = 0
        for _ in 0..<500 {
            var damaged = data
            damaged[Int(random.next() % UInt64(data.count))] ^= 1 << UInt8(random.next() % 8)
            let reader = try EntryReader(
                source: CountingSource(damaged), method: CompressionMethod(rawValue: method), dataOffset: 0,
                compressedSize: damaged.count, size: content.count, crc32: ZipCompressor.crc32(content))
            do {
                let block = try await reader.read(upTo: 6000)
                #expect(block.withUnsafeBytes { Array($0) } == content)
            } catch {
                failures += 1
            }
        }
        #expect(failures > 400)
    }
}
