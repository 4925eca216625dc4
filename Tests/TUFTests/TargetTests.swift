import AssayTestSupport
import Testing

@testable import TUF

/// Sections 5.6.7 and 5.7 of the specification: the search for a target through delegations, and its download.
struct TargetTests {
    private static func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

    private static func delegated(
        _ name: String, parent: String = "targets", paths: [String]? = ["*"], prefixes: [String]? = nil,
        terminating: Bool = false, files: [String: String] = [:]
    ) throws -> TestRepository.Delegated {
        .init(
            name: name, parent: parent, role: .init(keys: [try TestKey()]), paths: paths, prefixes: prefixes,
            isTerminating: terminating, files: files.mapValues(bytes))
    }

    private static func repository(_ delegated: [TestRepository.Delegated]) throws -> TestRepository {
        let repository = try TestRepository()
        repository.delegated = delegated
        try repository.publish()
        return repository
    }

    /// The roles that a search asked the mirror for.
    private static func asked(_ repository: TestRepository) -> [String] {
        repository.mirror.requests.filter { $0.hasPrefix("1.") }.map { String($0.dropFirst(2).dropLast(5)) }
            .filter { !["snapshot", "targets"].contains($0) }
    }

    // MARK: Search

    @Test func aTargetAtTheTopNeedsNoOtherRole() async throws {
        let repository = try Self.repository([Self.delegated("a", files: ["a.txt": "another a"])])
        #expect(try await repository.target("a.txt")?.length == 12)
        #expect(Self.asked(repository) == [])
    }

    @Test func rolesAreAskedDepthFirstInTheirOrder() async throws {
        let repository = try Self.repository([
            Self.delegated("a"), Self.delegated("b", files: ["x": "from b"]), Self.delegated("c", parent: "a"),
            Self.delegated("d", parent: "c"), Self.delegated("e", parent: "a"),
        ])
        #expect(try await repository.target("x") != nil)
        #expect(Self.asked(repository) == ["a", "c", "d", "e", "b"])
    }

    @Test func anEarlierRoleDecidesOverALaterOne() async throws {
        let repository = try Self.repository([
            Self.delegated("first", files: ["x": "first"]), Self.delegated("second", files: ["x": "the second"]),
        ])
        #expect(try await repository.target("x")?.length == 5)
    }

    @Test func aTerminatingRoleEndsTheSearch() async throws {
        let repository = try Self.repository([
            Self.delegated("a"), Self.delegated("b", parent: "a", terminating: true),
            Self.delegated("c", parent: "a", files: ["x": "c"]), Self.delegated("d", files: ["x": "d"]),
        ])
        #expect(try await repository.target("x") == nil)
        #expect(Self.asked(repository) == ["a", "b"])
    }

    @Test func aRoleThatMayNotSpeakForATargetIsNotAsked() async throws {
        let repository = try Self.repository([
            Self.delegated("a", paths: ["lib/*.zip"], files: ["x": "a"]),
            Self.delegated("b", paths: ["x?"], files: ["x": "b"]),
            Self.delegated("c", paths: [], terminating: true, files: ["x": "c"]),
        ])
        #expect(try await repository.target("x") == nil)
        #expect(Self.asked(repository) == [])
    }

    @Test func hashPrefixesShareTargetsOut() async throws {
        let digest = TestRepository.digest(Self.bytes("x"))
        let repository = try Self.repository([
            Self.delegated("other", prefixes: [String(digest.dropFirst().prefix(4))], files: ["x": "wrong"]),
            Self.delegated("bin", prefixes: ["zz", String(digest.prefix(2))], files: ["x": "in the bin"]),
        ])
        #expect(try await repository.target("x")?.length == 10)
        #expect(Self.asked(repository) == ["bin"])
    }

