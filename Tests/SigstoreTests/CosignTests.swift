import AssayTestSupport
import Foundation
import Testing

@testable import Sigstore

@Suite(.enabled(if: SigstoreJudge.cosign.isRequired, "cosign is not installed; set ASSAY_COSIGN to its path"))
struct CosignTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        try folder.write(VerificationTests.artifact, to: "artifact")
    }

    private func cosign(_ arguments: String) throws -> SigstoreJudge.Outcome {
        try SigstoreJudge.cosign.run(
            arguments.split(separator: " ").map(String.init), in: folder.url, environment: ["COSIGN_PASSWORD": ""])
    }

    private static let verification =
        "verify-blob-attestation --key pub.pem --insecure-ignore-tlog --type slsaprovenance1 --bundle bundle artifact"

    @Test func cosignAcceptsWhatWeSign() throws {
        let key = try SigningKey.generate()
        try folder.write(key.publicKey.pem().utf8, to: "pub.pem")
        let bundle = try key.sign(statement: VerificationTests.statement())
        try folder.write(bundle.bytes, to: "bundle")
        let accepted = try cosign(Self.verification)
        #expect(accepted.status == 0, "\(accepted.output)")

        guard case .envelope(var envelope) = bundle.content else { return }
        envelope.payload[envelope.payload.count - 5] ^= 1
        try folder.write(SigstoreBundle(signer: bundle.signer, content: .envelope(envelope)).bytes, to: "bundle")
        #expect(try cosign(Self.verification).status != 0)

        try folder.write(bundle.bytes, to: "bundle")
        try folder.write([0] + VerificationTests.artifact.dropFirst(), to: "artifact")
        #expect(try cosign(Self.verification).status != 0)
    }

    @Test func cosignSignsWithAKeyOfOursAndWeAcceptIt() throws {
        let key = try SigningKey.generate()
        try folder.write(key.pem().withUnsafeBytes { Array($0) }, to: "key.pem")
        let imported = try cosign("import-key-pair --key key.pem -o ours -y")
        try #require(imported.status == 0, "\(imported.output)")
        // cosign's own file of the same key is refused with advice.
        let theirs = SecretBytes(try folder.read("ours.key"))
        #expect(throws: SigstoreError.key(.cosignEncrypted)) { try SigningKey(pem: theirs) }

        try folder.write(#"{"buildDefinition":{"buildType":"urn:x:y","externalParameters":{}}}"#.utf8, to: "predicate")
        let offline = "--key ours.key --tlog-upload=false --use-signing-config=false -y"
        let attested = try cosign(
            "attest-blob \(offline) --predicate predicate --type slsaprovenance1 --bundle b artifact")
        try #require(attested.status == 0, "\(attested.output)")
        let verifier = KeyOnlyVerifier(key: key.publicKey)
        let artifact = try ArtifactIdentity(bytes: VerificationTests.artifact)
        let verified = try verifier.verify(
            SigstoreBundle(parsing: folder.read("b")), artifact: artifact,
            expecting: .statement(predicateType: PredicateType.slsaProvenanceV1))
        #expect(verified.hint == .matches)
        #expect(verified.statement?.version == .v01)

        let signed = try cosign("sign-blob \(offline) --bundle m artifact")
        try #require(signed.status == 0, "\(signed.output)")
        let message = try SigstoreBundle(parsing: folder.read("m"))
        #expect(
            try verifier.verify(message, artifact: artifact, expecting: .messageSignature).hint
                == .matches)
        #expect(throws: SigstoreError.self) {
            try verifier.verify(
                message, artifact: ArtifactIdentity(bytes: []), expecting: .messageSignature)
        }
    }
}
