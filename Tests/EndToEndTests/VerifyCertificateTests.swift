import AssayTestSupport
import Foundation
import Testing

extension EndToEnd {
    /// `assay verify` with certificates, logs, trusted roots and policy files, over the conformance suite's bundles.
    @Suite(.enabled(if: SigstoreJudge.conformanceIsRequired, "the conformance assets are not beside the package"))
    struct VerifyCertificateTests {
        private static let assets = SigstoreJudge.conformanceAssets
        private static let artifact = assets.appending(path: "a.txt").path
        private static let identity =
            "https://github.com/sigstore-conformance/extremely-dangerous-public-oidc-beacon/.github/workflows/"
            + "extremely-dangerous-oidc-beacon.yml@refs/heads/main"
        private static let issuer = "https://token.actions.githubusercontent.com"
        private static let repository =
            "https://github.com/sigstore-conformance/extremely-dangerous-public-oidc-beacon"

        private func verify(
            _ name: String, _ flags: [String], type: String = "signature", in bench: Workbench
        ) async throws -> Child.Result {
            let bundle = Self.assets.appending(path: "\(name)/bundle.sigstore.json").path
            return try await bench.start(
                ["verify", Self.artifact, "--bundle", bundle, "--type", type] + flags
            ).result()
        }

        private static let signer = ["--certificate-identity", identity, "--certificate-oidc-issuer", issuer]

