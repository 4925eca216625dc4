import AssayModel
import AssayTestSupport
import DigestCatalog
import Foundation
import Testing

@Suite struct CatalogTests {
    @Test func anObjectIsReadOnceForEachVersion() throws {
        let catalog = try TestCatalog()
        let first = object("a/b.zip", etag: "1")
        #expect(try catalog.list([first]).map(\.object) == [first])
        // Listed but not committed, it is still to be read.
        #expect(try catalog.list([first]).map(\.object) == [first])
        try catalog.index(first, entries: ["x": "1"])
        #expect(try catalog.list([first]).isEmpty)
        let second = object("a/b.zip", etag: "2")
        #expect(try catalog.list([second]).map(\.object) == [second])
        // The old entries stay until the new ones are whole.
        #expect(try catalog.tree() == ["a/b/x"])
        try catalog.index(second, entries: ["y": "2"])
        #expect(try catalog.tree() == ["a/b/y"])
        #expect(try catalog.list([second]).isEmpty)
    }

    /// Whoever makes a catalog may be killed after any frame that reached the file.
    @Test func aCatalogThatWasNotFinishedIsFinishedByTheNextRun() throws {
        let made = try TestCatalog()
        let header = 32
        let frame = 24 + 4096
        let database = try Data(contentsOf: URL(filePath: made.catalog.path))
        let log = try Data(contentsOf: URL(filePath: made.catalog.path + "-wal"))
        let frames = (log.count - header) / frame
        #expect(frames > 10)
        for kept in 0...frames {
            let folder = try TemporaryFolder()
            let path = folder.path + "/catalog.sqlite"
            try database.write(to: URL(filePath: path))
            try log.prefix(header + kept * frame).write(to: URL(filePath: path + "-wal"))
            #expect(throws: Never.self, "\(kept) of \(frames) frames") {
                let catalog = try Catalog(path: path, access: .readWrite)
                _ = try catalog.source(at: "s3://bucket/", name: nil, suggestion: "bucket", now: now)
            }
        }
    }

    @Test func nothingIsSeenBeforeTheCommit() throws {
        let catalog = try TestCatalog()
        let target = try #require(try catalog.list([object("b.zip", etag: "1")]).first)
        let recorder = catalog.catalog.record(target, now: now)
        for number in 0..<20_000 { try recorder.add(entry("d/\(number)", "content \(number)")) }
        #expect(try catalog.tree().isEmpty)
        #expect(try catalog.catalog.unattested(after: 0, limit: 10).isEmpty)
        // As if killed here: the next run removes it and starts again.
        try catalog.catalog.removeUncommitted()
        try catalog.index(object("b.zip", etag: "1"), entries: ["d/0": "content 0"])
        #expect(try catalog.tree() == ["b/d/0"])
        #expect(try catalog.status().entries == 1)
    }

    @Test func removingTheUncommittedKeepsTheCommitted() throws {
        let catalog = try TestCatalog()
        try catalog.index(object("b.zip", etag: "1"), entries: ["d/0": "old"])
        let target = try #require(try catalog.list([object("b.zip", etag: "2")]).first)
        let recorder = catalog.catalog.record(target, now: now)
        for number in 0..<10_000 { try recorder.add(entry("d/\(number)", "content \(number)")) }
        try catalog.catalog.removeUncommitted()
        #expect(try catalog.tree() == ["b/d/0"])
    }

    @Test func whatIsGoneLeavesTheTreeAndComesBackUnread() throws {
        let catalog = try TestCatalog()
        let (archive, loose) = (object("p/q/a.zip", etag: "1"), object("p/r/l.txt", etag: "2"))
        _ = try catalog.list([archive, loose])
        try catalog.index(archive, entries: ["x": "1", "e/y": "2"], listing: false)
        try catalog.index(loose, entries: ["l.txt": "3"], listing: false)
        #expect(try catalog.tree() == ["p/q/a/e/y", "p/q/a/x", "p/r/l.txt"])
        #expect(try catalog.list([]).isEmpty)
        #expect(try catalog.tree() == [])
        #expect(try catalog.catalog.directories(in: catalog.source.root).isEmpty, "empty directories of keys go too")
        let digest = SHA256Digest(of: "2".utf8)
        let artifact = try #require(try catalog.catalog.artifact(digest))
        #expect(try catalog.catalog.occurrences(of: artifact, limit: 9).map(\.state) == [.gone])
        #expect(try catalog.catalog.occurrences(of: artifact, limit: 9).map(\.entryPath) == ["e/y"])
        #expect(try catalog.catalog.unattested(after: 0, limit: 10).isEmpty)
        #expect(try catalog.list([archive, loose]).isEmpty)
        #expect(try catalog.tree() == ["p/q/a/e/y", "p/q/a/x", "p/r/l.txt"])
    }

    @Test func anInterruptedListingRemovesNothing() throws {
        let catalog = try TestCatalog()
        try catalog.index(object("a.zip", etag: "1"), entries: ["x": "1"])
        let scan = try catalog.catalog.scan(catalog.source)
        _ = try scan.observe([])
        #expect(try catalog.tree() == ["a/x"])
    }

    @Test func aRefusedObjectIsNotReadAgainUntilItChanges() throws {
        let catalog = try TestCatalog()
        let bad = object("bad.zip", etag: "1")
        let target = try #require(try catalog.list([bad]).first)
        try catalog.catalog.record(target, now: now).fail(code: "not-a-zip", reason: "it has no end record")
        #expect(try catalog.list([bad]).isEmpty)
        #expect(try catalog.catalog.problems(limit: 9).map(\.reason) == ["not-a-zip: it has no end record"])
        #expect(try catalog.list([object("bad.zip", etag: "2")]).count == 1)
    }

    @Test func aRefusedObjectThatComesBackIsStillRefused() throws {
        let catalog = try TestCatalog()
        let bad = object("bad.zip", etag: "1")
        let target = try #require(try catalog.list([bad]).first)
        try catalog.catalog.record(target, now: now).fail(code: "not-a-zip", reason: "it has no end record")
        _ = try catalog.list([])
        #expect(try catalog.catalog.problems(limit: 9).isEmpty)
        #expect(try catalog.list([bad]).isEmpty)
        #expect(try catalog.catalog.problems(limit: 9).count == 1)
        #expect(try catalog.status().objects == [.refused: 1])
    }

    @Test func aListingWithoutVersionIdsDoesNotMakeAnObjectNew() throws {
        let catalog = try TestCatalog()
        let listed = object("a.zip", etag: "1")
        func told(_ id: String) -> StoredObject {
            StoredObject(
                key: listed.key, version: ObjectVersion(etag: "1", id: id), size: listed.size, modified: now)
        }
        try catalog.index(told("v1"), entries: ["x": "1"])
        #expect(try catalog.list([listed]).isEmpty)
        #expect(try catalog.list([told("v1")]).isEmpty)
        #expect(try catalog.list([told("v2")]).count == 1)
    }

    @Test func whatIsStagedForAChangedObjectIsInNoStoreYet() throws {
        let catalog = try TestCatalog()
        try catalog.index(object("b.zip", etag: "1"), entries: ["old": "old"])
        let target = try #require(try catalog.list([object("b.zip", etag: "2")]).first)
        let recorder = catalog.catalog.record(target, now: now)
        for number in 0..<9000 { try recorder.add(entry("d/\(number)", "content \(number)")) }
        let staged = try #require(try catalog.catalog.artifact(SHA256Digest(of: "content 5".utf8)))
        #expect(try catalog.catalog.artifact(id: staged.id) == nil)
        #expect(try catalog.catalog.place(of: staged) == nil)
        #expect(try catalog.catalog.unattested(after: 0, limit: 99_999).count == 1)
        try recorder.commit()
        #expect(try catalog.catalog.place(of: staged)?.entryPath == "d/5")
        #expect(try catalog.catalog.unattested(after: 0, limit: 99_999).count == 9000)
    }

    @Test func anArtifactOfManyLostPlacesIsFoundInTheOneThatIsLeft() throws {
        let catalog = try TestCatalog()
        let gone = object("gone.zip", etag: "1")
        let target = try #require(try catalog.list([gone]).first)
        let recorder = catalog.catalog.record(target, now: now)
        for number in 0..<1200 { try recorder.add(entry("\(number)", "same")) }
        try recorder.commit()
        try catalog.index(object("left.zip", etag: "1"), entries: ["x": "same"])
        #expect(try catalog.status().objects == [.gone: 1, .indexed: 1])
        #expect(try catalog.catalog.unattested(after: 0, limit: 9).map(\.occurrence.entryPath) == ["x"])
    }

    @Test func directoriesBeyondWhatIsRememberedAreNotMadeTwice() throws {
        let catalog = try TestCatalog()
        let target = try #require(try catalog.list([object("b.zip", etag: "1")]).first)
        let recorder = catalog.catalog.record(target, now: now)
        for number in 0..<70_000 { try recorder.add(entry("d\(number)/e/x", "same")) }
        for number in 0..<70_000 { try recorder.add(entry("d\(number)/e/y", "same")) }
        try recorder.commit()
        let root = try #require(try catalog.catalog.directories(in: catalog.source.root).first)
        #expect(try catalog.catalog.directories(in: root.id).count == 70_000)
        let first = try #require(try catalog.catalog.directories(in: root.id, named: "d0").first)
        let inner = try catalog.catalog.directories(in: first.id)
        #expect(inner.count == 1)
        #expect(try catalog.catalog.entries(in: inner[0].id).map(\.name) == ["x", "y"])
    }

    @Test func ofTooManyRefusalsTheRestIsCounted() throws {
        let catalog = try TestCatalog()
        let target = try #require(try catalog.list([object("b.zip", etag: "1")]).first)
        let recorder = catalog.catalog.record(target, now: now)
        for number in 0..<10_500 {
            recorder.refuse(Refusal(name: "\(number)\0.exe", code: "name-nul", reason: "its name contains a NUL byte"))
        }
        try recorder.commit()
        let problems = try catalog.catalog.problems(limit: 99_999)
        #expect(problems.count == 10_001)
        #expect(problems.first?.name == "0␀.exe")
        #expect(problems.last?.reason.hasPrefix("more-refusals: 500 ") == true)
    }

    @Test func namesAreBytesNotCharacters() throws {
        let catalog = try TestCatalog()
        try catalog.index(object("a.zip", etag: "1"), entries: ["e\u{301}/x": "1", "\u{e9}/x": "2"])
        #expect(try catalog.tree().count == 2)
    }

    @Test func aSourceKeepsItsNameAndOthersGetAnother() throws {
        let catalog = try TestCatalog()
        let again = try catalog.catalog.source(at: "s3://bucket/", name: nil, suggestion: "bucket", now: now)
        #expect(again == catalog.source)
        let other = try catalog.catalog.source(at: "s3://bucket/prefix", name: nil, suggestion: "bucket", now: now)
        #expect(other.name == "bucket~2")
        #expect(throws: CatalogError.nameTaken("bucket")) {
            try catalog.catalog.source(at: "s3://third/", name: "bucket", suggestion: "third", now: now)
        }
    }

    @Test func onlyOneProcessHoldsARole() throws {
        let catalog = try TestCatalog()
        try withExtendedLifetime(try catalog.catalog.claim(role: "index")) {
            #expect(throws: CatalogError.held(role: "index", path: catalog.catalog.path)) {
                try catalog.catalog.claim(role: "index")
            }
            _ = try catalog.catalog.claim(role: "attest")
        }
        _ = try catalog.catalog.claim(role: "index")
    }

    @Test func refusesWhatIsNoCatalog() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/other.sqlite"
        try Data("this is no database, and long enough to be seen as none".utf8).write(to: URL(fileURLWithPath: path))
        #expect(throws: CatalogError.notACatalog(path: path)) { try Catalog(path: path, access: .readWrite) }
        #expect(throws: CatalogError.self) { try Catalog(path: folder.path + "/none.sqlite", access: .readOnly) }
    }

    @Test func theGenerationChangesWithEveryCommit() throws {
        let catalog = try TestCatalog()
        let before = catalog.catalog.generation()
        #expect(catalog.catalog.generation() == before)
        try catalog.index(object("a.zip", etag: "1"), entries: ["x": "1"])
        #expect(catalog.catalog.generation() != before)
    }

    /// docs/CATALOG.md: at most 200 bytes an entry beyond its path, indexes included.
    @Test func anEntryTakesAtMost200BytesBeyondItsPath() throws {
        let catalog = try TestCatalog()
        let target = try #require(try catalog.list([object("tiny.zip", etag: "1")]).first)
        let recorder = catalog.catalog.record(target, now: now)
        var pathBytes = 0
        for number in 0..<100_000 {
            let path = "pkg/d\(number / 1000)/file\(number).json"
            pathBytes += path.utf8.count
            try recorder.add(
                IndexedEntry(
                    path: path, content: .artifact(SHA256Digest(of: path.utf8), size: 1000 + number % 900), method: 8,
                    dataOffset: number * 700, compressedSize: 600, crc32: 0xfedc_ba98, modified: now, mode: 0o644))
        }
        try recorder.commit()
        let size = try catalog.catalog.status(now: now).databaseSize
        #expect((size - pathBytes) / 100_000 <= 200, "\(size) bytes")
    }
}
