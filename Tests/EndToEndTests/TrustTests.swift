import AssayTestSupport
import Foundation
import Testing

/// `assay trust`: an update from a mirror, and what it changes for `assay verify`.
@Suite(
    .enabled(if: Requirement.tuf.mayRun, "python-tuf is not installed"),
    .enabled(if: SigstoreJudge.conformanceIsRequired, "the conformance assets are not beside the package"))
struct TrustTests {
    private static let bundleFolder = SigstoreJudge.conformanceAssets.appending(path: "rekor2-dsse-happy-path")
    private static let artifact = SigstoreJudge.conformanceAssets.appending(path: "a.txt").path

    private struct Report: Decodable {
        struct Origin: Decodable {
            struct Update: Decodable {
                struct Role: Decodable {
                    let name: String
                    let version: Int
                    let expires: String
                }
                let mirror: String
                let roles: [Role]
                let files: [String]
            }
            let kind: String
            let update: Update?
            let expiredRoles: [String]
            let files: [String]
        }
        struct Party: Decodable {
            let name: String
            let validFrom: String
            let isCurrent: Bool
            let key: String?
            let keyID: String?
        }
        let origin: Origin
        let certificateAuthorities: [Party]
        let certificateLogs: [Party]
        let transparencyLogs: [Party]
        let timestampAuthorities: [Party]
    }

    /// A mirror with the trusted root of one conformance case, and a signing configuration.
    private static func makeMirror(_ bench: Workbench, _ name: String) throws -> String {
        let folder = bench.folder.appending(path: name)
        let configuration = bench.folder.appending(path: "configuration.json")
        try Data(#"{"mediaType": "application/vnd.dev.sigstore.signingconfig.v0.2+json"}"#.utf8).write(
            to: configuration)
        try PythonTUF.makeRepository(
            in: folder,
            files: [
                "trusted_root.json": bundleFolder.appending(path: "trusted_root.json"),
                "signing_config.v0.2.json": configuration,
            ])
        return folder.path
    }

    private static func verify(_ bench: Workbench) async throws -> Child.End {
        let identity =
            "https://github.com/sigstore-conformance/extremely-dangerous-public-oidc-beacon/.github/workflows/"
            + "extremely-dangerous-oidc-beacon.yml@refs/heads/main"
        return try await bench.assay(
            "verify", artifact, "--bundle", bundleFolder.appending(path: "bundle.sigstore.json").path,
            "--certificate-identity", identity, "--certificate-oidc-issuer",
            "https://token.actions.githubusercontent.com"
        ).end
    }

    private static func show(_ bench: Workbench, _ arguments: String...) async throws -> Report {
        let result = try await bench.start(["trust", "show", "--json"] + arguments).result()
        #expect(result.end == .exited(0), "\(result.errors)")
        return try result.json()
    }

    @Test func anUpdateFromAMirrorDecidesWhatIsVerified() async throws {
        try await Workbench.use { bench in
            let mirror = try Self.makeMirror(bench, "mirror")
            let before = try await Self.show(bench)
            #expect(before.origin.kind == "built-in")
            #expect(before.transparencyLogs.map(\.name).contains("https://rekor.sigstore.dev"))
            #expect(try await Self.verify(bench) == .exited(5))

            let server = try LoopbackServer { request in
                let path = request.target.dropFirst("GET ".count)
                guard let data = FileManager.default.contents(atPath: mirror + path) else {
                    return .status("404 Not Found")
                }
                return .status("200 OK", [], String(decoding: data, as: UTF8.self))
            }
            try await server.run { server in
                // Of a mirror of one's own nothing is known beforehand.
                let unknown = try await bench.assay("trust", "update", "--mirror", server.address)
                #expect(unknown.end == .exited(2))
                #expect(unknown.errors.contains("--root"))
                #expect(server.requests.isEmpty)

                let update = try await bench.assay(
                    "trust", "update", "--mirror", server.address + "/", "--root", mirror + "/1.root.json")
                #expect(update.end == .exited(0), "\(update.errors)")
                let requests = server.requests.count
                let again = try await bench.assay("trust", "update")
                #expect(again.end == .exited(0), "\(again.errors)")
                #expect(server.requests.dropFirst(requests).first?.target == "GET /3.root.json")

                let after = try await Self.show(bench)
                #expect(after.origin.update?.mirror == server.address)
                #expect(after.origin.update?.roles.map(\.version) == [2, 1, 1, 1])
                #expect(after.origin.update?.files == ["trusted_root.json", "signing_config.v0.2.json"])
                #expect(after.origin.expiredRoles == [])
                #expect(!after.transparencyLogs.map(\.name).contains("https://rekor.sigstore.dev"))
                for party in after.certificateAuthorities + after.transparencyLogs + after.certificateLogs {
                    #expect(party.key != nil && party.keyID != nil)
                }
                let requestsOfUpdates = server.requests.count
                #expect(try await Self.verify(bench) == .exited(0))
                #expect(server.requests.count == requestsOfUpdates)
            }
            // The mirror is gone: the next update says so, and what was fetched stays.
            let failed = try await bench.assay("trust", "update")
            #expect(failed.end == .exited(3), "\(failed.errors)")
            #expect(try await Self.verify(bench) == .exited(0))
            let text = try await bench.assay("trust", "show")
            #expect(text.output.contains("Trusted root: updated "))
            #expect(text.output.contains("timestamp version 1, counts until 2090-01-01T00:00:00Z"))
        }
    }

