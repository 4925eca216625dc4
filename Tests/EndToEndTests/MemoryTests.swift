import AssayModel
import AssayTestSupport
import Foundation
import ObjectStorage
import Testing

extension EndToEnd {
    /// Memory stays bounded whatever an archive holds.
    @Suite struct MemoryTests {
        private static let bound = 128 << 20

        @Test func aHundredThousandEntriesAndEntriesLargerThanTheBoundFitIntoTheBound() async throws {
            try await Workbench.use { bench in
                let many = try bench.makeFolder("many")
                let large = try bench.makeFolder("large")
                let entries = """
                    import sys, zipfile
                    with zipfile.ZipFile(sys.argv[1] + "/many.zip", "w") as archive:
                        for number in range(100_000):
                            archive.writestr(zipfile.ZipInfo(f"folder-{number // 100}/file-{number}.txt"), f"{number}")
                    """
                try await bench.python(entries, many)
                let giants = """
                    import os, sys, zipfile
                    with zipfile.ZipFile(sys.argv[1] + "/large.zip", "w") as archive:
                        with archive.open(zipfile.ZipInfo("random"), "w") as entry:
                            for _ in range(320):
                                entry.write(os.urandom(1 << 20))
                        text = zipfile.ZipInfo("text")
                        text.compress_type = zipfile.ZIP_DEFLATED
                        with archive.open(text, "w", force_zip64=True) as entry:
                            for number in range(1100):
                                entry.write(bytes([number & 255]) * (1 << 20))
                    """
                try await bench.python(giants, large)
                for (folder, count, least) in [(many, 100_000, 100_000), (large, 2, 1420 << 20)] {
                    let (result, peak) = try await bench.measuredAssay("index", folder, "--json")
                    #expect(result.end == .exited(0), "\(result.errors)")
                    let report = try result.json(IndexResult.self)
                    #expect(report.entries == count && report.contentSize >= least)
                    #expect(peak < Self.bound, "\(folder): \(peak >> 20) MiB")
                    #expect(peak > 4 << 20, "the peak is not that of the program")
                    print("peak memory of indexing \(folder.split(separator: "/").last ?? ""): \(peak >> 20) MiB")
                }
            }
        }

        /// The worst case by default: as many archives at once as there are jobs, each with a full window.
        @Test(.enabled(if: Requirement.weed.mayRun, "needs SeaweedFS"))
        func largeArchivesThatAreReadAtTheSameTimeFromAStoreFitIntoTheBound() async throws {
            let server = try await SeaweedFSServer.shared()
            let bucket = try await server.makeBucket()
            let store = try server.store(bucket)
            try await Workbench.use(server) { bench in
                let script = """
                    import os, sys, zipfile
                    with zipfile.ZipFile(sys.argv[1], "w", zipfile.ZIP_STORED) as archive:
                        for number in range(3):
                            archive.writestr(f"part-{number}", os.urandom(20 << 20))
                    """
                try await bench.python(script, bench.path("large.zip"))
                let bytes = try ByteBlock(Data(contentsOf: URL(filePath: bench.path("large.zip"))))
                for name in ["a", "b", "c", "d", "e"] { _ = try await store.put(ObjectKey("\(name).zip"), bytes) }
                let (result, peak) = try await bench.measuredAssay("index", "s3://\(bucket)", "--json")
                #expect(result.end == .exited(0), "\(result.errors)")
                #expect(try result.json(IndexResult.self).contentSize == 5 * 60 << 20)
                #expect(peak < Self.bound, "\(peak >> 20) MiB")
                print("peak memory of indexing five archives of 60 MiB from a store: \(peak >> 20) MiB")
            }
        }
    }
}
