import AssayTestSupport
import Foundation
import Testing

/// Nothing private reaches a service that everybody can read. The names below sigstore.dev lead nowhere from here: a
/// request that left would end with another code than a refusal.
@Suite struct PublicationTests {
    private static let publicHost = "https://nowhere.sigstore.dev"
    private static let publicFlags = [
        ["--keyless"],
        ["--keyless", "--fulcio-url", publicHost, "--timestamp-url", "https://tsa.example.invalid"],
        ["--keyless", "--fulcio-url", "https://ca.example.invalid", "--timestamp-url", publicHost + "/timestamp"],
        ["--key", "KEY", "--rekor-url", publicHost], ["--key", "KEY", "--timestamp-url", "http://X.SigStore.DEV./"],
        ["--key", "KEY", "--rekor-url", "https://rekor.sigstage.dev", "--rekor-version", "1"],
        ["--key", "KEY", "--signing-config", "CONFIG"],
    ]

    /// A bench with the sources `open` and `secret` in its catalog, a key, and a configuration that calls `open` public.
    private func bench(_ body: (Workbench, _ configuration: String) async throws -> Void) async throws {
        try await Workbench.use { bench in
            for name in ["open", "secret"] {
                let folder = try bench.makeFolder("data/" + name)
                try Data(name.utf8).write(to: URL(filePath: folder + "/file"))
                #expect(try await bench.assay("index", folder).end == .exited(0))
            }
            #expect(try await bench.assay("key", "generate", "--key", bench.path("KEY")).end == .exited(0))
            let service =
                #"[{"url": "https://log.sigstore.dev", "majorApiVersion": 2, "validFor": {"start": "2020-01-01T00:00:00Z"}}]"#
            let config =
                #"{"mediaType": "application/vnd.dev.sigstore.signingconfig.v0.2+json", "rekorTlogUrls": \#(service), "#
                + #""rekorTlogConfig": {"selector": "ANY"}}"#
            try Data(config.utf8).write(to: bench.folder.appending(path: "CONFIG"))
            try await body(
                bench, try bench.configuration("[sources.\"\(bench.path("data/open"))\"]\nvisibility = \"public\"\n"))
        }
    }

    private func flags(_ flags: [String], _ bench: Workbench) -> [String] {
        flags.map { ["KEY", "CONFIG"].contains($0) ? bench.path($0) : $0 }
    }

    @Test(arguments: publicFlags) func aPrivateSourceIsRefusedWhateverTheFlags(_ given: [String]) async throws {
        try await bench { bench, configuration in
            let given = flags(given, bench)
            let mount = try bench.makeFolder("mount")
            for command in [
                ["attest"], ["attest", "--source", "secret"], ["attest", "--source", "open", "--source", "secret"],
                ["attest", "--per", "archive"], ["attest", "--source", bench.path("data/secret")],
                ["mount", mount, "--attest"], ["mount", bench.path("data/secret"), mount, "--attest"],
            ] {
                let variables = [
                    "ASSAY_VISIBILITY": "public", "ASSAY_SOURCES": "public", "SIGSTORE_ID_TOKEN": "x",
                    "ASSAY_SOURCES_VISIBILITY": "public",
                ]
                let result = try await bench.start(
                    command + given + ["--config", configuration], with: variables
                ).result()
                #expect(result.end == .exited(2), "\(command): \(result.errors)")
                #expect(result.errors.contains("nothing was sent: "), "\(command): \(result.errors)")
                #expect(result.errors.contains("secret"), "\(command): \(result.errors)")
                #expect(result.errors.contains("visibility = \"public\""), "\(result.errors)")
            }
            #expect(try await bench.catalogNumber("SELECT count(*) FROM attestations") == 0)
        }
    }

    @Test func aPublicSourceIsAskedFor() async throws {
        try await bench { bench, configuration in
            let result = try await bench.start(
                ["attest", "--source", "open", "--key", bench.path("KEY"), "--timestamp-url"]
                    + [Self.publicHost + "/timestamp", "--config", configuration],
                with: ["ASSAY_RETRY_ATTEMPTS": "1"]
            ).result()
            // It is on its way, and there is no way.
            #expect(result.end == .exited(3), "\(result.errors)")
        }
    }

