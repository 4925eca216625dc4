import AssayTestSupport
import Foundation
import Testing

extension EndToEnd {
    /// The commands around the main job: keys, questions, verdicts and refusals, with their exit codes.
    @Suite struct CommandTests {
        /// A bench with three small archives in its catalog.
        private func indexed(_ body: (Workbench) async throws -> Void) async throws {
            try await Workbench.use { bench in
                let folder = try bench.makeFolder("archives")
                try await bench.makeArchives(3, entries: 6, in: folder)
                try await bench.tool(["unzip", "-q", "-d", bench.path("unzipped"), "\(folder)/build-001.zip"])
                #expect(try await bench.assay("index", folder).end == .exited(0))
                try await body(bench)
            }
        }

        private func expectRefused(
            _ code: Int32, saying words: String, _ result: Child.Result, at location: SourceLocation = #_sourceLocation
        ) {
            #expect(result.end == .exited(code), "\(result.errors)", sourceLocation: location)
            #expect(result.errors.hasPrefix("assay: "), "\(result.errors)", sourceLocation: location)
            #expect(result.errors.contains(words), "\(result.errors)", sourceLocation: location)
        }

        @Test func aKeyIsNeverOverwrittenUnlessAsked() async throws {
            try await Workbench.use { bench in
                let key = bench.path("key.pem")
                #expect(try await bench.assay("key", "generate", "--key", key).end == .exited(0))
                let attributes = try FileManager.default.attributesOfItem(atPath: key)
                #expect(attributes[.posixPermissions] as? Int == 0o600)
                let (secret, open) = (try bench.contents("key.pem"), try bench.contents("key.pub.pem"))
                expectRefused(2, saying: "--force", try await bench.assay("key", "generate", "--key", key))
                #expect(try bench.contents("key.pem") == secret && bench.contents("key.pub.pem") == open)
                // The public half may be all that is left to verify with.
                try FileManager.default.removeItem(atPath: key)
                expectRefused(2, saying: "key.pub.pem", try await bench.assay("key", "generate", "--key", key))
                #expect(try bench.contents("key.pub.pem") == open && !FileManager.default.fileExists(atPath: key))
                #expect(try await bench.assay("key", "generate", "--key", key, "--force").end == .exited(0))
                #expect(try bench.contents("key.pem") != secret && bench.contents("key.pub.pem") != open)
            }
        }

        @Test func onlyIndexingMakesACatalogAndNeverOfItself() async throws {
            try await Workbench.use { bench in
                let missing = bench.path("typo.sqlite")
                expectRefused(4, saying: missing, try await bench.assay("attest", "--catalog", missing))
                #expect(!FileManager.default.fileExists(atPath: missing))
                let folder = try bench.makeFolder("archives")
                let inside = try await bench.assay("index", folder, "--catalog", folder + "/catalog.sqlite")
                expectRefused(2, saying: "holds the catalog", inside)
                for name in ["a/b", "..", ""] {
                    expectRefused(2, saying: "cannot be called", try await bench.assay("index", folder, "--name", name))
                }
            }
        }

        @Test(.enabled(if: Requirement.unzip.mayRun, "needs unzip"))
        func anEncryptedKeySignsForWhoKnowsItsPassword() async throws {
            try await indexed { bench in
                let key = bench.path("key.pem")
                let right = ["ASSAY_KEY_PASSWORD": "correct horse"]
                #expect(try await bench.assay("key", "generate", "--key", key, with: right).end == .exited(0))
                #expect(try bench.contents("key.pem").contains("ENCRYPTED"))
                expectRefused(2, saying: "ASSAY_KEY_PASSWORD", try await bench.assay("attest", "--key", key))
                let wrong = try await bench.assay("attest", "--key", key, with: ["ASSAY_KEY_PASSWORD": "staple"])
                expectRefused(2, saying: key, wrong)
                #expect(!wrong.errors.contains("staple"))
                #expect(try await bench.assay("status", "--json").json(StatusResult.self).attested == 0)
                #expect(try await bench.assay("attest", "--key", key, with: right).end == .exited(0))
                let file = bench.path("unzipped/dist/0/file-1")
                #expect(try await bench.assay("verify", file, "--key", bench.path("key.pub.pem")).end == .exited(0))
            }
        }

