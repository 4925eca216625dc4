import Archive
import AssayModel
import AssayTestSupport
import Testing

@Suite struct ArchiveDirectoryTests {
    private func entry(_ name: [UInt8], _ change: (inout ZipBuilder.Entry) -> Void) async throws -> ArchiveEntry? {
        var entry = ZipBuilder.Entry("", "contents")
        entry.name = name
        change(&entry)
        return try await ArchiveDirectory.read(from: CountingSource(ZipBuilder([entry]).build())).entries.first
    }

    // MARK: Requests

    @Test func readsASmallArchivesDirectoryByOneRequest() async throws {
        let source = CountingSource(ZipBuilder([.init("a", "b")]).build())
        _ = try await ArchiveDirectory.read(from: source)
        #expect(await source.reads == [ByteRange(offset: 0, length: source.size)])
    }

    @Test(arguments: [false, true]) func readsADirectoryOfOneMebibyteByTwoRequests(_ hasLongComment: Bool) async throws
    {
        // 46 bytes and a name of 16 for each entry.
        let entries = (0..<16_000).map { number in
            ZipBuilder.Entry(String(repeating: "n", count: 10) + String(number + 100_000), "") { $0.method = 0 }
        }
        let builder = ZipBuilder(entries) {
            $0.comment = [UInt8](repeating: 1, count: hasLongComment ? 65_535 : 0)
            $0.isZip64 = true
        }
        let source = CountingSource(builder.build())
        let directory = try await ArchiveDirectory.read(from: source)
        #expect(directory.entries.count == 16_000)
        #expect(await source.reads.count == 2)
        #expect(await source.bytesRead <= directory.range.length + 128 << 10)
    }

    @Test func readsALongDirectoryInPieces() async throws {
        let longPath = String(repeating: "a-long-name/", count: 160)
        let entries = (0..<4500).map { number in
            ZipBuilder.Entry(longPath + String(number + 100_000), "") { $0.method = 0 }
        }
        let source = CountingSource(ZipBuilder(entries) { $0.isZip64 = true }.build())
        let directory = try await ArchiveDirectory.read(from: source)
        #expect(directory.entries.count == 4500)
        #expect(directory.entries[4499].path == longPath + "104499")
        #expect(directory.refusals.isEmpty)
        #expect(await source.reads.count == 3)
        #expect(await source.bytesRead <= directory.range.length + 128 << 10)
        #expect(await source.reads.allSatisfy { $0.length <= 8 << 20 })
    }

