import AssayModel
import AssayTestSupport
import Foundation
import ObjectStorage
import Testing

extension EndToEnd {
    /// What indexing costs, as the server counts it.
    @Suite(.enabled(if: Requirement.weed.mayRun, "needs SeaweedFS")) struct TransferTests {
        /// The bound: 1.02 times the size and 128 KiB, by one request for each 8 MiB and three more.
        private struct Bound {
            var bytes = 0
            var requests = 0

            mutating func add(archiveOf size: Int) {
                bytes += size * 102 / 100 + 128 << 10
                requests += size / (8 << 20) + 3
            }
        }

        /// What the server counted since `before`.
        private static func spent(
            _ server: SeaweedFSServer, _ bucket: String, since before: SeaweedFSServer.Counts
        ) async throws -> (requests: Int, bytesSent: Int) {
            let after = try await server.counts(bucket)
            return (after.requests - before.requests, after.bytesSent - before.bytesSent)
        }

        @Test func aLargeArchiveAndManySmallOnesAreReadOnceAndInFewRequests() async throws {
            let server = try await SeaweedFSServer.shared()
            let bucket = try await server.makeBucket()
            let store = try server.store(bucket)
            try await Workbench.use(server) { bench in
                let folder = try bench.makeFolder("archives")
                let script = """
                    import os, sys, zipfile
                    with zipfile.ZipFile(sys.argv[1] + "/large.zip", "w", zipfile.ZIP_STORED) as archive:
                        for number in range(112):
                            archive.writestr(f"part-{number}", os.urandom(1 << 20))
                    """
                try await bench.python(script, folder)
                try await bench.makeArchives(60, entries: 25, in: folder)
                for part in [["large.zip"], (0..<60).map { String(format: "build-%03d.zip", $0) }] {
                    var bound = Bound()
                    var size = 0
                    for name in part {
                        let bytes = try Data(contentsOf: URL(filePath: folder).appending(path: name))
                        bound.add(archiveOf: bytes.count)
                        size += bytes.count
                        _ = try await store.put(ObjectKey(name), ByteBlock(bytes))
                    }
                    let before = try await server.counts(bucket)
                    let result = try await bench.assay("index", "s3://\(bucket)", "--json")
                    let spent = try await Self.spent(server, bucket, since: before)
                    #expect(result.end == .exited(0), "\(result.errors)")
                    let report = try result.json(IndexResult.self)
                    #expect(report.indexed == part.count)
                    // One page of the listing is one request, and no archive's; a new source is tried with one before.
                    let listing = part == ["large.zip"] ? 2 : 1
                    let page = 1000 * part.count + 100_000
                    #expect(spent.bytesSent >= size, "the server does not count what it sends")
                    #expect(spent.bytesSent - page <= bound.bytes)
                    #expect(spent.requests - listing <= bound.requests)
                    #expect(report.bytesRead <= bound.bytes)
                    #expect(report.requests == spent.requests - listing)
                }
                let before = try await server.counts(bucket)
                let again = try await bench.assay("index", "s3://\(bucket)", "--json")
                let spent = try await Self.spent(server, bucket, since: before)
                let report = try again.json(IndexResult.self)
                #expect(again.end == .exited(0) && report.unchanged == 61 && report.indexed == 0)
                #expect(spent.requests == 1)
                #expect(report.bytesRead == 0 && report.requests == 0)
            }
        }

        @Test func onlyWhatChangedIsReadAgain() async throws {
            let server = try await SeaweedFSServer.shared()
            let bucket = try await server.makeBucket()
            let store = try server.store(bucket)
            func archive(_ text: String) -> ByteBlock {
                ByteBlock(ZipBuilder([ZipBuilder.Entry("file.txt", text)]).build())
            }
            try await Workbench.use(server) { bench in
                for name in ["a.zip", "b.zip", "c.zip"] { _ = try await store.put(ObjectKey(name), archive(name)) }
                #expect(try await bench.assay("index", "s3://\(bucket)").end == .exited(0))
                _ = try await store.put(ObjectKey("b.zip"), archive("another text"))
                _ = try await store.put(ObjectKey("loose.txt"), ByteBlock("loose".utf8))
                let result = try await bench.assay("index", "s3://\(bucket)", "--json")
                let report = try result.json(IndexResult.self)
                #expect((report.unchanged, report.changed, report.new, report.indexed) == (2, 1, 1, 2))
                #expect(report.requests == 2)
            }
        }
    }
}
