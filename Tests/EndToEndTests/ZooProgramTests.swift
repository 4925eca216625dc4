import AssayModel
import AssayTestSupport
import Foundation
import ObjectStorage
import Testing

extension EndToEnd {
    /// Hostile archives in a bucket of good ones.
    @Suite struct ZooProgramTests {
        @Test(.enabled(if: Requirement.weed.mayRun, "needs SeaweedFS"))
        func goodArchivesAreIndexedAndReportsSayWhichWereRefusedAndWhy() async throws {
            let server = try await SeaweedFSServer.shared()
            let bucket = try await server.makeBucket()
            let store = try server.store(bucket)
            try await Workbench.use(server) { bench in
                let folder = try bench.makeFolder("good")
                try await bench.makeArchives(20, entries: 10, in: folder)
                for number in 0..<20 {
                    let name = String(format: "build-%03d.zip", number)
                    let bytes = try Data(contentsOf: URL(filePath: folder).appending(path: name))
                    _ = try await store.put(ObjectKey("good/\(name)"), ByteBlock(bytes))
                }
                for animal in Zoo.all {
                    _ = try await store.put(ObjectKey("zoo/\(animal.name).zip"), ByteBlock(animal.bytes))
                }
                let result = try await bench.assay("index", "s3://\(bucket)", "--json")
                #expect(result.end == .exited(1), "\(result.errors)")
                let report = try result.json(IndexResult.self)
                let broken = Zoo.all.filter { $0.archiveError != nil }
                #expect(report.indexed == 20 + Zoo.all.count - broken.count)
                #expect(report.refusedObjects == broken.count && report.failedObjects == 0)
                #expect(Self.lines(report.problems.map { ($0.key, $0.code, $0.entry == nil) }) == Self.expected)

                let status = try await bench.assay("status", "--json", "--problems", "1000")
                #expect(status.end == .exited(0))
                let told = try status.json(StatusResult.self)
                #expect(told.sources.first?.objects["refused"] == broken.count)
                #expect(told.sources.first?.refusedEntries == report.refusedEntries)
                let problems = told.problems.map { problem in
                    (problem.key ?? "", String(problem.reason.prefix { $0 != ":" }), problem.kind == "object")
                }
                #expect(Self.lines(problems) == Self.expected)
                try await expectGoodEntries(bench)
            }
        }

        /// One line for each refusal, in order.
        private static func lines(_ problems: [(key: String, code: String, isWhole: Bool)]) -> [String] {
            problems.map { "\($0.key) \($0.code)\($0.isWhole ? " as a whole" : "")" }.sorted()
        }

        private static var expected: [String] {
            lines(
                Zoo.all.flatMap { animal in
                    let key = "zoo/\(animal.name).zip"
                    return animal.refused.values.map { (key, $0, false) }
                        + (animal.archiveError.map { [(key, $0, true)] } ?? [])
                })
        }

        /// The catalog holds the good entries of every archive, and no others.
        private func expectGoodEntries(_ bench: Workbench) async throws {
            let script = """
                import json, sqlite3, sys
                db = sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True)
                found = {}
                for key, path in db.execute('''WITH RECURSIVE tree(id, key, path) AS (
                        SELECT d.id, o.key, '' FROM objects o JOIN directories d ON d.id = o.directory_id
                        UNION ALL SELECT d.id, tree.key, tree.path || d.name || '/'
                        FROM directories d JOIN tree ON d.parent_id = tree.id)
                        SELECT key, path || name FROM entries JOIN tree ON tree.id = directory_id'''):
                    found.setdefault(key, []).append(path)
                print(json.dumps(found))
                """
            let printed = try await bench.python(script, bench.path("catalog.sqlite"))
            let found = try JSONDecoder().decode([String: [String]].self, from: Data(printed.utf8))
            #expect(found.keys.count { $0.hasPrefix("good/") } == 20)
            #expect(found.filter { $0.key.hasPrefix("good/") }.allSatisfy { $0.value.count == 10 })
            for animal in Zoo.all {
                #expect(Set(found["zoo/\(animal.name).zip"] ?? []) == Set(animal.good), "\(animal.name)")
            }
        }
    }
}