    @Test func circlesOfRolesEnd() async throws {
        let key = try TestKey()
        let repository = try TestRepository()
        repository.delegated = [
            .init(name: "a", role: .init(keys: [key])), .init(name: "b", parent: "a", role: .init(keys: [key])),
            .init(name: "a", parent: "b", role: .init(keys: [key])),
        ]
        try repository.publish()
        #expect(try await repository.target("x") == nil)
    }

    @Test func atMostAsManyRolesAreAskedAsTheLimitSays() async throws {
        let chain = try (0..<6).map { try Self.delegated("r\($0)", parent: $0 == 0 ? "targets" : "r\($0 - 1)") }
        let repository = try Self.repository(chain)
        var limits = UpdateLimits()
        limits.delegations = 5
        await #expect(throws: TUFError.limitExceeded(what: "roles to ask for the target 'x'", limit: 5)) {
            try await repository.target("x", limits: limits)
        }
        limits.delegations = 6
        #expect(try await repository.target("x", limits: limits) == nil)
    }

    @Test func aDelegatedRoleIsSignedByTheKeysThatItsParentNames() async throws {
        var role = try Self.delegated("a", files: ["x": "a"])
        role.role.signers = [try TestKey()]
        let repository = try Self.repository([role])
        await #expect(throws: TUFError.signatures(file: "a.json", signers: "targets", expected: 1, found: 0)) {
            try await repository.target("x")
        }
    }

    @Test func aDelegatedRoleThatExpiredIsRefused() async throws {
        var role = try Self.delegated("a", files: ["x": "a"])
        role.role.expires = "2029-12-31T23:59:59Z"
        let repository = try Self.repository([role])
        await #expect(throws: TUFError.self) { try await repository.target("x") }
    }

    @Test func aDelegatedRoleThatTheMirrorLacksIsAnError() async throws {
        var role = try Self.delegated("a", files: ["x": "a"])
        role.isPublished = false
        let repository = try Self.repository([role])
        await #expect(throws: TUFError.notFound(file: "1.a.json")) { try await repository.target("x") }
    }

    @Test(arguments: ["../escape", "a/b", "..", "?&#", "über uns", "%2e"])
    func namesOfRolesStayInTheFolder(_ name: String) async throws {
        let repository = try Self.repository([Self.delegated(name, files: ["x": "found"])])
        #expect(try await repository.target("x")?.length == 5)
        let file = repository.cache.path(name)
        #expect(file.hasPrefix(repository.folder.path + "/"))
        #expect(!file.dropFirst(repository.folder.path.count + 1).contains("/"))
        #expect(repository.cachedVersion(name) == 1)
        // The second time it comes from the folder.
        repository.mirror.forgetRequests()
        #expect(try await repository.target("x")?.length == 5)
        #expect(Self.asked(repository) == [])
    }

    @Test(arguments: ["root", "timestamp", "snapshot", "targets"])
    func noRoleTakesTheNameOfOneAtTheTop(_ name: String) async throws {
        let repository = try Self.repository([Self.delegated(name, files: ["x": "found"])])
        await #expect(throws: TUFError.self) { try await repository.target("x") }
    }

    @Test func aNameThatNoFolderCanHoldIsRefused() async throws {
        let repository = try Self.repository([Self.delegated(String(repeating: "ü", count: 34))])
        await #expect(
            throws: TUFError.malformed(
                file: "targets.json", field: "delegations.roles.name",
                problem: "is empty, or its file's name would be longer than 200 bytes")
        ) { try await repository.refresh() }
    }

    // MARK: Patterns

    @Test(
        arguments: [
            ("*", "a", true), ("*", "", true), ("*", "a/b", false), ("a/*", "a/b", true), ("a/*", "a/b/c", false),
            ("a/*/c", "a/b/c", true), ("*.tgz", "x.tgz", true), ("*.tgz", "x.tgz.sig", false), ("?", "é", true),
            ("?", "", false), ("?", "/", false), ("a*b*c", "aXbYbZc", true), ("a*b*c", "aXbYbZ", false),
            ("[ab]", "a", false), ("[ab]", "[ab]", true), ("", "", true), ("a/", "a", false), ("**", "ab", true),
            (String(repeating: "*a", count: 60), String(repeating: "a", count: 5000) + "b", false),
        ] as [(String, String, Bool)])
    func patternsStandForPathsPartByPart(_ pattern: String, _ path: String, _ matches: Bool) {
        #expect(PathPattern(pattern).matches(path) == matches)
    }

    // MARK: Download

    private static func download(_ path: String, _ repository: TestRepository, _ folder: TemporaryFolder)
        async throws -> [UInt8]
    {
        var updater = try repository.updater()
        let target = try #require(try await updater.target(path))
        let file = try await updater.download(target, from: Below(repository.mirror), into: folder.path)
        #expect(file.hasPrefix(folder.path + "/"))
        #expect(!file.dropFirst(folder.path.count + 1).contains("/"))
        return try folder.read(String(file.dropFirst(folder.path.count + 1)))
    }

    /// The part of a mirror that holds the target files.
    private struct Below: Mirror {
        let mirror: MemoryMirror
        init(_ mirror: MemoryMirror) { self.mirror = mirror }
        func file(_ path: String, limit: Int) async throws(TUFError) -> [UInt8]? {
            try await mirror.file("targets/\(path)", limit: limit)
        }
    }

    @Test(arguments: ["a.txt", "dir/a.txt", "../../a.txt", "..", "/etc/passwd", "ünï code?"], [true, false])
    func aTargetIsDownloadedIntoItsFolderUnderAnyName(_ path: String, consistent: Bool) async throws {
        let repository = try TestRepository()
        let folder = try TemporaryFolder()
        repository.isConsistent = consistent
        repository.files = [path: Self.bytes("content")]
        try repository.publish()
        #expect(try await Self.download(path, repository, folder) == Self.bytes("content"))
        // What is there already is not fetched again, unless it is no longer the target.
        repository.mirror.forgetRequests()
        #expect(try await Self.download(path, repository, folder) == Self.bytes("content"))
        #expect(repository.mirror.requests == ["2.root.json", "timestamp.json"])
        repository.files = [path: Self.bytes("new content")]
        repository.advance()
        try repository.publishBelowRoot()
        #expect(try await Self.download(path, repository, folder) == Self.bytes("new content"))
    }

    @Test func aTargetWithOtherBytesIsRefused() async throws {
        let repository = try TestRepository()
        let folder = try TemporaryFolder()
        repository.isConsistent = false
        try repository.publish()
        repository.mirror["targets/a.txt"] = .bytes(Self.bytes("content of b"))
        await #expect {
            _ = try await Self.download("a.txt", repository, folder)
        } throws: { error in
            if case TUFError.hash("a.txt", "sha256", _, _) = error { true } else { false }
        }
        repository.mirror["targets/a.txt"] = .bytes(Self.bytes("content"))
        await #expect(throws: TUFError.length(file: "a.txt", expected: 12, found: 7)) {
            _ = try await Self.download("a.txt", repository, folder)
        }
        repository.mirror["targets/a.txt"] = .endless
        await #expect(throws: TUFError.limitExceeded(what: "bytes of targets/a.txt", limit: 12)) {
            _ = try await Self.download("a.txt", repository, folder)
        }
        repository.mirror["targets/a.txt"] = nil
        await #expect(throws: TUFError.notFound(file: "a.txt")) {
            _ = try await Self.download("a.txt", repository, folder)
        }
    }

    @Test func aTargetWithoutLengthOrKnownHashIsRefused() async throws {
        for part in [["hashes": ["sha256": TestRepository.digest([])]], ["length": 0, "hashes": ["md5": "00"]]]
            as [[String: Any]]
        {
            let repository = try TestRepository()
            repository.targets.edit = { $0["targets"] = ["a.txt": part] }
            try repository.publish()
            await #expect(throws: TUFError.self) { try await repository.target("a.txt") }
        }
    }
}
