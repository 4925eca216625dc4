import Testing

@testable import TUF

/// Section 5.3 of the specification.
struct RootTests {
    @Test func everyVersionOfTheRootIsFollowedToTheNewest() async throws {
        let repository = try TestRepository()
        try repository.publish()
        repository.root.version = 2
        try repository.publishRoot()
        repository.root.version = 3
        try repository.publishRoot()
        #expect(try await repository.refresh() == [3, 1, 1, 1])
        #expect(
            repository.mirror.requests.prefix(4) == ["2.root.json", "3.root.json", "4.root.json", "timestamp.json"])
        #expect(repository.cachedVersion("root") == 3)
    }

    @Test(arguments: TestKey.Kind.allCases)
    func everyKnownKindOfKeySigns(_ kind: TestKey.Kind) async throws {
        let repository = try TestRepository(kind)
        try repository.publish()
        #expect(try await repository.refresh() == [1, 1, 1, 1])
        repository.root.version = 2
        repository.root.signers = [try TestKey(kind, identifier: repository.root.keys[0].identifier)]
        try repository.publishRoot()
        await #expect(
            throws: TUFError.signatures(
                file: "root.json", signers: "version 1 of the root", expected: 1, found: 0)
        ) { try await repository.refresh() }
    }

    @Test func aRootThatOnlyNewKeysSignIsRefused() async throws {
        let repository = try TestRepository()
        try repository.publish()
        repository.root.keys = [try TestKey()]
        repository.root.version = 2
        try repository.publishRoot()
        await #expect(
            throws: TUFError.signatures(
                file: "root.json", signers: "version 1 of the root", expected: 1, found: 0)
        ) { try await repository.refresh() }
        #expect(repository.cachedVersion("root") == 1)
    }

    @Test func aRootThatOnlyOldKeysSignIsRefused() async throws {
        let repository = try TestRepository()
        try repository.publish()
        repository.root.signers = repository.root.keys
        repository.root.keys = [try TestKey()]
        repository.root.version = 2
        try repository.publishRoot()
        await #expect(
            throws: TUFError.signatures(
                file: "root.json", signers: "the root itself", expected: 1, found: 0)
        ) { try await repository.refresh() }
    }

    @Test func aRootThatOldAndNewKeysSignReplacesTheKeys() async throws {
        let repository = try TestRepository()
        try repository.publish()
        try await repository.refresh()
        let old = repository.root.keys
        repository.root.keys = [try TestKey(), try TestKey()]
        repository.root.threshold = 2
        repository.root.signers = old + repository.root.keys
        repository.root.version = 2
        try repository.publishRoot()
        #expect(try await repository.refresh() == [2, 1, 1, 1])
        // The old key alone no longer counts.
        repository.root.signers = old
        repository.root.version = 3
        try repository.publishRoot()
        await #expect(throws: TUFError.self) { try await repository.refresh() }
        #expect(repository.cachedVersion("root") == 2)
    }

    @Test(arguments: [1, 3, 4])
    func aRootWhoseVersionIsNotTheNextIsRefused(_ version: Int) async throws {
        let repository = try TestRepository()
        try repository.publish()
        repository.root.version = version
        try repository.publishRoot()
        repository.mirror["2.root.json"] = repository.mirror["\(version).root.json"]
        await #expect(throws: TUFError.version(file: "root.json", expected: "the one after 1", found: version)) {
            try await repository.refresh()
        }
    }

    @Test func onlyTheLastRootMustNotHaveExpired() async throws {
        let repository = try TestRepository()
        repository.root.expires = "2029-01-01T00:00:00Z"
        try repository.publish()
        repository.root.version = 2
        repository.root.expires = "2031-01-01T00:00:00Z"
        try repository.publishRoot()
        #expect(try await repository.refresh() == [2, 1, 1, 1])
        repository.root.version = 3
        repository.root.expires = "2030-01-01T00:00:00Z"
        try repository.publishRoot()
        await #expect(
            throws: TUFError.expired(file: "root.json", expiry: TestRepository.now, now: TestRepository.now)
        ) { try await repository.refresh() }
        #expect(repository.cachedVersion("root") == 3)
    }

    @Test func atMostAsManyRootsAreFollowedAsTheLimitSays() async throws {
        let repository = try TestRepository()
        try repository.publish()
        for version in 2...5 {
            repository.root.version = version
            try repository.publishRoot()
        }
        var limits = UpdateLimits()
        limits.rootRotations = 2
        #expect(try await repository.refresh(limits: limits) == [3, 1, 1, 1])
        #expect(try await repository.refresh(limits: limits) == [5, 1, 1, 1])
    }

    @Test func aMirrorThatFailsDoesNotEndTheRootsQuietly() async throws {
        let repository = try TestRepository()
        try repository.publish()
        repository.mirror["2.root.json"] = .failure
        await #expect(throws: TUFError.mirror("status 503")) { try await repository.refresh() }
        repository.mirror["2.root.json"] = .endless
        await #expect(throws: TUFError.limitExceeded(what: "bytes of 2.root.json", limit: 512 << 10)) {
            try await repository.refresh()
        }
    }

    @Test func anInitialRootThatIsNotSignedIsNoStart() throws {
        let repository = try TestRepository()
        repository.root.signers = []
        try repository.publish()
        #expect(throws: TUFError.self) { try repository.updater() }
        #expect(throws: TUFError.self) { try Updater.check(initialRoot: repository.initialRoot) }
    }

    @Test func aFolderWithoutRootIsNoStart() throws {
        let repository = try TestRepository()
        #expect(
            throws: TUFError.cache(
                path: repository.cache.path("root"), problem: "is missing: start with a root that you trust")
        ) { try Updater(mirror: repository.mirror, cache: repository.cache, now: TestRepository.now) }
    }

    @Test func versionsThatAnAttackerRaisedAreForgottenWhenItsKeysAreWithdrawn() async throws {
        let repository = try TestRepository()
        try repository.publish()
        repository.timestamp.version = 1_000_000
        repository.snapshot.version = 2_000_000
        repository.targets.version = 3_000_000
        try repository.publishBelowRoot()
        #expect(try await repository.refresh() == [1, 1_000_000, 2_000_000, 3_000_000])

        // Without new keys the way back is barred.
        repository.timestamp.version = 2
        repository.snapshot.version = 2
        repository.targets.version = 2
        repository.root.version = 2
        try repository.publish()
        await #expect(throws: TUFError.self) { try await repository.refresh() }
        // One key of the two is enough: the snapshot's versions were the other's to raise.
        repository.snapshot.keys = [try TestKey()]
        repository.root.version = 3
        try repository.publish()
        #expect(try await repository.refresh() == [3, 2, 2, 2])
    }

    @Test func aKeyThatIsAddedLeavesWhatIsKnown() async throws {
        let repository = try TestRepository()
        try repository.publish()
        try await repository.refresh()
        repository.timestamp.keys.append(try TestKey())
        repository.root.version = 2
        try repository.publishRoot()
        repository.mirror["timestamp.json"] = .failure
        await #expect(throws: TUFError.self) { try await repository.refresh() }
        #expect(repository.cachedVersion("root") == 2)
        #expect(repository.cachedVersion("timestamp") == 1)
        #expect(repository.cachedVersion("snapshot") == 1)
    }

    struct Version: Sendable {
        let keys: [Int]
        let threshold: Int
        let signers: [Int]
    }

    /// The versions after the first, whose keys 0, 1 and 2 are two of three, and how many of them are taken.
    @Test(
        arguments: [
            ([Version(keys: [0, 1, 2], threshold: 2, signers: [1, 2])], 1),
            ([Version(keys: [0, 1, 3], threshold: 2, signers: [0, 1])], 1),
            // New keys count for the new version, old ones for the old.
            ([Version(keys: [0, 3, 4], threshold: 2, signers: [0, 3])], 0),
            ([Version(keys: [0, 3, 4], threshold: 2, signers: [0, 1])], 0),
            ([Version(keys: [0, 3, 4], threshold: 2, signers: [0, 1, 4])], 1),
            // Signatures of strangers do no harm, and no good.
            ([Version(keys: [0, 1, 2], threshold: 2, signers: [5, 0, 6, 2])], 1),
            ([Version(keys: [0, 1, 2], threshold: 2, signers: [5, 0, 6])], 0),
            // A higher threshold counts for the version that brings it, a lower one only for those after.
            ([Version(keys: [0, 1, 2], threshold: 3, signers: [0, 1])], 0),
            ([Version(keys: [0, 1, 2], threshold: 1, signers: [0])], 0),
            (
                [
                    Version(keys: [0, 1, 2], threshold: 1, signers: [0, 1]),
                    Version(keys: [0, 1, 2], threshold: 1, signers: [2]),
                ], 2
            ),
            // All keys, by way of a version that both sign.
            (
                [
                    Version(keys: [3, 4, 5], threshold: 2, signers: [0, 1, 3, 4]),
                    Version(keys: [3, 4, 5], threshold: 2, signers: [4, 5]),
                    Version(keys: [3, 4, 5], threshold: 2, signers: [0, 1]),
                ], 2
            ),
        ])
    func aRotationCountsByTheThresholdsOfBothVersions(_ versions: [Version], _ taken: Int) async throws {
        let keys = try (0..<7).map { _ in try TestKey(.ed25519) }
        let repository = try TestRepository()
        func publish(_ version: Version) throws {
            repository.root.keys = version.keys.map { keys[$0] }
            repository.root.threshold = version.threshold
            repository.root.signers = version.signers.map { keys[$0] }
            try repository.publishRoot()
        }
        try publish(Version(keys: [0, 1, 2], threshold: 2, signers: [0, 2]))
        try repository.publishBelowRoot()
        for version in versions {
            repository.root.version += 1
            try publish(version)
        }
        if taken == versions.count {
            try await repository.refresh()
        } else {
            await #expect(throws: TUFError.self) { try await repository.refresh() }
        }
        #expect(repository.cachedVersion("root") == taken + 1)
    }
}