        @Test func aCertificatesStoryIsToldToAPerson() async throws {
            try await Workbench.use { bench in
                let result = try await verify("happy-path-v0.3", Self.signer, in: bench)
                #expect(result.end == .exited(0), "\(result.output)\(result.errors)")
                for words in [
                    "Verified: ", "Signed by:           \(Self.identity)", "Issuer:              \(Self.issuer)",
                    "Source repository:   \(Self.repository)", "Source ref:          refs/heads/main",
                    "Source commit:", "Build trigger:", "Build configuration: https://", "Signed at:", "Logged in:",
                ] { #expect(result.output.contains(words), "\(words): \(result.output)") }
                #expect(!result.output.contains("Not checked"))
            }
        }

        @Test func extensionsAreDemandedByName() async throws {
            try await Workbench.use { bench in
                for (flags, code) in [
                    (["--certificate-extension", "source-repository-uri=\(Self.repository)"], 0),
                    (["--certificate-extension", "source-repository-uri=https://github.com/other/app"], 5),
                    (["--certificate-extension-regexp", "source-repository-ref=^refs/heads/[a-z]+$"], 0),
                    (["--certificate-extension-regexp", "source-repository-ref=^refs/tags/"], 5),
                    (["--certificate-extension", "deployment-environment="], 5),
                    (["--certificate-extension", "source-repository-url=x"], 2),
                    (["--certificate-extension", "source-repository-uri"], 2),
                    (["--certificate-extension-regexp", "source-repository-ref=("], 2),
                ] as [([String], Int32)] {
                    let result = try await verify("happy-path-v0.3", Self.signer + flags, in: bench)
                    #expect(result.end == .exited(code), "\(flags): \(result.output)\(result.errors)")
                }
                let alone = try await verify(
                    "happy-path-v0.3", ["--certificate-extension", "build-trigger=push"], in: bench)
                #expect(alone.end == .exited(2) && alone.errors.contains("--certificate-identity"))
            }
        }

        @Test func checksAreLeftOutOneByOneAndTold() async throws {
            try await Workbench.use { bench in
                let log = "whether a transparency log recorded the signature"
                let certificate = "whether a certificate log recorded the signer's certificate"
                let time = "when it was signed"
                for (flags, code, notChecked) in [
                    ([], 0, []), (["--insecure-ignore-sct"], 0, [certificate]),
                    // Only the log says when it was signed, and a certificate is nothing without a time.
                    (["--insecure-ignore-tlog"], 5, []), (["--insecure-ignore-time"], 0, [time]),
                    (["--insecure-ignore-tlog", "--insecure-ignore-time"], 0, [log, time]),
                    (["--not-before", "2020-01-01T00:00:00Z"], 0, []),
                    (["--not-before", "2999-01-01T00:00:00Z"], 5, []),
                ] as [([String], Int32, [String])] {
                    let result = try await verify("happy-path-v0.3", Self.signer + ["--json"] + flags, in: bench)
                    #expect(result.end == .exited(code), "\(flags): \(result.output)")
                    let (subjects, summary) = try result.verdicts()
                    #expect(subjects.first?.notChecked == notChecked && summary.notChecked == notChecked, "\(flags)")
                }
            }
        }

        @Test func theOtherKindOfBundleIsToldClearly() async throws {
            try await Workbench.use { bench in
                let signature = try await verify("happy-path-v0.3", Self.signer, type: "slsaprovenance1", in: bench)
                #expect(signature.end == .exited(5))
                #expect(signature.output.contains("found a signature over the artifact itself"))
                let statement = try await verify("happy-path-intoto-in-dsse-v3", Self.signer, in: bench)
                #expect(statement.end == .exited(5) && statement.output.contains("found a signed statement"))
                let any = try await verify("happy-path-intoto-in-dsse-v3", Self.signer, type: "any", in: bench)
                #expect(any.end == .exited(0) && any.output.contains("any predicate type is accepted"))
            }
        }

        @Test func withATrustedRootAKeysLogCountsToo() async throws {
            try await Workbench.use { bench in
                let folder = Self.assets.appending(path: "managed-key-and-trusted-root")
                let key = ["--key", folder.appending(path: "key.pub").path]
                let root = ["--trusted-root", folder.appending(path: "trusted_root.json").path]
                for (flags, unchecked) in [(key, 2), (key + root, 0)] {
                    let result = try await verify("managed-key-and-trusted-root", flags + ["--json"], in: bench)
                    #expect(result.end == .exited(0), "\(result.output)")
                    #expect(try result.verdicts().summary.notChecked.count == unchecked)
                }
                let own = bench.path("key.pem")
                #expect(try await bench.assay("key", "generate", "--key", own).end == .exited(0))
                try await bench.makeAttestedTree(1, key: own)
                let ours = ["verify", bench.path("tree"), "--key", bench.path("key.pub.pem")] + root
                #expect(try await bench.start(ours).result().end == .exited(5))
                #expect(try await bench.start(ours + ["--insecure-ignore-tlog"]).result().end == .exited(0))
            }
        }

        @Test func aPolicyFileAcceptsSeveralSignersAndNoOther() async throws {
            try await Workbench.use { bench in
                let own = bench.path("key.pem")
                #expect(try await bench.assay("key", "generate", "--key", own).end == .exited(0))
                try await bench.makeAttestedTree(4, key: own)
                try FileManager.default.copyItem(atPath: Self.artifact, toPath: bench.path("tree/a.txt"))
                try FileManager.default.copyItem(
                    atPath: Self.assets.appending(path: "happy-path-intoto-in-dsse-v3/bundle.sigstore.json").path,
                    toPath: bench.path("tree/a.txt.sigstore.json"))
                let byKey = "[[signer]]\nkey = \"key.pub.pem\"\n"
                let byIdentity = "[[signer]]\nidentity = \"\(Self.identity)\"\nissuer = \"\(Self.issuer)\"\n"
                let extended = byIdentity + "[signer.extensions]\nsource-repository-ref = \"refs/heads/other\"\n"
                for (text, verified) in [
                    (byKey + byIdentity, 5), (byIdentity + byKey, 5), (byKey, 4), (byIdentity, 1),
                    (byKey + extended, 4),
                ] {
                    try Data(("types = [\"any\"]\n" + text).utf8).write(to: URL(filePath: bench.path("policy.toml")))
                    let result = try await bench.assay(
                        "verify", bench.path("tree"), "--policy", bench.path("policy.toml"), "--json")
                    #expect(try result.verdicts().summary.verified == verified, "\(text)\(result.output)")
                    #expect(result.end == .exited(verified == 5 ? 0 : 5))
                }
                try Data("types = [\"any\"]\nsigner = []\n".utf8).write(to: URL(filePath: bench.path("policy.toml")))
                let empty = try await bench.assay("verify", bench.path("tree"), "--policy", bench.path("policy.toml"))
                #expect(empty.end == .exited(2) && empty.errors.contains("nobody's signature is accepted"))
                try Data((byKey + "idnetity = 3\n").utf8).write(to: URL(filePath: bench.path("policy.toml")))
                let wrong = try await bench.assay("verify", bench.path("tree"), "--policy", bench.path("policy.toml"))
                #expect(wrong.end == .exited(2) && wrong.errors.contains("policy.toml:3: "), "\(wrong.errors)")
            }
        }
    }
}