        @Test(.enabled(if: Requirement.unzip.mayRun, "needs unzip"))
        func verdictsAreTheExitCode() async throws {
            try await indexed { bench in
                let file = bench.path("unzipped/dist/0/file-1")
                expectRefused(2, saying: "no key", try await bench.assay("attest", "--key", bench.path("none.pem")))
                expectRefused(2, saying: "--key", try await bench.assay("verify", file))
                for name in ["key", "foreign"] {
                    #expect(
                        try await bench.assay("key", "generate", "--key", bench.path("\(name).pem")).end == .exited(0))
                }
                let (key, foreign) = (bench.path("key.pub.pem"), bench.path("foreign.pub.pem"))
                let missing = try await bench.assay("verify", file, "--key", key)
                #expect(missing.end == .exited(1) && missing.output.contains("no bundle"), "\(missing.errors)")
                #expect(try await bench.assay("attest", "--key", bench.path("key.pem")).end == .exited(0))

                let good = try await bench.assay("verify", file, "--key", key, "--json")
                #expect(good.end == .exited(0))
                let verdict = try #require(try good.verdicts().subjects.first)
                #expect(verdict.status == "verified" && verdict.subjectName == "dist/0/file-1" && verdict.reason == nil)

                let bundle = bench.path("file.bundle")
                #expect(try await bench.assay("lookup", file, "--bundle", bundle).end == .exited(0))
                try Data("other bytes".utf8).write(to: URL(filePath: bench.path("other")))
                try Data("{}".utf8).write(to: URL(filePath: bench.path("empty.bundle")))
                for (file, bundle, key) in [
                    (file, bundle, foreign), (bench.path("other"), bundle, key),
                    (file, bench.path("empty.bundle"), key),
                ] {
                    let bad = try await bench.assay("verify", file, "--bundle", bundle, "--key", key, "--json")
                    #expect(bad.end == .exited(5), "\(bad.errors)")
                    let verdict = try #require(try bad.verdicts().subjects.first)
                    #expect(verdict.status == "rejected" && verdict.refusals.count == 1)
                }
            }
        }

