import AssayTestSupport
import Foundation
import Testing

/// `assay sign`, and the conformance suite's `sign-bundle`, with a Sigstore of our own.
@Suite(
    .timeLimit(.minutes(10)),
    .enabled(
        if: Requirement.localSigstore.mayRun && Requirement.cosign.mayRun,
        "the local Sigstore or cosign is not there: run ../shared/sigstore-local/build"))
struct SignTests {
    /// Calls `body` with a bench that has the files `a` and `b`, a predicate, and a statement about `a`.
    private func workload(_ body: (Workbench, LocalSigstore) async throws -> Void) async throws {
        let sigstore = try await LocalSigstore.shared()
        try await Workbench.use { bench in
            func write(_ text: String, to name: String) throws {
                try Data(text.utf8).write(to: bench.folder.appending(path: name))
            }
            try write("an artifact \(UUID())", to: "a")
            try write("another \(UUID())", to: "b")
            try write(#"{"buildDefinition": {"n": 1.50}, "runDetails": {}}"#, to: "predicate.json")
            let digest = try await bench.tool(["sha256sum", bench.path("a")]).prefix(64)
            try write(
                #"{"_type":"https://in-toto.io/Statement/v1","subject":[{"name":"a","digest":{"sha256":"\#(digest)"}}],"#
                    + #""predicateType":"https://slsa.dev/provenance/v1","predicate":{}}  "#, to: "statement.json")
            try write(sigstore.mintToken(), to: "token")
            try await body(bench, sigstore)
        }
    }

    private func cosign(
        _ command: String, _ file: String, _ bundle: String, _ bench: Workbench, _ sigstore: LocalSigstore
    ) async throws -> Child.End {
        let type = command == "verify-blob" ? [] : ["--type", "slsaprovenance1"]
        return try await bench.run(
            [
                Requirement.cosign.find().path, command, "--bundle", bench.path(bundle), "--trusted-root",
                sigstore.trustedRoot.path, "--certificate-identity", LocalSigstore.identity(),
                "--certificate-oidc-issuer", sigstore.issuer,
            ] + type + [bench.path(file)]
        ).result().end
    }

    @Test func filesAreSignedUnderOneCertificate() async throws {
        try await workload { bench, sigstore in
            let command = ["sign", bench.path("a"), bench.path("b"), "--json"] + bench.keyless(sigstore)
            let result = try await bench.start(command).result()
            #expect(result.end == .exited(0), "\(result.errors)")
            #expect(result.output.contains(#""certificates" : 1"#))
            for file in ["a", "b"] {
                #expect(
                    try await cosign("verify-blob", file, file + ".sigstore.json", bench, sigstore) == .exited(0))
            }
            #expect(try await cosign("verify-blob", "a", "b.sigstore.json", bench, sigstore) != .exited(0))
            // That is seen before anybody is asked: these services are not there.
            let nobody = ["--keyless", "--fulcio-url", "http://127.0.0.1:9", "--timestamp-url", "http://127.0.0.1:9/t"]
            let again = try await bench.start(
                ["sign", bench.path("a")] + nobody + ["--trusted-root", sigstore.trustedRoot.path]
            ).result()
            #expect(again.end == .exited(2) && again.errors.contains("--force"), "\(again.errors)")
            #expect(try await bench.start(command + ["--force"]).result().end == .exited(0))
        }
    }

    @Test func predicatesAndStatementsBecomeAttestations() async throws {
        try await workload { bench, sigstore in
            let keyless = bench.keyless(sigstore)
            let ways = [
                [bench.path("a"), "--predicate", bench.path("predicate.json"), "--type", "slsaprovenance1"],
                [bench.path("a"), "--statement", bench.path("statement.json")],
                ["--statement", bench.path("statement.json")],
            ]
            for (number, way) in ways.enumerated() {
                let bundle = "\(number).json"
                let result = try await bench.start(["sign", "--bundle", bench.path(bundle)] + way + keyless).result()
                #expect(result.end == .exited(0), "\(result.errors)")
                #expect(
                    try await cosign("verify-blob-attestation", "a", bundle, bench, sigstore) == .exited(0), "\(way)")
                #expect(try await cosign("verify-blob-attestation", "b", bundle, bench, sigstore) != .exited(0))
            }
            // A statement about something else proves nothing about the file.
            let wrong = try await bench.start(
                ["sign", bench.path("b"), "--statement", bench.path("statement.json")] + keyless
            ).result()
            #expect(wrong.end == .exited(5), "\(wrong.errors)")
            #expect(!FileManager.default.fileExists(atPath: bench.path("b.sigstore.json")))
        }
    }

    @Test func aKeySignsWithoutAskingAnybody() async throws {
        try await workload { bench, _ in
            let key = bench.path("key.pem")
            #expect(try await bench.assay("key", "generate", "--key", key).end == .exited(0))
            #expect(try await bench.assay("sign", bench.path("a"), "--key", key).end == .exited(0))
            let verified = try await bench.assay(
                "verify", bench.path("a"), "--key", bench.path("key.pub.pem"), "--type", "signature")
            #expect(verified.end == .exited(0), "\(verified.output)")
        }
    }

    @Test func theConformanceEntryPointSigns() async throws {
        try await workload { bench, sigstore in
            let program = URL(filePath: Workbench.program).deletingLastPathComponent()
                .appending(path: "assay-conformance").path
            let token = try sigstore.mintToken()
            let common = [
                "--identity-token", token, "--trusted-root", sigstore.trustedRoot.path, "--signing-config",
                sigstore.signingConfig.path, "--bundle",
            ]
            try await bench.tool([program, "sign-bundle"] + common + [bench.path("m.json"), bench.path("a")])
            #expect(try await cosign("verify-blob", "a", "m.json", bench, sigstore) == .exited(0))
            try await bench.tool(
                [program, "sign-bundle", "--in-toto"] + common + [bench.path("s.json"), bench.path("statement.json")])
            #expect(try await cosign("verify-blob-attestation", "a", "s.json", bench, sigstore) == .exited(0))
            // The statement is signed byte for byte.
            let envelope =
                try JSONSerialization.jsonObject(
                    with: Data(contentsOf: bench.folder.appending(path: "s.json"))) as? [String: Any]
            let payload = (envelope?["dsseEnvelope"] as? [String: Any])?["payload"] as? String
            #expect(
                try payload.flatMap { Data(base64Encoded: $0) }
                    == Data(contentsOf: bench.folder.appending(path: "statement.json")))
            let refused = try await bench.run(
                [program, "sign-bundle", "--identity-token", "x"] + common.dropFirst(2) + [
                    bench.path("n.json"), bench.path("a"),
                ]
            ).result()
            #expect(refused.end == .exited(1) && refused.errors.contains("JSON Web Token"), "\(refused.errors)")
        }
    }
}
