import AssayTestSupport
import Foundation
import Sigstore
import Testing

@testable import TUF
@testable import assay_tuf_conformance

/// Mirrors behind HTTP and in folders, and repositories that others make.
struct MirrorTests {
    private static func fetch(_ reply: LoopbackServer.Reply, limits: UpdateLimits = UpdateLimits()) async throws
        -> [UInt8]?
    {
        try await LoopbackServer { _ in reply }.run { server in
            try await HTTPMirror("\(server.address)/base", limits: limits).file("1.root.json", limit: 100)
        }
    }

    @Test func aFileIsFetchedFromBelowTheAddress() async throws {
        let server = try LoopbackServer { request in
            request.target == "GET /base/a%2Fb.json" ? .status("200 OK", [], "found") : .status("500 Wrong")
        }
        try await server.run { server in
            let mirror = try HTTPMirror("\(server.address)/base/")
            #expect(try await mirror.file("a%2Fb.json", limit: 5) == Array("found".utf8))
            await #expect(throws: TUFError.limitExceeded(what: "bytes of a%2Fb.json", limit: 4)) {
                try await mirror.file("a%2Fb.json", limit: 4)
            }
        }
    }

    @Test(arguments: ["404 Not Found", "403 Forbidden"])
    func aFileThatIsNotThereIsNoError(_ status: String) async throws {
        #expect(try await Self.fetch(.status(status, [], "no")) == nil)
    }

    @Test(arguments: ["500 Oops", "503 Busy", "401 Who", "204 Nothing", "301 Moved", "302 Found"])
    func everyOtherStatusIsAnError(_ status: String) async throws {
        await #expect {
            _ = try await Self.fetch(.status(status, ["Location: http://127.0.0.1:1/"], ""))
        } throws: { error in
            if case TUFError.mirror(let reason) = error { reason.contains(status.prefix(3)) } else { false }
        }
    }

    @Test func aMirrorThatNeverEndsIsLeft() async throws {
        await #expect(throws: TUFError.limitExceeded(what: "bytes of 1.root.json", limit: 100)) {
            _ = try await Self.fetch(.endlessBody("data "))
        }
        await #expect(throws: TUFError.self) { _ = try await Self.fetch(.endlessHeader) }
        await #expect(throws: TUFError.self) { _ = try await Self.fetch(.hangUp) }
        var limits = UpdateLimits()
        limits.transferSeconds = 1
        await #expect {
            _ = try await Self.fetch(.silence, limits: limits)
        } throws: { error in
            if case TUFError.mirror = error { true } else { false }
        }
    }

    @Test(
        arguments: [
            "ftp://127.0.0.1/", "file:///etc", "/etc", "https://a/?q", "http://a/#f", "https://user@a/",
            "https://user:secret@a",
        ])
    func anAddressThatIsNoneIsRefused(_ address: String) {
        #expect {
            _ = try HTTPMirror(address)
        } throws: { error in
            if case TUFError.location = error { true } else { false }
        }
    }

    @Test func aFolderIsAMirrorThatNoNameLeaves() async throws {
        let folder = try TemporaryFolder()
        try FileManager.default.createDirectory(
            at: folder.url.appending(path: "inside/a b"), withIntermediateDirectories: true)
        try folder.write(Array("secret".utf8), to: "outside")
        try folder.write(Array("found".utf8), to: "inside/a b/c")
        let mirror = FolderMirror(folder.path + "/inside")
        #expect(try await mirror.file("a%20b/c", limit: 5) == Array("found".utf8))
        #expect(try await mirror.file("missing", limit: 5) == nil)
        for path in ["../outside", "%2E%2E/outside", "a%20b/../../outside", "%00"] {
            #expect(try await mirror.file(path, limit: 100) == nil)
        }
        await #expect(throws: TUFError.limitExceeded(what: "bytes of a b/c", limit: 4)) {
            try await mirror.file("a%20b/c", limit: 4)
        }
        await #expect(throws: TUFError.self) { try await mirror.file("a%20b", limit: 4) }
    }

    // MARK: Whole clients

    @Test(.enabled(if: Requirement.tuf.mayRun, "python-tuf is not installed"))
    func aRepositoryOfTheReferenceImplementationIsFollowed() async throws {
        let folder = try TemporaryFolder()
        try folder.write(Array("ten bytes!".utf8), to: "source")
        let repository = folder.url.appending(path: "repository")
        try PythonTUF.makeRepository(in: repository, files: ["dir/ü.txt": folder.url.appending(path: "source")])
        let cache = MetadataCache(try Self.makeFolder("cache", in: folder))
        try cache.write("root", Array(Data(contentsOf: repository.appending(path: "1.root.json"))))
        var updater = try Updater(mirror: FolderMirror(repository.path), cache: cache, now: TestRepository.now)
        try await updater.refresh()
        #expect(updater.roles.map(\.version) == [2, 1, 1, 1])
        #expect(updater.topLevelTargets == ["dir/ü.txt"])
        let targets = FolderMirror(repository.path + "/targets")
        for (path, content) in [("dir/ü.txt", "ten bytes!"), ("team/note.txt", "from the team")] {
            let target = try #require(try await updater.target(path))
            #expect(try await updater.download(target, from: targets) == Array(content.utf8))
        }
        #expect(try await updater.target("team/other.txt") == nil)
    }

    @Test func theConformanceClientInitialisesRefreshesAndDownloads() async throws {
        let repository = try TestRepository()
        try repository.publish()
        let folder = try TemporaryFolder()
        try folder.write(repository.initialRoot, to: "initial.json")
        let metadata = try Self.makeFolder("metadata", in: folder)
        let targets = try Self.makeFolder("targets", in: folder)
        let mirror = repository.mirror
        let server = try LoopbackServer { request in
            let path = String(request.target.dropFirst("GET /".count))
            return mirror.bytes(path).map { .status("200 OK", [], String(decoding: $0, as: UTF8.self)) }
                ?? .status("404 Not Found")
        }
        try await server.run { server in
            func client(_ arguments: String...) async throws {
                try await TUFConformance.run(["--metadata-dir", metadata] + arguments, now: TestRepository.now)
            }
            try await client("init", folder.path + "/initial.json")
            #expect(server.requests.isEmpty)
            try await client("--metadata-url", server.address, "refresh")
            for role in ["root", "timestamp", "snapshot", "targets"] {
                #expect(FileManager.default.fileExists(atPath: "\(metadata)/\(role).json"))
            }
            let download = [
                "--metadata-url", server.address, "--target-base-url", server.address + "/targets", "--target-dir",
                targets, "download",
            ]
            try await TUFConformance.run(
                ["--metadata-dir", metadata, "--target-name", "a.txt"] + download, now: TestRepository.now)
            #expect(try folder.read("targets/a.txt") == Array("content of a".utf8))
            await #expect(throws: TUFError.unknownTarget("b.txt")) {
                try await TUFConformance.run(
                    ["--metadata-dir", metadata, "--target-name", "b.txt"] + download, now: TestRepository.now)
            }
            await #expect(throws: TUFConformance.Refusal.self) { try await client("refresh") }
            await #expect(throws: TUFConformance.Refusal.self) { try await client("--unknown", "x", "refresh") }
        }
    }

    private static func makeFolder(_ name: String, in folder: TemporaryFolder) throws -> String {
        let url = folder.url.appending(path: name)
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        return url.path
    }
}
