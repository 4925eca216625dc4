import AssayTestSupport
import Foundation
import Signing
import Sigstore
import Synchronization
import Testing

/// Signing as a workload, with a real authority.
@Suite(
    .timeLimit(.minutes(5)),
    .enabled(
        if: Requirement.localSigstore.mayRun,
        "the local Sigstore is not there: run ../shared/sigstore-local/build servers"))
struct KeylessTests {
    @Test func aJobsTokenBecomesABundleOfTheJob() async throws {
        let sigstore = try await LocalSigstore.shared()
        let root = try TrustedRoot(parsing: Array(Data(contentsOf: sigstore.trustedRoot)))
        let folder = try TemporaryFolder()
        try folder.write(try sigstore.mintToken().utf8, to: "token")
        let checked = Mutex(0)
        let signer = KeylessSigner(
            authority: try FulcioClient(url: sigstore.fulcioURL), tokens: FileToken(path: folder.path + "/token")
        ) { (issued, time) throws(SigningError) in
            checked.withLock { $0 += 1 }
            do throws(SigstoreError) {
                let certificate = try Verifier(root: root).check(certificate: issued.leaf, at: time)
                guard certificate.identity == LocalSigstore.identity() else { throw SigstoreError.key(.damaged) }
            } catch { throw .sigstore(error) }
        }
        let bundle = try await signer.sign(artifact: SigningFixture.artifact)
        let another = try await signer.sign(artifact: SigningFixture.artifact)
        #expect(checked.withLock { $0 } == 1 && bundle.signer == another.signer)

        let policy = VerificationPolicy.certificate(
            [CertificateIdentity(subject: .exact(LocalSigstore.identity()), issuer: .exact(sigstore.issuer))],
            expecting: .messageSignature
        ).insecureIgnoringTransparencyLog().insecureIgnoringTime()
        _ = try Verifier(root: root).verify(
            bundle, artifact: try ArtifactIdentity(bytes: SigningFixture.artifact), policy: policy)
    }

    @Test func aTokenThatTheAuthorityDoesNotAcceptIsReported() async throws {
        let sigstore = try await LocalSigstore.shared()
        let folder = try TemporaryFolder()
        var parts = try sigstore.mintToken().split(separator: ".").map(String.init)
        // As good as the other one, but for the issuer's signature.
        parts[2] = String(parts[2].reversed())
        try folder.write(parts.joined(separator: ".").utf8, to: "token")
        let signer = KeylessSigner(
            authority: try FulcioClient(url: sigstore.fulcioURL), tokens: FileToken(path: folder.path + "/token")
        ) { (_, _) throws(SigningError) in }
        let error = await #expect(throws: SigningError.self) {
            try await signer.sign(artifact: SigningFixture.artifact)
        }
        guard case .token = error else { throw try #require(error) }
        #expect(!"\(String(describing: error))".contains(parts[2]))
    }
}
