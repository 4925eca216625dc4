import AssayTestSupport
import Foundation
import Testing

/// `assay verify` on attestations that other programs signed with a Sigstore of our own.
@Suite(
    .enabled(
        if: Requirement.localSigstore.mayRun,
        "the local Sigstore is not there: run ../shared/sigstore-local/build servers"))
struct ForeignBundleTests {
    private static let recipes = LocalSigstore.Recipe.all.filter {
        $0.mayRun && $0.content != .message && !$0.hasKey
    }

    @Test(arguments: recipes) func verifiesTheIdentityAndNothingElse(_ recipe: LocalSigstore.Recipe) async throws {
        let sigstore = try await LocalSigstore.shared()
        let signed = try sigstore.sign(recipe)
        try await Workbench.use { bench in
            func verify(
                _ file: String = "artifact", identity: String = LocalSigstore.identity(),
                root: URL? = sigstore.trustedRoot, type: String = LocalSigstore.predicateType
            ) async throws -> Child.Result {
                let file = signed.folder.path + "/" + file
                let trust = root.map { ["--trusted-root", $0.path] } ?? []
                return try await bench.start(
                    ["verify", file, "--bundle", signed.folder.path + "/bundle.json", "--type", type, "--json"]
                        + ["--certificate-identity", identity, "--certificate-oidc-issuer", sigstore.issuer] + trust
                ).result()
            }
            let accepted = try await verify()
            #expect(accepted.end == .exited(0), "\(accepted.output)\(accepted.errors)")

            try signed.folder.write(signed.artifact + [0], to: "changed")
            expectRefused("the subject", try await verify("changed"))
            expectRefused(
                "the signer's identity", try await verify(identity: LocalSigstore.identity(ref: "refs/tags/v1")))
            expectRefused("the predicate type", try await verify(type: "https://example.com/other"))
            // The public instance's, which is what is trusted if nothing is said.
            expectRefused("the transparency log", try await verify(root: nil))
            // Base64 that is changed in the middle is other base64.
            let text = String(decoding: signed.bundle, as: UTF8.self)
            let signature = try #require(text.firstMatch(of: #/"sig": ?"(.{40})(.)/#))
            let changed = text.replacingCharacters(
                in: signature.2.startIndex..<signature.2.endIndex, with: signature.2 == "A" ? "B" : "A")
            try signed.folder.write(changed.utf8, to: "bundle.json")
            // Timestamp and log entry are over the signature, and are looked at first.
            expectRefused("a timestamp", try await verify())
        }
    }

    private func expectRefused(
        _ stage: String, _ result: Child.Result, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(result.end == .exited(5), "\(result.output)\(result.errors)", sourceLocation: sourceLocation)
        #expect(result.output.contains(stage), "\(result.output)", sourceLocation: sourceLocation)
    }
}
