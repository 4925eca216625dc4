import AssayModel
import AssayTestSupport
import ObjectStorage
import Testing

@testable import ArtifactView

/// Small entries that are read one after the other come from few requests.
@Suite struct NeighbourTests {
    private static let names = (0..<800).map { "f\($0)" }

    private func filled() async throws -> Gallery {
        let gallery = try Gallery()
        let entries = Self.names.enumerated().map { index, name in
            ZipBuilder.Entry(name, text(900, seed: UInt64(index))) {
                $0.method = index.isMultiple(of: 2) ? ZipCompressor.deflate : ZipCompressor.stored
            }
        }
        try await gallery.put("a.zip", archiveOf: entries)
        try await gallery.index()
        return gallery
    }

    private func read(_ name: String, _ index: Int, _ gallery: Gallery) async throws {
        #expect(try await gallery.bytes("by-source/bucket/a/\(name)") == text(900, seed: UInt64(index)))
    }

    @Test func smallEntriesInOrderComeTogether() async throws {
        let gallery = try await filled()
        let size = try await gallery.bucket.head(ObjectKey("a.zip")).size
        for (index, name) in Self.names.enumerated() { try await read(name, index, gallery) }
        let counts = gallery.counting.counter.counts
        #expect(counts.reads <= size / NeighbourWindows.windowSize + 3)
        #expect(counts.bytesRead <= size + NeighbourWindows.windowSize)
    }

    @Test func entriesFarFromEachOtherAreReadAlone() async throws {
        let gallery = try await filled()
        let scattered = stride(from: 0, to: 800, by: 160).reversed().map { $0 }
        for index in scattered { try await read(Self.names[index], index, gallery) }
        let counts = gallery.counting.counter.counts
        #expect(counts.reads == scattered.count)
        #expect(counts.bytesRead <= scattered.count * 1000)
    }

    @Test func whatIsAtHandIsExactlyWhatWasAskedFor() throws {
        let windows = NeighbourWindows()
        let object = StoredObject(
            key: ObjectKey("a"), version: ObjectVersion(etag: "1"), size: 1 << 20, modified: now)
        let bytes = text(1 << 20)
        let window = try #require(ByteRange(offset: 1000, length: 5000))
        windows.keep(ByteBlock(bytes[1000..<6000]), at: window, readTo: 1100, of: object)
        for (offset, length) in [(1000, 1), (1000, 5000), (5999, 1), (3000, 0), (2000, 1234)] {
            let range = try #require(ByteRange(offset: offset, length: length))
            guard case .atHand(let found) = windows.find(range, of: object) else {
                Issue.record("\(range) is not at hand")
                continue
            }
            #expect(found.withUnsafeBytes { Array($0) } == Array(bytes[offset..<offset + length]))
        }
        for (offset, length) in [(999, 2), (5999, 2), (0, 10)] {
            let range = try #require(ByteRange(offset: offset, length: length))
            if case .atHand = windows.find(range, of: object) { Issue.record("\(range) is at hand") }
        }
        let replaced = StoredObject(
            key: ObjectKey("a"), version: ObjectVersion(etag: "2"), size: 1 << 20, modified: now)
        if case .atHand = windows.find(window, of: replaced) { Issue.record("another version's bytes") }
    }
}