    @Test func aMirrorThatLiesChangesNothing() async throws {
        try await Workbench.use { bench in
            let mirror = try Self.makeMirror(bench, "mirror")
            let other = try Self.makeMirror(bench, "other")
            let update = try await bench.assay(
                "trust", "update", "--mirror", mirror, "--root", mirror + "/1.root.json")
            #expect(update.end == .exited(0), "\(update.errors)")
            let installed = bench.path("home/.local/share/assay/trust/current/trusted_root.json")
            let good = try Data(contentsOf: URL(filePath: installed))

            // Another repository's files in the place of this one's.
            try FileManager.default.removeItem(atPath: mirror)
            try FileManager.default.moveItem(atPath: other, toPath: mirror)
            let refused = try await bench.assay("trust", "update")
            #expect(refused.end == .exited(5))
            #expect(refused.errors.contains("timestamp.json is not signed as the root asks for"), "\(refused.errors)")
            // Nor does a start from there, with the wrong root, take away what is known.
            let wrongRoot = bench.path("wrong.json")
            try Data("{}".utf8).write(to: URL(filePath: wrongRoot))
            #expect(try await bench.assay("trust", "update", "--root", wrongRoot).end == .exited(5))
            #expect(try Data(contentsOf: URL(filePath: installed)) == good)
            #expect(try await Self.verify(bench) == .exited(0))
            // From its own root it is another repository that can be followed.
            let anew = try await bench.assay(
                "trust", "update", "--mirror", mirror, "--root", mirror + "/1.root.json")
            #expect(anew.end == .exited(0), "\(anew.errors)")
        }
    }

    @Test func filesThatAreNamedCountAlone() async throws {
        try await Workbench.use { bench in
            let mirror = try Self.makeMirror(bench, "mirror")
            _ = try await bench.assay("trust", "update", "--mirror", mirror, "--root", mirror + "/1.root.json")
            let file = SigstoreJudge.conformanceAssets.deletingLastPathComponent().deletingLastPathComponent()
                .appending(path: "production_trusted_root.json").path
            let report = try await Self.show(bench, "--trusted-root", file)
            #expect(report.origin.kind == "files")
            #expect(report.origin.files == [file])
            #expect(report.transparencyLogs.map(\.name).contains("https://rekor.sigstore.dev"))
        }
    }

    @Test func anUpdateThatExpiredOrWasDamagedIsSaid() async throws {
        try await Workbench.use { bench in
            let mirror = try Self.makeMirror(bench, "mirror")
            _ = try await bench.assay("trust", "update", "--mirror", mirror, "--root", mirror + "/1.root.json")
            let current = bench.folder.appending(path: "home/.local/share/assay/trust/current")
            let receipt = current.appending(path: "update.json")
            let text = try String(contentsOf: receipt, encoding: .utf8)
            try Data(text.replacing("2090", with: "2020").utf8).write(to: receipt)
            #expect(try await Self.show(bench).origin.expiredRoles == ["root", "timestamp", "snapshot", "targets"])
            let shown = try await bench.assay("trust", "show")
            #expect(shown.output.contains("run `assay trust update`"))
            #expect(try await Self.verify(bench) == .exited(0))

            try Data("{}".utf8).write(to: current.appending(path: "trusted_root.json"))
            #expect(try await Self.verify(bench) == .exited(2))
            #expect(try await bench.assay("trust", "show").end == .exited(2))
        }
    }

    /// A program that was upgraded knows more than an update from before.
    @Test func anUpdateThatIsOlderThanWhatIsBuiltInIsLeftAlone() async throws {
        try await Workbench.use { bench in
            let production = SigstoreJudge.conformanceAssets.deletingLastPathComponent().deletingLastPathComponent()
                .appending(path: "production_trusted_root.json")
            let current = try bench.makeFolder("home/.local/share/assay/trust/current")
            func install(from mirror: String, root: Data) throws {
                let update = #"{"mirror": "\#(mirror)", "updated": "2025-01-01T00:00:00Z", "roles": [], "files": []}"#
                try Data(update.utf8).write(to: URL(filePath: current + "/update.json"))
                try root.write(to: URL(filePath: current + "/trusted_root.json"))
            }
            let publicGood = "https://tuf-repo-cdn.sigstore.dev"
            let text = try Data(contentsOf: production)
            try install(from: publicGood, root: text)
            #expect(try await Self.show(bench).origin.kind == "update")

            var older = try #require(JSONSerialization.jsonObject(with: text) as? [String: Any])
            older["tlogs"] = (older["tlogs"] as? [Any])?.prefix(1).map { $0 }
            let olderText = try JSONSerialization.data(withJSONObject: older)
            try install(from: publicGood, root: olderText)
            #expect(try await Self.show(bench).origin.kind == "built-in")
            // Roots of other instances are not older or newer than this one.
            try install(from: "https://tuf.example.com", root: olderText)
            #expect(try await Self.show(bench).origin.kind == "update")
        }
    }

    @Test func onlyOneUpdateWorksOnAFolderAtATime() async throws {
        try await Workbench.use { bench in
            let mirror = try Self.makeMirror(bench, "mirror")
            let folder = try bench.makeFolder("trust")
            let lock = open(folder + "/lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
            #expect(flock(lock, LOCK_EX | LOCK_NB) == 0)
            let arguments = [
                "trust", "update", "--mirror", mirror, "--root", mirror + "/1.root.json", "--trust-folder", folder,
            ]
            let refused = try await bench.start(arguments).result()
            #expect(refused.end == .exited(7))
            #expect(refused.errors.contains("another update"))
            close(lock)
            let update = try await bench.start(arguments).result()
            #expect(update.end == .exited(0), "\(update.errors)")
        }
    }
}
