import AssayModel
import AssayTestSupport
import DigestCatalog
import Indexing
import ObjectStorage
import Testing

/// What an archive may cost: counted at the store, never timed.
@Suite struct IndexingBoundsTests {
    struct Shape: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let make: @Sendable () -> [UInt8]

        init(_ name: String, _ make: @escaping @Sendable () -> [UInt8]) {
            testDescription = name
            self.make = make
        }
    }

    static let shapes = [
        Shape("no entry") { ZipBuilder().build() },
        Shape("one empty entry") { ZipBuilder([ZipBuilder.Entry("x")]).build() },
        Shape("100 small entries") { many(100) },
        Shape("128 KiB and a little") { stored(1, of: 131_000) },
        Shape("1,000 small entries") { many(1000) },
        Shape("a directory of 1 MiB") { many(16_000) },
        Shape("a directory of 1 MiB, then a comment") {
            ZipBuilder((0..<12_000).map { ZipBuilder.Entry("dir/file-\($0).txt") }) {
                $0.comment = [UInt8](repeating: 0x50, count: 65_535)
            }.build()
        },
        Shape("one entry of 40 MiB") { stored(1, of: 40 << 20) },
        Shape("40 entries of 1 MiB") { stored(40, of: 1 << 20) },
        Shape("exactly 8 MiB of data") { stored(1, of: 8 << 20) },
        Shape("entries just above the size of a request") { stored(3, of: (8 << 20) + 1) },
        Shape("descriptors and zip64") {
            ZipBuilder(
                (0..<300).map { number in
                    ZipBuilder.Entry("\(number)", noise(5000, seed: UInt64(number))) {
                        $0.hasDescriptor = true
                        $0.isZip64 = true
                    }
                }
            ) { $0.isZip64 = true }.build()
        },
        Shape("a gap of 10 MiB before the directory") {
            ZipBuilder([ZipBuilder.Entry("x", noise(100_000))]) { $0.padding = 10 << 20 }.build()
        },
        Shape("a program of 3 MiB before the archive") {
            ZipBuilder([ZipBuilder.Entry("x", noise(200_000))]) { $0.prefix = noise(3 << 20) }.build()
        },
    ]

    private static func many(_ count: Int) -> [UInt8] {
        ZipBuilder((0..<count).map { ZipBuilder.Entry("dir/file-\($0).txt", "contents of \($0)") }).build()
    }

    private static func stored(_ count: Int, of size: Int) -> [UInt8] {
        let content = noise(size)
        return ZipBuilder(
            (0..<count).map { number in
                ZipBuilder.Entry("\(number)", content) { $0.method = ZipCompressor.stored }
            }
        ).build()
    }

    @Test(arguments: shapes) func staysWithinBytesAndRequests(_ shape: Shape) async throws {
        let workshop = try Workshop()
        let bytes = shape.make()
        try await workshop.put("a.zip", bytes)
        let store = CountingStore(workshop.bucket)
        let report = try await workshop.index(through: store)
        #expect(report.isComplete)
        let counts = store.counter.counts
        #expect(counts.bytesRead <= bytes.count * 102 / 100 + (128 << 10))
        #expect(counts.reads <= bytes.count / (8 << 20) + 3)
        if bytes.count <= 128 << 10 { #expect(counts.reads == 1) }
        #expect(counts.heads == 0)
        #expect(counts.lists == 1)
        #expect(report.bytesRead == counts.bytesRead)
        #expect(report.requests == counts.reads)
    }
}
