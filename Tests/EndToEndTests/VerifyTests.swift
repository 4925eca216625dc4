import Foundation
import Testing

extension EndToEnd {
    /// `assay verify` over trees, lists and catalogs, with keys.
    @Suite struct VerifyTests {
        private static let unlogged = [
            "whether a transparency log recorded the signature", "when it was signed",
        ]

        /// A bench with a tree of attested artifacts, each beside its bundle, and the catalog out of the way.
        private func tree(_ count: Int, _ body: (Workbench, _ key: String) async throws -> Void) async throws {
            try await Workbench.use { bench in
                let key = bench.path("key.pem")
                #expect(try await bench.assay("key", "generate", "--key", key).end == .exited(0))
                try await bench.makeAttestedTree(count, key: key)
                try await body(bench, bench.path("key.pub.pem"))
            }
        }

        /// The subjects' paths below the tree, with their status.
        private func statuses(_ result: Child.Result, _ bench: Workbench) throws -> [String: String] {
            let pairs = try result.verdicts().subjects.map {
                ($0.subject.replacing(bench.path("tree") + "/", with: ""), $0.status)
            }
            return Dictionary(uniqueKeysWithValues: pairs)
        }

        @Test func aTreeOfHundredsIsVerifiedInTheOrderOfItsNames() async throws {
            try await tree(300) { bench, key in
                var printed: Set<String> = []
                for jobs in ["1", "2", "7"] {
                    let result = try await bench.assay(
                        "verify", bench.path("tree"), "--key", key, "--json", "--jobs", jobs)
                    #expect(result.end == .exited(0), "\(result.errors)")
                    let (subjects, summary) = try result.verdicts()
                    #expect(subjects.count == 300 && summary.verified == 300 && summary.rejected == 0)
                    #expect(subjects.allSatisfy { $0.status == "verified" && $0.notChecked == Self.unlogged })
                    #expect(subjects.allSatisfy { $0.bundle?.hasPrefix($0.subject + ".") == true })
                    #expect(summary.notChecked == Self.unlogged)
                    let paths = subjects.map { $0.subject.split(separator: "/").map { Array($0.utf8) } }
                    #expect(zip(paths, paths.dropFirst()).allSatisfy { Self.isBefore($0, $1) })
                    printed.insert(result.output.split(separator: "\n").dropLast().joined(separator: "\n"))
                }
                #expect(printed.count == 1)
                let text = try await bench.assay("verify", bench.path("tree"), "--key", key)
                #expect(text.output.contains("\nVerified 300 of 300 artifacts in "))
                #expect(text.output.split(separator: "\n").filter { $0.hasPrefix("ok ") }.count == 300)
            }
        }

        private static func isBefore(_ first: [[UInt8]], _ second: [[UInt8]]) -> Bool {
            for (a, b) in zip(first, second) where a != b { return a.lexicographicallyPrecedes(b) }
            return first.count < second.count
        }

        @Test func whateverIsWrongInATreeIsToldByNameAndTheRestGoesOn() async throws {
            try await tree(12) { bench, key in
                func file(_ name: String) -> URL { URL(filePath: bench.path("tree/\(name)")) }
                let manager = FileManager.default
                try Data("changed".utf8).write(to: file("d0/file-000"))
                let bundles = try manager.contentsOfDirectory(atPath: bench.path("tree/d1"))
                    .filter { $0.hasPrefix("file-001.") }
                try manager.removeItem(at: file("d1/\(bundles[0])"))
                try Data("{}".utf8).write(to: file("d2/file-002.bundle"))
                try Data("data, and no bundle".utf8).write(to: file("d0/file-003.jsonl"))
                try Data("nobody's".utf8).write(to: file("d1/orphan.bundle"))
                try manager.createSymbolicLink(atPath: file("d1/out").path, withDestinationPath: "/etc/hostname")
                try manager.createSymbolicLink(atPath: file("d1/lost").path, withDestinationPath: "nowhere")
                try manager.createSymbolicLink(atPath: file("d1/in").path, withDestinationPath: "../d2/file-005")
                try manager.createSymbolicLink(atPath: file("d1/up").path, withDestinationPath: "..")
                try await bench.tool(["mkfifo", file("d2/pipe").path])

                let result = try await bench.assay("verify", bench.path("tree"), "--key", key, "--json")
                #expect(result.end == .exited(5), "\(result.errors)")
                let found = try statuses(result, bench)
                let wrong = [
                    "d0/file-000": "rejected", "d1/file-001": "missing", "d2/file-002": "rejected",
                    "d0/file-003": "rejected", "d1/orphan.bundle": "missing", "d1/out": "unreadable",
                    "d1/lost": "unreadable", "d2/pipe": "unreadable",
                ]
                #expect(found.filter { $0.value != "verified" } == wrong)
                #expect(found.count == 12 + 4 && found["d1/in"] == nil)

                // Bundles that are missing count less than bundles that say no.
                for name in ["d0/file-000", "d2/file-002", "d0/file-003"] { try manager.removeItem(at: file(name)) }
                for folder in ["d0", "d2"] { try await bench.removeOrphans(in: bench.path("tree/\(folder)")) }
                for name in ["d1/out", "d1/lost", "d2/pipe"] { try manager.removeItem(at: file(name)) }
                let missing = try await bench.assay("verify", bench.path("tree"), "--key", key, "--json")
                #expect(missing.end == .exited(1), "\(missing.output)")
                #expect(try missing.verdicts().summary.missing == 2)
                let skipped = try await bench.assay(
                    "verify", bench.path("tree"), "--key", key, "--json", "--skip-missing")
                #expect(skipped.end == .exited(0))
                #expect(try skipped.verdicts().summary.skipped == 2)
            }
        }

