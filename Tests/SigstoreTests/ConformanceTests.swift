import AssayTestSupport
import Foundation
import Testing

@testable import Sigstore

@Suite(.enabled(if: SigstoreJudge.conformanceIsRequired, "the conformance assets are not beside the package"))
struct ConformanceTests {
    static let assets = SigstoreJudge.conformanceAssets

    private static func read(_ path: String) throws -> [UInt8] {
        try Array(Data(contentsOf: assets.appending(path: path)))
    }

    /// The cases that the format alone decides; the others are for the verifier of certificates, logs and timestamps.
    static let malformed: Set = [
        "bundle-empty-certificate-chain_fail", "bundle-invalid-base64-signature_fail", "bundle-malformed-json_fail",
        "bundle-negative-log-index_fail", "bundle-unknown-version_fail", "intoto-missing-inclusion-proof_fail",
        "rekor2-no-inclusion-proof_fail",
        // Its timestamp is base64 in lines.
        "rekor2-timestamp-with-incorrect-time_fail",
        // Whatever else is wrong with these two, their proofs have no checkpoint.
        "bundle-with-root-cert_fail", "invalid-inclusion-proof_fail",
    ]

    private static func parse(_ bytes: [UInt8], _ name: String) -> SigstoreBundle? {
        do {
            return try SigstoreBundle(parsing: bytes)
        } catch {
            Issue.record(error, "\(name)")
            return nil
        }
    }

    @Test func everyBundleParsesThatIsNotMalformed() throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: Self.assets.path)
            .filter { !$0.hasSuffix(".md") && !$0.hasSuffix(".txt") }.sorted()
        #expect(names.count == 70)
        for name in names {
            let bytes = try Self.read("\(name)/bundle.sigstore.json")
            if Self.malformed.contains(name) {
                #expect(throws: SigstoreError.self, "\(name)") { try SigstoreBundle(parsing: bytes) }
            } else {
                let bundle = try #require(Self.parse(bytes, name))
                #expect(try SigstoreBundle(parsing: bundle.bytes) == bundle, "\(name)")
                let report = BundleReport(.bundle(bundle))
                #expect(!report.text.contains("not readable"), "\(name): \(report.text)")
            }
        }
    }

    @Test(arguments: [
        ("managed-key-happy-path", true), ("managed-key-and-trusted-root", true), ("managed-key-wrong-key_fail", false),
    ])
    func aManagedKeyDecides(_ name: String, _ accepted: Bool) throws {
        let pem = try Self.read("\(name)/key.pub")
        let bundle = try SigstoreBundle(parsing: Self.read("\(name)/bundle.sigstore.json"))
        let bytes = try Self.read("a.txt")
        let digest = try ArtifactIdentity(digests: [.sha256: DigestAlgorithm.sha256.digest(of: bytes)])
        for artifact in [try ArtifactIdentity(bytes: bytes), digest] {
            let outcome = KeyTests.error {
                let verifier = KeyOnlyVerifier(key: try PublicKey(pem: pem))
                _ = try verifier.verify(bundle, artifact: artifact, expecting: .messageSignature)
            }
            #expect((outcome == nil) == accepted, "\(outcome.map(\.description) ?? "accepted")")
        }
    }

    @Test func reportsShowWhoSigned() throws {
        let bundle = try SigstoreDocument(parsing: Self.read("happy-path-v0.3/bundle.sigstore.json"))
        let text = BundleReport(bundle).text
        #expect(text.contains("Identity: https://github.com/sigstore-conformance/"))
        #expect(text.contains("Identity issuer: https://token.actions.githubusercontent.com"))
        #expect(text.contains("Issuer: CN=sigstore-intermediate,O=sigstore.dev"))
        #expect(text.contains("hashedrekord 0.0.1"))
        let key = try SigstoreDocument(parsing: Self.read("managed-key-happy-path/bundle.sigstore.json"))
        #expect(BundleReport(key).text.contains("Hint: TLMsSDfG3ajPsWge+z/vX5T/zluXnmvbkTkwLIV68Tk="))
    }
}
