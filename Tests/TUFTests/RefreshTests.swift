import Sigstore
import Testing

@testable import TUF

/// Sections 5.4 to 5.6 of the specification: timestamp, snapshot and targets.
struct RefreshTests {
    private static func role(_ name: String) -> ReferenceWritableKeyPath<TestRepository, TestRepository.Role> {
        switch name {
        case "timestamp": \.timestamp
        case "snapshot": \.snapshot
        default: \.targets
        }
    }

    @Test(arguments: [true, false], [true, false])
    func aRepositoryIsFollowed(consistent: Bool, describing: Bool) async throws {
        let repository = try TestRepository()
        repository.isConsistent = consistent
        repository.describes = describing
        try repository.publish()
        #expect(try await repository.refresh() == [1, 1, 1, 1])
        repository.advance()
        try repository.publishBelowRoot()
        repository.mirror.forgetRequests()
        #expect(try await repository.refresh() == [1, 2, 2, 2])
        #expect(
            repository.mirror.requests
                == ["2.root.json", "timestamp.json"]
                + (consistent ? ["2.snapshot.json", "2.targets.json"] : ["snapshot.json", "targets.json"]))
        for role in ["timestamp", "snapshot", "targets"] { #expect(repository.cachedVersion(role) == 2) }
    }

    @Test func whatIsKnownIsNotFetchedAgain() async throws {
        let repository = try TestRepository()
        try repository.publish()
        try await repository.refresh()
        repository.mirror.forgetRequests()
        #expect(try await repository.refresh() == [1, 1, 1, 1])
        #expect(repository.mirror.requests == ["2.root.json", "timestamp.json"])
    }