    @Test(arguments: [
        ("[sources.\"ROOT\"]\nvisibility = \"public\"", 3),
        ("[sources.\"ROOT\"]\nvisibility = \"public\"\n[sources.\"ROOT/secret\"]\nvisibility = \"private\"", 2),
        ("[sources.\"ROOT/secret/\"]\nvisibility = \"public\"", 3),
        ("[sources.\"ROOT/secret\"]\nvisibility = \"public\"\n[sources.\"ROOT\"]\nvisibility = \"private\"", 3),
        ("[sources.\"ROOT/secret\"]\nvisibility = \"public\"\n[sources.\"ROOT/secret/\"]\nvisibility = \"private\"", 2),
        (
            "[sources.\"ROOT/secret\"]\nvisibility = \"public\"\n[sources.\"ROOT/secret/x\"]\nvisibility = \"private\"",
            2
        ),
        ("[sources.\"ROOT/sec\"]\nvisibility = \"public\"", 2),
        ("[sources.\"ROOT/secretly\"]\nvisibility = \"public\"", 2),
        ("[sources.\"ROOT\"]\nvisibility = \"public\"\n[sources.\"ROOT/sec\"]\nvisibility = \"private\"", 2),
        ("", 2),
    ])
    func theLongestPrefixDecidesAndDoubtIsPrivate(_ text: String, _ code: Int32) async throws {
        try await bench { bench, _ in
            let configuration = try bench.configuration(text.replacing("ROOT", with: bench.path("data")))
            let result = try await bench.start(
                ["attest", "--source", "secret", "--key", bench.path("KEY"), "--timestamp-url"]
                    + [Self.publicHost + "/timestamp", "--config", configuration],
                with: ["ASSAY_RETRY_ATTEMPTS": "1"]
            ).result()
            #expect(result.end == .exited(code), "\(result.errors)")
        }
    }

    @Test(arguments: [
        ("[sources.\"/a\"]\nvisibility = \"open\"", "must be \"public\" or \"private\""),
        ("[sources.\"/a\"]\nvisibilty = \"public\"", "no key visibilty"), ("[sources.\"/a\"]", "must be \"public\""),
        ("sources = 3", "must be a table"), ("[sources]\na = \"public\"", "must be a table"),
        ("[sources.\"a/b\"]\nvisibility = \"public\"", "no location"),
        ("[source.\"/a\"]\nvisibility = \"public\"", "Did you mean sources?"),
    ])
    func aRuleThatCannotBeReadIsRefused(_ text: String, _ words: String) async throws {
        try await bench { bench, _ in
            let result = try await bench.assay(
                "attest", "--key", bench.path("KEY"), "--config", try bench.configuration(text), "--timestamp-url",
                "https://x.sigstore.dev")
            #expect(result.end == .exited(2) && result.errors.contains(words), "\(result.errors)")
        }
    }

    @Test func filesOutsideOfSourcesNeedAnExplicitWord() async throws {
        try await bench { bench, _ in
            let file = bench.path("data/secret/file")
            let sign = ["sign", file, "--key", bench.path("KEY"), "--timestamp-url", Self.publicHost + "/timestamp"]
            let without = try await bench.start(sign).result()
            #expect(without.end == .exited(2) && without.errors.contains("--public"), "\(without.errors)")
            let patience = ["ASSAY_RETRY_ATTEMPTS": "1"]
            #expect(try await bench.start(sign + ["--public"], with: patience).result().end == .exited(3))
            let rule = "[sources.\"\(bench.path("data/secret"))\"]\nvisibility = \"private\"\n"
            let config = ["--config", try bench.configuration(rule)]
            let refused = try await bench.start(sign + ["--public"] + config, with: patience).result()
            #expect(refused.end == .exited(2) && refused.errors.contains("does not overrule"), "\(refused.errors)")
        }
    }
}

extension Workbench {
    /// The path of a configuration file with this text.
    func configuration(_ text: String) throws -> String {
        let file = folder.appending(path: "assay-\(UUID().uuidString).toml")
        try Data(text.utf8).write(to: file)
        return file.path
    }
}