        @Test func anArtifactMayBeCalledLikeABundleIfItHasOne() async throws {
            try await tree(5) { bench, key in
                // The fourth is an artifact with a bundle of its own, now beside the first, whose bundle it is not.
                let (first, fourth) = ("tree/d0/file-000", "tree/d0/file-003")
                let name = bench.path(first + ".jsonl")
                let bundle = try bench.bundle(of: "d0/file-003")
                try FileManager.default.moveItem(atPath: bench.path(fourth), toPath: name)
                try await bench.removeOrphans(in: bench.path("tree/d0"))
                try Data(bundle.utf8).write(to: URL(filePath: name + ".bundle"))
                let result = try await bench.assay("verify", bench.path("tree"), "--key", key, "--json")
                #expect(result.end == .exited(0), "\(result.output)")
                #expect(try result.verdicts().summary.verified == 5)
                try FileManager.default.removeItem(atPath: name + ".bundle")
                let without = try await bench.assay("verify", bench.path("tree"), "--key", key, "--json")
                #expect(try statuses(without, bench)["d0/file-000"] == "rejected", "\(without.output)")
            }
        }

        @Test func nothingVerifiedIsNoSuccess() async throws {
            try await tree(1) { bench, key in
                let empty = try bench.makeFolder("empty")
                let nothing = try await bench.assay("verify", empty, "--key", key)
                #expect(nothing.end == .exited(1) && nothing.output.contains("nothing to verify"))
                try Data("unsigned".utf8).write(to: URL(filePath: empty + "/file"))
                #expect(try await bench.assay("verify", empty, "--key", key, "--skip-missing").end == .exited(1))
            }
        }

        @Test func oneGoodBundleOfSeveralIsEnough() async throws {
            try await tree(2) { bench, key in
                let other = bench.path("other.pem")
                #expect(try await bench.assay("key", "generate", "--key", other).end == .exited(0))
                let good = try bench.bundle(of: "d0/file-000")
                let wrong = try bench.bundle(of: "d1/file-001")
                let file = bench.path("subject")
                try FileManager.default.copyItem(atPath: bench.path("tree/d0/file-000"), toPath: file)
                let shapes = [
                    "\(wrong)\n\n{broken\n\(good)\n", "[\(wrong), \(good)]",
                    #"{"attestations": [{"bundle": \#(wrong)}, {"predicateType": "https://slsa.dev/provenance/v1", "bundle": \#(good)}]}"#,
                ]
                for shape in shapes {
                    try Data(shape.utf8).write(to: URL(filePath: file + ".jsonl"))
                    let result = try await bench.assay("verify", file, "--key", key, "--json")
                    #expect(result.end == .exited(0), "\(result.output)")
                    let foreign = try await bench.assay("verify", file, "--key", bench.path("other.pub.pem"), "--json")
                    #expect(foreign.end == .exited(5))
                    let refusals = try #require(try foreign.verdicts().subjects.first).refusals
                    #expect(refusals.count == (shape == shapes[0] ? 3 : 2), "\(refusals)")
                    #expect(refusals.allSatisfy { $0.bundle.hasPrefix(file + ".jsonl") && !$0.reason.isEmpty })
                }
                // Two companions, of which one is somebody else's.
                try Data(good.utf8).write(to: URL(filePath: file + ".sigstore.json"))
                try Data(wrong.utf8).write(to: URL(filePath: file + ".jsonl"))
                let result = try await bench.assay("verify", file, "--key", key, "--json")
                #expect(try result.verdicts().subjects.first?.bundle == file + ".sigstore.json")
            }
        }

