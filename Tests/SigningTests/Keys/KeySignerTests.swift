import AssayTestSupport
import Foundation
import Signing
import Sigstore
import Testing

@Suite struct KeySignerTests {
    private let statement = Array(
        #"{"_type":"https://in-toto.io/Statement/v1","subject":[{"name":"a","digest":{"sha256":"\#(SigningFixture.digest)"}}],"predicateType":"https://example.com/p","predicate":{}}"#
            .utf8)

    @Test func signsStatementsAndArtifactsSoThatTheyVerify() async throws {
        let key = try SigningKey.generate()
        let signer = KeySigner(FileKey(key))
        #expect(signer.identity.contains(key.publicKey.hint))
        let envelope = try await signer.sign(statement: statement)
        let message = try await signer.sign(artifact: SigningFixture.artifact)
        let artifact = try ArtifactIdentity(bytes: SigningFixture.artifact)
        for (bundle, expectation) in [
            (envelope, VerificationPolicy.Expectation.statement(predicateType: "https://example.com/p")),
            (message, .messageSignature),
        ] {
            #expect(bundle.signer == .publicKey(hint: key.publicKey.hint))
            let policy = VerificationPolicy.key(key.publicKey, expecting: expectation)
                .insecureIgnoringTransparencyLog().insecureIgnoringTime()
            // As others would read it.
            let read = try SigstoreBundle(parsing: bundle.bytes)
            _ = try Verifier(root: .empty).verify(read, artifact: artifact, policy: policy)
        }
    }

    @Test(arguments: TestKey.Kind.allCases) func keysOfEveryKindSignAnArtifactWithTheirOwnHash(kind: TestKey.Kind)
        async throws
    {
        let key = try TestKey(kind)
        guard kind != .ed25519 else { return }
        let source = try await CommandKey(
            command: "openssl pkeyutl -sign -inkey \(key.path)"
                + (kind == .rsa ? " -pkeyopt digest:sha256" : ""), publicKey: key.publicKey(),
            environment: ["PATH": "/usr/bin:/bin"])
        let bundle = try await KeySigner(source).sign(artifact: SigningFixture.artifact)
        let policy = VerificationPolicy.key(try key.publicKey(), expecting: .messageSignature)
            .insecureIgnoringTransparencyLog().insecureIgnoringTime()
        _ = try Verifier(root: .empty).verify(
            bundle, artifact: try ArtifactIdentity(bytes: SigningFixture.artifact), policy: policy)
    }

    @Test func aKeyFileThatCannotBeReadIsNamed() throws {
        let folder = try TemporaryFolder()
        let error = #expect(throws: SigningError.self) { try FileKey(path: folder.path + "/key.pem") }
        #expect("\(String(describing: error))".contains("key.pem"))
        try folder.write("garbage".utf8, to: "key.pem")
        #expect(throws: SigningError.sigstore(.key(.notAKey(found: nil)))) {
            try FileKey(path: folder.path + "/key.pem")
        }
    }
}

enum SigningFixture {
    static let artifact = Array("hello\n".utf8)
    /// The SHA-256 of it.
    static let digest = "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03"
}