        @Test(.enabled(if: Requirement.unzip.mayRun, "needs unzip"))
        func lookupTellsWhereAnArtifactIsAndHandsOutItsBundle() async throws {
            try await indexed { bench in
                // The same bytes in all three archives.
                let file = bench.path("unzipped/docs/file-0.txt")
                let before = try await bench.assay("lookup", file, "--json").json(LookupResult.self)
                #expect(before.attestations.isEmpty)
                expectRefused(
                    1, saying: "no attestation", try await bench.assay("lookup", file, "--bundle", "-"))
                #expect(try await bench.assay("attest").end == .exited(0))
                let found = try await bench.assay("lookup", before.sha256, "--json").json(LookupResult.self)
                #expect(found.places.map(\.key).sorted() == ["build-000.zip", "build-001.zip", "build-002.zip"])
                #expect(found.places.allSatisfy { $0.entry == "docs/file-0.txt" })
                #expect(found.attestations.map(\.status) == ["success"])
                #expect(found.size == (try bench.contents("unzipped/docs/file-0.txt")).utf8.count)

                let bundle = try await bench.assay("lookup", file, "--bundle", "-")
                #expect(bundle.end == .exited(0) && bundle.errors.isEmpty)
                let parsed = try JSONSerialization.jsonObject(with: Data(bundle.output.utf8)) as? [String: Any]
                #expect(parsed?["mediaType"] as? String == "application/vnd.dev.sigstore.bundle.v0.3+json")
                let path = bench.path("some.bundle")
                try Data(bundle.output.utf8).write(to: URL(filePath: path))
                let descriptor = open(path, O_RDONLY | O_CLOEXEC)
                defer { close(descriptor) }
                let piped = try await bench.run([Workbench.program, "inspect", "-"], input: descriptor).result()
                for shown in [try await bench.assay("inspect", path), piped, try await bench.assay("inspect", file)] {
                    #expect(shown.end == .exited(0), "\(shown.errors)")
                    #expect(shown.output.contains("not verified") && shown.output.contains(before.sha256))
                    #expect(shown.output.contains("https://slsa.dev/provenance/v1"))
                }
                let json = try await bench.assay("inspect", path, "--json")
                let described = try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any]
                #expect(described?["verified"] as? Bool == false)
                let document = try #require((described?["documents"] as? [[String: Any]])?.first)
                #expect((document["statement"] as? [String: Any])?["predicateType"] as? String != nil)
                // The same bundle twice, a line each, and one line that is none.
                let several = Array("\(bundle.output)\n{}\n\(bundle.output)\n".utf8)
                try Data(several).write(to: URL(filePath: bench.path("some.jsonl")))
                let listed = try await bench.assay("inspect", bench.path("some.jsonl"))
                #expect(listed.end == .exited(1))
                #expect(listed.output.contains("3 documents") && listed.output.contains("Not readable: line "))
                #expect(listed.output.contains("[3] line"))

                let unknown = String(repeating: "0", count: 64)
                expectRefused(1, saying: unknown, try await bench.assay("lookup", unknown))
                expectRefused(2, saying: "neither", try await bench.assay("lookup", bench.path("nowhere")))
            }
        }

        @Test(.enabled(if: Requirement.unzip.mayRun, "needs unzip"))
        func anArchiveMayShareOneStatement() async throws {
            try await indexed { bench in
                let attested = try await bench.assay("attest", "--per", "archive", "--json").json(AttestResult.self)
                let artifacts = try await bench.assay("status", "--json").json(StatusResult.self).artifacts
                #expect(attested.statements == 3 && attested.attested == artifacts && attested.failed == 0)
                let again = try await bench.assay("attest", "--json").json(AttestResult.self)
                #expect(again.attested == 0 && again.statements == 0)
                let key = bench.path("home/.config/assay/signing-key.pub.pem")
                for digest in try await bench.catalogDigests() {
                    let result = try await bench.assay("verify", digest.hex, "--key", key)
                    #expect(result.end == .exited(0), "\(result.output)\(result.errors)")
                }
            }
        }

        @Test func whatCannotBeUsedIsRefusedByItsOwnExitCode() async throws {
            try await Workbench.use { bench in
                expectRefused(2, saying: "nowhere", try await bench.assay("index", bench.path("nowhere")))
                let port = try LoopbackPorts.free(1)[0]
                expectRefused(
                    3, saying: "s3://bucket",
                    try await bench.assay(
                        "index", "s3://bucket", "--s3-anonymous", "--retry-attempts", "1", "--s3-endpoint",
                        "http://127.0.0.1:\(port)"))
                expectRefused(2, saying: "gs://bucket", try await bench.assay("index", "gs://bucket"))
                expectRefused(2, saying: "--indx", try await bench.assay("mount", "--indx", "a", "b"))
                let none = ["ASSAY_CATALOG": bench.path("none.sqlite")]
                expectRefused(4, saying: "none.sqlite", try await bench.assay("status", with: none))

                let foreign = ["ASSAY_CATALOG": bench.path("foreign.sqlite")]
                let script = """
                    import sqlite3, sys
                    sqlite3.connect(sys.argv[1]).execute("CREATE TABLE things (name TEXT)")
                    """
                try await bench.python(script, bench.path("foreign.sqlite"))
                try Data("no database, but long enough to be taken for one".utf8)
                    .write(to: URL(filePath: bench.path("text.sqlite")))
                let folder = try bench.makeFolder("archives")
                for variables in [foreign, ["ASSAY_CATALOG": bench.path("text.sqlite")]] {
                    for command in [["index", folder], ["status"], ["attest"]] {
                        let result = try await bench.start(command, with: variables).result()
                        expectRefused(4, saying: ".sqlite", result)
                    }
                }
            }
        }
    }
}

extension Workbench {
    /// A text file of the bench's folder.
    func contents(_ name: String) throws -> String { try String(contentsOfFile: path(name), encoding: .utf8) }
}