        @Test func aBareEnvelopeIsAKeysBundle() async throws {
            try await tree(1) { bench, key in
                let script = """
                    import json, sys
                    print(json.dumps(json.load(open(sys.argv[1]))["dsseEnvelope"]))
                    """
                try Data(bench.bundle(of: "d0/file-000").utf8).write(to: URL(filePath: bench.path("whole")))
                let envelope = try await bench.python(script, bench.path("whole"))
                try Data(envelope.utf8).write(to: URL(filePath: bench.path("envelope")))
                let result = try await bench.assay(
                    "verify", bench.path("tree/d0/file-000"), "--bundle", bench.path("envelope"), "--key", key)
                #expect(result.end == .exited(0), "\(result.output)")
            }
        }

        @Test func whatTheBundleHasToBeIsTheCallersChoice() async throws {
            try await tree(1) { bench, key in
                let file = bench.path("tree/d0/file-000")
                for (types, code) in [
                    (["slsaprovenance1"], 0), (["https://slsa.dev/provenance/v1"], 0), (["any"], 0),
                    (["spdx", "slsaprovenance1"], 0), (["spdx"], 5), (["slsaprovenance"], 5), (["signature"], 5),
                    (["any", "spdx"], 2), (["slsa"], 2),
                ] as [([String], Int32)] {
                    let flags = types.flatMap { ["--type", $0] }
                    let result = try await bench.start(["verify", file, "--key", key] + flags).result()
                    #expect(result.end == .exited(code), "\(types): \(result.output)\(result.errors)")
                    #expect(result.output.contains("any predicate type is accepted") == (types == ["any"]))
                    if types == ["signature"] { #expect(result.output.contains("found a signed statement")) }
                }
            }
        }

        @Test func pathsComeFromListsDigestsAndTheCatalogToo() async throws {
            try await tree(6) { bench, key in
                let paths = (0..<6).map { bench.path("tree/d\($0 % 3)/file-00\($0)") }
                let list = bench.path("list")
                try Data((paths.reversed().joined(separator: "\n\n") + "\n" + bench.path("none")).utf8)
                    .write(to: URL(filePath: list))
                let descriptor = open(list, O_RDONLY | O_CLOEXEC)
                defer { close(descriptor) }
                let command = ["verify", "--key", key, "--json", "--paths-from"]
                let piped = try await bench.run([Workbench.program] + command + ["-"], input: descriptor).result()
                for result in [try await bench.start(command + [list]).result(), piped] {
                    #expect(result.end == .exited(1), "\(result.errors)")
                    let subjects = try result.verdicts().subjects
                    #expect(subjects.map(\.subject) == paths.reversed() + [bench.path("none")])
                    #expect(subjects.map(\.status) == Array(repeating: "verified", count: 6) + ["unreadable"])
                }
                let catalog = ["ASSAY_CATALOG": bench.path("attested.sqlite")]
                let all = try await bench.assay("verify", "--attested", "--key", key, "--json", with: catalog)
                #expect(all.end == .exited(0), "\(all.errors)")
                let digests = try all.verdicts().subjects.compactMap(\.sha256)
                #expect(Set(digests).count == 6)
                let named = try await bench.start(
                    ["verify", "--key", key, "--json", "sha256:" + digests[0], digests[1]], with: catalog
                ).result()
                #expect(named.end == .exited(0))
                #expect(try named.verdicts().subjects.compactMap(\.sha256) == Array(digests[..<2]))
                #expect(try await bench.assay("verify", "--attested", "--key", key).end == .exited(4))
            }
        }

        /// Who writes the list may wait for the answer before going on.
        @Test func aListIsAnsweredLineByLine() async throws {
            try await tree(2) { bench, key in
                let script = """
                    import subprocess, sys
                    program, key, paths = sys.argv[1], sys.argv[2], sys.argv[3:]
                    child = subprocess.Popen(
                        [program, "verify", "--paths-from", "-", "--key", key], stdin=subprocess.PIPE,
                        stdout=subprocess.PIPE, text=True)
                    for path in paths:
                        child.stdin.write(path + "\\n")
                        child.stdin.flush()
                        print(child.stdout.readline().split()[0])
                    child.stdin.close()
                    child.stdout.read()
                    print(child.wait())
                    """
                let paths = [bench.path("tree/d0/file-000"), bench.path("tree/d1/file-001")]
                let answers = try await bench.tool(
                    ["/usr/bin/python3", "-c", script, Workbench.program, key] + paths)
                #expect(answers.split(separator: "\n") == ["ok", "ok", "0"], "\(answers)")
            }
        }

        @Test func commandLinesThatMeanNothingAreRefused() async throws {
            try await tree(1) { bench, key in
                let (folder, file) = (bench.path("tree"), bench.path("tree/d0/file-000"))
                for (arguments, words) in [
                    ([], "--paths-from"), ([file, "--attested"], "--paths-from"),
                    ([folder, "--bundle", file], "not with a folder"), ([file, file, "--bundle", file], "--bundle"),
                    ([file, "--jobs", "0"], "--jobs"), ([file, "--not-before", "soon"], "soon"),
                    ([file, "--not-before", "2024-01-01T00:00:00Z"], "--trusted-root"),
                    ([file, "--certificate-identity", "a", "--certificate-oidc-issuer", "b"], "exclude"),
                    ([file, "--policy", "policy.toml"], "stands alone"),
                    (["--paths-from", bench.path("none")], "cannot be read"),
                ] {
                    let result = try await bench.start(["verify", "--key", key] + arguments).result()
                    #expect(result.end == .exited(2) && result.output.isEmpty, "\(arguments)")
                    #expect(result.errors.contains(words), "\(arguments): \(result.errors)")
                }
            }
        }

        /// The fields of docs/OPERATIONS.md are those that are printed.
        @Test func theDocumentationNamesEveryFieldOfTheOutput() async throws {
            try await tree(1) { bench, key in
                let documentation = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
                    .deletingLastPathComponent().appending(path: "docs/OPERATIONS.md")
                let text = try String(contentsOf: documentation, encoding: .utf8)
                let good = try await bench.assay("verify", bench.path("tree"), "--key", key, "--json")
                let bad = try await bench.assay("verify", bench.path("tree"), "--key", key, "--json", "--type", "spdx")
                for line in (good.output + bad.output).split(separator: "\n") {
                    let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
                    for name in try #require(object).keys {
                        let isNamed = text.contains("`\(name)`")
                        #expect(isNamed, "\(name)")
                    }
                }
            }
        }
    }
}