    @Test(arguments: ["timestamp", "snapshot", "targets"])
    func metadataThatExpiredIsRefused(_ name: String) async throws {
        let repository = try TestRepository()
        repository[keyPath: Self.role(name)].expires = "2030-01-01T00:00:00Z"
        try repository.publish()
        await #expect(
            throws: TUFError.expired(file: "\(name).json", expiry: TestRepository.now, now: TestRepository.now)
        ) { try await repository.refresh() }
        #expect(repository.cachedVersion(name) == nil)
    }

    @Test(arguments: ["timestamp", "snapshot", "targets"])
    func knownMetadataThatExpiredIsRefusedToo(_ name: String) async throws {
        let repository = try TestRepository()
        repository[keyPath: Self.role(name)].expires = "2030-01-02T00:00:00Z"
        try repository.publish()
        try await repository.refresh()
        let later = UTCTime(seconds: TestRepository.now.seconds + 3 * 86_400)
        await #expect(throws: TUFError.self) { try await repository.refresh(now: later) }
        // It still tells what must not be rolled back, and a newer one is taken.
        repository[keyPath: Self.role(name)].expires = "2031-01-01T00:00:00Z"
        repository.advance()
        try repository.publishBelowRoot()
        #expect(try await repository.refresh(now: later) == [1, 2, 2, 2])
    }

    @Test(arguments: ["timestamp", "snapshot", "targets"])
    func metadataThatItsKeysDidNotSignIsRefused(_ name: String) async throws {
        let repository = try TestRepository()
        repository[keyPath: Self.role(name)].signers = [try TestKey()]
        try repository.publish()
        await #expect(
            throws: TUFError.signatures(file: "\(name).json", signers: "the root", expected: 1, found: 0)
        ) { try await repository.refresh() }
    }

    @Test(arguments: ["snapshot", "targets"])
    func aFileOfAnotherVersionThanNamedIsRefused(_ name: String) async throws {
        let repository = try TestRepository()
        repository.describes = false
        try repository.publish()
        let old = repository.mirror["1.\(name).json"]
        repository.advance()
        try repository.publishBelowRoot()
        repository.mirror["2.\(name).json"] = old
        await #expect(throws: TUFError.version(file: "\(name).json", expected: "2", found: 1)) {
            try await repository.refresh()
        }
    }

    @Test(arguments: ["snapshot", "targets"])
    func aFileWithOtherBytesThanDescribedIsRefused(_ name: String) async throws {
        let repository = try TestRepository()
        try repository.publish()
        let path = "1.\(name).json"
        let good = try #require(repository.mirror.bytes(path))
        var other = good
        let digit = try #require(other.lastIndex(of: UInt8(ascii: "1")))
        other[digit] = UInt8(ascii: "2")
        repository.mirror[path] = .bytes(other)
        await #expect {
            try await repository.refresh()
        } throws: { error in
            if case TUFError.hash("\(name).json", "sha512", _, _) = error { true } else { false }
        }
        repository.mirror[path] = .bytes(good.dropLast())
        await #expect(
            throws: TUFError.length(file: "\(name).json", expected: good.count, found: good.count - 1)
        ) { try await repository.refresh() }
        repository.mirror[path] = .bytes(good + [UInt8(ascii: "\n")])
        await #expect(throws: TUFError.limitExceeded(what: "bytes of \(path)", limit: good.count)) {
            try await repository.refresh()
        }
    }

    @Test func metadataOfTwoStatesOfTheRepositoryIsNotMixed() async throws {
        let repository = try TestRepository()
        repository.isConsistent = false
        try repository.publish()
        let old = repository.mirror["targets.json"]
        repository.snapshot.version = 2
        repository.timestamp.version = 2
        repository.files["b.txt"] = Array("b".utf8)
        try repository.publishBelowRoot()
        repository.mirror["targets.json"] = old
        await #expect(throws: TUFError.self) { try await repository.refresh() }
        #expect(repository.cachedVersion("targets") == nil)
    }

    @Test(
        arguments: [
            ("timestamp.json", 16 << 10), ("1.snapshot.json", 2 << 20), ("1.targets.json", 5 << 20),
        ])
    func dataWithoutEndEndsAtTheLimit(_ path: String, _ limit: Int) async throws {
        let repository = try TestRepository()
        repository.describes = false
        try repository.publish()
        repository.mirror[path] = .endless
        await #expect(throws: TUFError.limitExceeded(what: "bytes of \(path)", limit: limit)) {
            try await repository.refresh()
        }
    }

    @Test func aLengthBeyondTheLimitIsNotFetched() async throws {
        let repository = try TestRepository()
        repository.timestamp.edit = { signed in
            signed["meta"] = ["snapshot.json": ["version": 1, "length": 1 << 40]]
        }
        try repository.publish()
        await #expect(throws: TUFError.limitExceeded(what: "bytes of snapshot.json", limit: 2 << 20)) {
            try await repository.refresh()
        }
        #expect(!repository.mirror.requests.contains("1.snapshot.json"))
    }

    @Test(arguments: ["timestamp.json", "1.snapshot.json", "1.targets.json"])
    func aFileThatTheMirrorLacksIsNamed(_ path: String) async throws {
        let repository = try TestRepository()
        try repository.publish()
        repository.mirror[path] = nil
        await #expect(throws: TUFError.notFound(file: path)) { try await repository.refresh() }
    }

    @Test func theFilesOfARefreshThatEndsInBetweenAreAGoodStart() async throws {
        let repository = try TestRepository()
        try repository.publish()
        try await repository.refresh()
        repository.advance()
        repository.root.version = 2
        try repository.publish()
        for (path, known) in [
            ("timestamp.json", [2, 1, 1, 1]), ("2.snapshot.json", [2, 2, 1, 1]), ("2.targets.json", [2, 2, 2, 1]),
        ] {
            let good = repository.mirror[path]
            repository.mirror[path] = .failure
            await #expect(throws: TUFError.mirror("status 503")) { try await repository.refresh() }
            repository.mirror[path] = good
            #expect(["root", "timestamp", "snapshot", "targets"].map { repository.cachedVersion($0) } == known)
        }
        #expect(try await repository.refresh() == [2, 2, 2, 2])
    }

    @Test(arguments: ["timestamp", "snapshot", "targets"])
    func aFileInTheFolderThatSomebodyChangedIsFetchedAnew(_ name: String) async throws {
        let repository = try TestRepository()
        try repository.publish()
        try await repository.refresh()
        let good = try repository.folder.read("\(name).json")
        for bad in [Array(good.dropLast(9)), Array("{}".utf8), [], [UInt8](repeating: 0x20, count: 6 << 20)] {
            try repository.folder.write(bad, to: "\(name).json")
            #expect(try await repository.refresh() == [1, 1, 1, 1])
            #expect(try repository.folder.read("\(name).json") == good)
        }
    }

    @Test func aFolderThatCannotBeWrittenIsAnError() async throws {
        let repository = try TestRepository()
        try repository.publish()
        let cache = MetadataCache(repository.folder.path + "/missing")
        #expect(throws: TUFError.self) { try cache.write("root", repository.initialRoot) }
    }
}
