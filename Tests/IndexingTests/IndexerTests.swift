import AssayModel
import AssayTestSupport
import DigestCatalog
import Indexing
import ObjectStorage
import Testing

@Suite struct IndexerTests {
    @Test(arguments: ZipCompressor.methods) func recordsTheDigestOfEveryEntry(method: UInt16) async throws {
        let workshop = try Workshop()
        let contents: [String: [UInt8]] = [
            "empty": [], "one": [7], "dir/text": Array(String(repeating: "all the same ", count: 9000).utf8),
            "dir/deep/noise": noise(300_000),
        ]
        let entries = contents.map { name, bytes in ZipBuilder.Entry(name, bytes) { $0.method = method } }
        try await workshop.put("p/a.zip", ZipBuilder(entries).build())
        let report = try await workshop.index()
        #expect(report.isComplete)
        #expect(report.indexed == 1)
        #expect(report.entries == 4)
        #expect(report.contentSize == contents.values.reduce(0) { $0 + $1.count })
        let expected = Dictionary(uniqueKeysWithValues: contents.map { ("p/a/\($0)", SHA256Digest(of: $1)) })
        #expect(try workshop.digests() == expected)
        #expect(
            try workshop.tree()["p/a/one"]?.modified
                == Timestamp(
                    year: 2026, month: 1, day: 2, hour: 3, minute: 4, second: 6))
    }

    @Test func takesInAllGoodArchivesBesideAZooOfBadOnes() async throws {
        let workshop = try Workshop()
        for animal in Zoo.all { try await workshop.put("zoo/\(animal.name).zip", animal.bytes) }
        for number in 0..<5 { try await workshop.put("good/\(number).zip", ["x": "good \(number)"]) }
        let log = Log<IndexEvent>()
        let report = try await workshop.index { log.add($0) }

        let broken = Zoo.all.filter { $0.archiveError != nil }
        #expect(report.refused == broken.count)
        #expect(report.indexed == Zoo.all.count - broken.count + 5)
        #expect(report.refusedEntries == Zoo.all.reduce(0) { $0 + $1.refused.count })
        #expect(report.failed == 0)
        #expect(!report.isComplete)

        let problems = Dictionary(grouping: try workshop.catalog.problems(limit: 10_000), by: \.key)
        let tree = try workshop.tree()
        for animal in Zoo.all {
            let codes = (problems["zoo/\(animal.name).zip"] ?? []).map { String($0.reason.prefix { $0 != ":" }) }
            let expected = animal.archiveError.map { [$0] } ?? Array(animal.refused.values)
            #expect(codes.sorted() == expected.sorted(), "\(animal)")
            let prefix = "zoo/\(animal.name)/"
            let shown = Set(tree.keys.filter { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) })
            #expect(shown == Set(animal.good), "\(animal)")
        }
        for number in 0..<5 {
            #expect(tree["good/\(number)/x"]?.artifact?.digest == SHA256Digest(of: "good \(number)".utf8))
        }
        let refusals = log.events.compactMap { event -> String? in
            if case .refused(let object, let code, _) = event { return "\(object.key) \(code)" }
            return nil
        }
        #expect(refusals.sorted() == broken.map { "zoo/\($0.name).zip \($0.archiveError ?? "")" }.sorted())
    }

    @Test func readsNothingOfAnUnchangedSource() async throws {
        let workshop = try Workshop()
        for animal in Zoo.all { try await workshop.put("zoo/\(animal.name).zip", animal.bytes) }
        try await workshop.put("loose", [1])
        try await workshop.put("a.zip", ["x": "1"])
        try await workshop.index()
        let before = try workshop.dump()
        let store = CountingStore(workshop.bucket)
        let report = try await workshop.index(through: store)
        #expect(store.counter.counts.reads == 0)
        #expect(store.counter.counts.heads == 0)
        #expect(report.scan.unchanged == Zoo.all.count + 2)
        #expect(report.indexed == 0)
        #expect(try workshop.dump() == before)
    }

    @Test func replacesTheEntriesOfAChangedObjectAndReadsOnlyThat() async throws {
        let workshop = try Workshop()
        try await workshop.put("p/a.zip", ["old": "1", "same": "2"])
        try await workshop.put("p/b.zip", ["x": "3"])
        try await workshop.put("loose.txt", Array("4".utf8))
        try await workshop.index()
        let folder = try #require(try workshop.catalog.directories(in: workshop.source.root).first).id
        try await workshop.put("p/a.zip", ["new": "5", "same": "2"])
        try await workshop.put("loose.txt", Array("6".utf8))
        let store = CountingStore(workshop.bucket)
        let report = try await workshop.index(through: store)
        #expect(store.counter.counts.reads == 2)
        #expect(report.scan.changed == 2)
        #expect(
            try workshop.digests() == [
                "p/a/new": SHA256Digest(of: "5".utf8), "p/a/same": SHA256Digest(of: "2".utf8),
                "p/b/x": SHA256Digest(of: "3".utf8), "loose.txt": SHA256Digest(of: "6".utf8),
            ])
        #expect(try workshop.catalog.directories(in: workshop.source.root).first?.id == folder, "folders of keys stay")
    }

    @Test func marksADeletedObjectAsGone() async throws {
        let workshop = try Workshop()
        try await workshop.put("p/a.zip", ["x": "1"])
        try await workshop.put("b.zip", ["y": "2"])
        try await workshop.index()
        workshop.bucket.remove(ObjectKey("p/a.zip"))
        let report = try await workshop.index()
        #expect(report.scan.gone == 1)
        #expect(try workshop.digests().keys.sorted() == ["b/y"])
        let artifact = try #require(try workshop.catalog.artifact(SHA256Digest(of: "1".utf8)))
        #expect(try workshop.catalog.occurrences(of: artifact, limit: 9).map(\.state) == [.gone])
    }

    @Test(arguments: [0, 1, 20 << 20]) func aLooseObjectIsAnArtifact(size: Int) async throws {
        let workshop = try Workshop()
        let bytes = noise(size)
        try await workshop.put("dir/app.tar.gz", bytes)
        let store = CountingStore(workshop.bucket)
        let report = try await workshop.index(through: store)
        #expect(report.entries == 1)
        #expect(report.contentSize == size)
        #expect(try workshop.digests() == ["dir/app.tar.gz": SHA256Digest(of: bytes)])
        #expect(store.counter.counts.bytesRead == size)
        #expect(store.counter.counts.reads == (size + (8 << 20) - 1) / (8 << 20))
    }

    @Test func splitsKeysAtSlashesWhateverStandsBehindThem() async throws {
        let workshop = try Workshop()
        try await workshop.put("a/\u{301}b", [1])
        try await workshop.put("c/\u{600}.zip", ["x": "1"])
        try await workshop.put("/d//e.zip", ["y": "2"])
        try await workshop.index()
        #expect(
            try workshop.digests().keys.map { Array($0.utf8) }.sorted { $0.lexicographicallyPrecedes($1) }
                == ["/d//e/y", "a/\u{301}b", "c/\u{600}/x"].map { Array($0.utf8) })
        let names = try workshop.catalog.directories(in: workshop.source.root).map(\.name).sorted()
        #expect(names == ["", "a", "c"])
    }

    @Test func leavesOutFolderMarkersAndTellsWhatCannotBeAnObject() async throws {
        let workshop = try Workshop()
        try await workshop.put("marker/", [])
        try await workshop.put("content/", [1])
        try await workshop.put("bad\u{0}key", [2])
        let log = Log<IndexEvent>()
        let report = try await workshop.index { log.add($0) }
        #expect(try workshop.tree().keys.sorted() == ["content/"])
        #expect(report.skipped == 1)
        let skipped = log.events.compactMap { if case .skipped(let problem) = $0 { problem.name } else { nil } }
        #expect(skipped == ["bad␀key"])
    }

    @Test func readsOnlyWhatBeginsWithThePrefix() async throws {
        let workshop = try Workshop()
        try await workshop.put("in/a", [1])
        try await workshop.put("out/b", [2])
        try await workshop.index(prefix: "in/")
        #expect(try workshop.tree().keys.sorted() == ["in/a"])
    }

    @Test func listsMoreThanOnePage() async throws {
        let workshop = try Workshop()
        for number in 0..<1100 { try await workshop.put("f/\(number)", [UInt8(number & 255), UInt8(number >> 8)]) }
        let report = try await workshop.index(jobs: 4)
        #expect(report.scan.listed == 1100)
        #expect(report.indexed == 1100)
        #expect(try workshop.catalog.status(now: now).artifacts == 1100)
    }
}