    @Test func reportsTheSourcesFailure() async {
        await #expect {
            try await ArchiveDirectory.read(from: CountingSource(ZipBuilder().build(), failingFrom: 0))
        } throws: { ($0 as? ArchiveError)?.code == "source-failed" }
    }

    // MARK: Limits

    @Test func refusesADirectoryBeyondTheLimit() async {
        var limits = ArchiveLimits()
        limits.directorySize = 40
        await #expect {
            try await ArchiveDirectory.read(from: CountingSource(ZipBuilder([.init("a", "b")]).build()), limits: limits)
        } throws: { ($0 as? ArchiveError)?.code == "directory-too-large" }
    }

    @Test func refusesMoreEntriesThanTheLimit() async {
        var limits = ArchiveLimits()
        limits.entryCount = 1
        let bytes = ZipBuilder([.init("a", "b"), .init("b", "b")]).build()
        await #expect { try await ArchiveDirectory.read(from: CountingSource(bytes), limits: limits) } throws: {
            ($0 as? ArchiveError)?.code == "too-many-entries"
        }
    }

    @Test func refusesTheEntriesWithWhichTheTotalIsExceeded() async throws {
        var limits = ArchiveLimits()
        limits.totalSize = 10
        let bytes = ZipBuilder([.init("a", "123456"), .init("b", "12345"), .init("c", "1234")]).build()
        let directory = try await ArchiveDirectory.read(from: CountingSource(bytes), limits: limits)
        #expect(directory.entries.map(\.path) == ["a", "c"])
        #expect(directory.refusals.map(\.error) == [.totalTooLarge])
    }

    @Test func letsSmallEntriesExpandByAnyRatio() async throws {
        let zeros = [UInt8](repeating: 0, count: 1 << 20)
        let bytes = ZipBuilder([.init("zeros", zeros) { $0.method = ZipCompressor.bzip2 }]).build()
        #expect(try await ArchiveDirectory.read(from: CountingSource(bytes)).refusals.isEmpty)
    }

    // MARK: Names

    @Test func takesUnmarkedNamesFromUnixAsUTF8() async throws {
        #expect(try await entry(Array("grün".utf8)) { _ in }?.path == "grün")
    }

    @Test func takesUnmarkedNamesOtherwiseAsCodePage437() async throws {
        #expect(try await entry([0x67, 0x72, 0x81, 0x6e]) { $0.host = 0 }?.path == "grün")
        #expect(try await entry([0x67, 0x72, 0x81, 0x6e]) { _ in }?.path == "grün")
        #expect(try await entry(Array("grün".utf8)) { $0.host = 0 }?.path == "gr├╝n")
    }

    @Test func prefersTheUnicodePathWhileItBelongsToTheName() async throws {
        let raw: [UInt8] = [0x67, 0x72, 0x81, 0x6e]
        func field(_ crc: UInt32) -> [UInt8] {
            ZipBuilder.field(0x7075, [1] + ZipBuilder.number(crc) + Array("grün-new".utf8))
        }
        #expect(try await entry(raw) { $0.centralExtra = field(ZipCompressor.crc32(raw)) }?.path == "grün-new")
        #expect(try await entry(raw) { $0.centralExtra = field(7) }?.path == "grün")
    }

    @Test func takesBackslashesAsSeparatorsOnlyFromDOSAndWithoutSlashes() async throws {
        #expect(try await entry(Array("a\\b".utf8)) { $0.host = 0 }?.path == "a/b")
        #expect(try await entry(Array("a\\b/c".utf8)) { $0.host = 0 }?.path == "a\\b/c")
        #expect(try await entry(Array("a\\b".utf8)) { _ in }?.path == "a\\b")
    }

    @Test(arguments: ["a//b", "./a/b", "a/./b", ".//a/.//b"]) func dropsEmptyAndDotComponents(_ name: String)
        async throws
    {
        #expect(try await entry(Array(name.utf8)) { _ in }?.path == "a/b")
    }

    @Test func knowsDirectoriesByTheirSlashOrMode() async throws {
        let slash = try await entry(Array("dir/".utf8)) { $0.content = [] }
        #expect(slash?.kind == .directory)
        #expect(slash?.path == "dir")
        #expect(
            try await entry(Array("dir".utf8)) {
                $0.content = []
                $0.mode = 0o040755
            }?.kind == .directory)
    }

    // MARK: Metadata

    @Test func readsPermissionsOfUnixArchivesOnly() async throws {
        #expect(try await entry([0x61]) { $0.mode = 0o100755 }?.mode == 0o755)
        #expect(try await entry([0x61]) { $0.mode = 0o755 }?.kind == .file)
        #expect(try await entry([0x61]) { $0.mode = 0 }?.mode == nil)
        #expect(try await entry([0x61]) { $0.host = 0 }?.mode == nil)
    }

    @Test func readsTheMostExactTime() async throws {
        #expect(try await entry([0x61]) { _ in }?.modified?.description == "2026-01-02T03:04:06Z")
        let extended = ZipBuilder.field(0x5455, [1] + ZipBuilder.number(Int32(-1)))
        let ntfs = ZipBuilder.field(
            0x000a,
            [0, 0, 0, 0, 1, 0, 24, 0] + ZipBuilder.number(UInt64(116_444_736_070_000_000))
                + [UInt8](repeating: 0, count: 16))
        let unix = ZipBuilder.field(0x5855, ZipBuilder.number(Int32(3)) + ZipBuilder.number(Int32(9)))
        #expect(try await entry([0x61]) { $0.centralExtra = unix + ntfs + extended }?.modified?.seconds == -1)
        #expect(try await entry([0x61]) { $0.centralExtra = unix + ntfs }?.modified?.seconds == 7)
        #expect(try await entry([0x61]) { $0.centralExtra = unix }?.modified?.seconds == 9)
    }

    @Test(arguments: [
        (0, 0), (46 << 9 | 13 << 5 | 1, 0), (46 << 9 | 2 << 5 | 30, 0), (46 << 9 | 4 << 5 | 31, 0),
        (46 << 9 | 1 << 5, 0),
        (46 << 9 | 1 << 5 | 1, 24 << 11), (46 << 9 | 1 << 5 | 1, 60 << 5), (46 << 9 | 1 << 5 | 1, 30),
    ]) func hasNoTimeForImpossibleDates(_ date: Int, _ time: Int) async throws {
        let entry = try await entry([0x61]) {
            $0.dosDate = UInt16(date)
            $0.dosTime = UInt16(time)
        }
        #expect(entry != nil)
        #expect(entry?.modified == nil)
    }
}
