import AssayTestSupport
import Foundation
import Sigstore
import Testing

// Each example stands in docs/SIGSTORE.md, line for line; the tests run them and compare.

// example: verify
/// The commit that a release was built from, if its bundle is the release workflow's.
func sourceOfRelease(_ artifact: [UInt8], bundle: [UInt8], workflow: String, verifier: Verifier) throws -> String? {
    let identity = CertificateIdentity(
        subject: .exact(workflow),
        issuer: .exact("https://token.actions.githubusercontent.com"),
        extensions: [.runnerEnvironment: .exact("github-hosted")])
    let verified = try verifier.verify(
        SigstoreBundle(parsing: bundle), artifact: ArtifactIdentity(bytes: artifact),
        policy: .certificate([identity], expecting: .statement(predicateType: PredicateType.slsaProvenanceV1)))
    guard case .certificate(let certificate, _, _) = verified.signer else { return nil }
    return certificate.extensions[.sourceRepositoryDigest]
}
// end

// example: sign
/// Signs a statement about an artifact with a new key, and verifies it as somebody who knows only the public key would.
func signedBundle(of artifact: [UInt8], statement: [UInt8]) throws -> [UInt8] {
    let key = try SigningKey.generate()
    let bundle = try key.sign(statement: statement)
    let known = try PublicKey(pem: Array(key.publicKey.pem().utf8))
    let policy = VerificationPolicy.key(known, expecting: .statement(predicateType: PredicateType.slsaProvenanceV1))
        .insecureIgnoringTransparencyLog()
    let verified = try Verifier(root: .empty).verify(
        SigstoreBundle(parsing: bundle.bytes), artifact: ArtifactIdentity(bytes: artifact), policy: policy)
    assert(verified.signer == .key(.matches))
    return bundle.bytes
}
// end

// example: errors
/// Which of the documents in a file, if any, proves what the policy demands.
func proof(in file: [UInt8], of artifact: ArtifactIdentity, policy: VerificationPolicy, verifier: Verifier) -> Int? {
    do throws(SigstoreError) {
        for (index, entry) in try SigstoreDocuments(parsing: file).entries.enumerated() {
            guard case .success(.bundle(let bundle)) = entry.document else { continue }
            do throws(SigstoreError) {
                _ = try verifier.verify(bundle, artifact: artifact, policy: policy)
                return index
            } catch .rejected(let rejection) {
                print("\(entry.place ?? "the bundle"): \(rejection.stage.rawValue), found \(rejection.found)")
            }
        }
    } catch {
        print(error)
    }
    return nil
}
// end

/// The examples of the library's documentation: they compile, they run, and they are the ones in the documentation.
@Suite struct DocumentedExamplesTests {
    private static let artifact = Array("artifact".utf8)

    private static func statement() -> [UInt8] {
        let sha256 = "c7c5c1d70c5dec4416ab6158afd0b223ef40c29b1dc1f97ed9428b94d4cadb1c"
        return Array(
            """
            {"_type":"https://in-toto.io/Statement/v1","subject":[{"name":"a","digest":{"sha256":"\(sha256)"}}],\
            "predicateType":"https://slsa.dev/provenance/v1","predicate":{}}
            """.utf8)
    }

    @Test func whatIsSignedVerifiesAndIsFoundAmongOthers() throws {
        let bundle = try signedBundle(of: Self.artifact, statement: Self.statement())
        #expect(throws: SigstoreError.self) { try signedBundle(of: [], statement: Self.statement()) }
        let artifact = try ArtifactIdentity(bytes: Self.artifact)
        let stranger = try SigningKey.generate()
        let policy = VerificationPolicy.key(stranger.publicKey, expecting: .statementOfAnyType)
            .insecureIgnoringTransparencyLog()
        let verifier = Verifier(root: .empty)
        #expect(proof(in: bundle, of: artifact, policy: policy, verifier: verifier) == nil)
        let line = [UInt8(ascii: "\n")]
        let file = try bundle + line + Array("{}".utf8) + line + stranger.sign(statement: Self.statement()).bytes
        #expect(proof(in: file, of: artifact, policy: policy, verifier: verifier) == 2)
        #expect(proof(in: [], of: artifact, policy: policy, verifier: verifier) == nil)
    }

    @Test(.enabled(if: SigstoreJudge.conformanceIsRequired, "the conformance assets are not beside the package"))
    func aReleaseIsTracedToItsSource() throws {
        let suiteCase = SuiteCase(name: "rekor2-dsse-happy-path")
        let bundle = try Array(Data(contentsOf: suiteCase.folder.appending(path: "bundle.sigstore.json")))
        let artifact = try Array(Data(contentsOf: suiteCase.artifactFile))
        let verifier = Verifier(root: try suiteCase.root())
        let commit = try sourceOfRelease(
            artifact, bundle: bundle, workflow: suiteCase.identity(), verifier: verifier)
        #expect(commit == "977e8d08554ca9bda279c96e91be2119fb67c730")
        #expect(throws: SigstoreError.self) {
            try sourceOfRelease(artifact, bundle: bundle, workflow: "https://github.com/other", verifier: verifier)
        }
    }

    @Test func theDocumentationShowsTheseVeryLines() throws {
        let source = try String(contentsOf: URL(filePath: #filePath), encoding: .utf8)
        let page = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "docs/SIGSTORE.md")
        let examples = source.matches(of: #/(?s)\n// example: [a-z]+\n(.*?\n)// end\n/#).map { String($0.1) }
        let shown = try String(contentsOf: page, encoding: .utf8)
            .matches(of: #/(?s)\n```swift\nimport Sigstore\n\n(.*?\n)```\n/#).map { String($0.1) }
        #expect(examples.count == 3)
        #expect(shown == examples)
    }
}