extension Workbench {
    /// Makes `tree` with `count` different files in three folders, each beside its bundle, whose name is one of those
    /// that are looked for in turn; `attested.sqlite` is the catalog with the same bundles.
    func makeAttestedTree(_ count: Int, key: String) async throws {
        let archives = try makeFolder("archives")
        let make = """
            import os, sys, zipfile
            bench, count = sys.argv[1], int(sys.argv[2])
            with zipfile.ZipFile(f"{bench}/archives/all.zip", "w") as archive:
                for number in range(count):
                    name = f"d{number % 3}/file-{number:03}"
                    os.makedirs(f"{bench}/tree/d{number % 3}", exist_ok=True)
                    with open(f"{bench}/tree/{name}", "w") as file: file.write(f"content {number}")
                    archive.write(f"{bench}/tree/{name}", name)
            """
        try await python(make, folder.path, "\(count)")
        let catalog = ["ASSAY_CATALOG": path("attested.sqlite")]
        for command in [["index", archives], ["attest", "--key", key]] {
            #expect(try await start(command, with: catalog).result().end == .exited(0))
        }
        let lay = """
            import hashlib, os, sqlite3, sys
            bench = sys.argv[1]
            rows = sqlite3.connect(f"{bench}/attested.sqlite").execute('''
                SELECT lower(hex(a.sha256)), t.bundle FROM artifacts a JOIN attestations t ON t.id = a.attestation_id''')
            bundles = dict(rows)
            suffixes = [".assay.bundle", ".bundle", ".sigstore.json", ".sigstore", ".jsonl"]
            for folder, _, names in list(os.walk(f"{bench}/tree")):
                for number, name in enumerate(sorted(names)):
                    path = os.path.join(folder, name)
                    digest = hashlib.sha256(open(path, "rb").read()).hexdigest()
                    with open(path + suffixes[number % len(suffixes)], "wb") as file: file.write(bundles[digest])
            """
        try await python(lay, folder.path)
    }

    /// The bundle that `makeAttestedTree` laid beside an artifact.
    func bundle(of name: String) throws -> String {
        let file = URL(filePath: path("tree/\(name)"))
        let names = try FileManager.default.contentsOfDirectory(atPath: file.deletingLastPathComponent().path)
        let bundle = try #require(names.first { $0.hasPrefix(file.lastPathComponent + ".") })
        return try String(contentsOf: file.deletingLastPathComponent().appending(path: bundle), encoding: .utf8)
    }

    /// Removes the bundles whose artifact is gone.
    func removeOrphans(in folder: String) async throws {
        let script = """
            import os, sys
            for name in os.listdir(sys.argv[1]):
                artifact = name.split(".")[0]
                if "." in name and not os.path.exists(os.path.join(sys.argv[1], artifact)):
                    os.remove(os.path.join(sys.argv[1], name))
            """
        try await python(script, folder)
    }
}
