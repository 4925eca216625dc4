import AssayTestSupport
import Foundation

@testable import Signing
@testable import Sigstore

/// A job with an identity at the local Sigstore, its services, and what it signs.
struct Workload {
    let sigstore: LocalSigstore
    let front: ServiceFront
    let root: TrustedRoot
    let settings: ServiceSettings

    static let message = "the local Sigstore is not there: run ../shared/sigstore-local/build servers"

    /// Calls `body` with a workload at the shared instance.
    static func run<R>(_ body: (Workload) async throws -> R) async throws -> R {
        let sigstore = try await LocalSigstore.shared()
        let front = try await ServiceFront(sigstore)
        defer { front.stop() }
        let root = try TrustedRoot(parsing: Array(Data(contentsOf: sigstore.trustedRoot)))
        var settings = ServiceSettings()
        settings.random = { 0 }
        return try await body(Workload(sigstore: sigstore, front: front, root: root, settings: settings))
    }

    func token(_ text: String? = nil) throws -> IdentityToken {
        try IdentityToken(
            compact: SecretBytes((text ?? sigstore.mintToken()).utf8), now: ServiceClock.systemTime())
    }

    /// A certificate for the key, which says that it is its holder's.
    func certificate(
        for key: SigningKey, from url: String? = nil, token: IdentityToken? = nil, challenge: String? = nil
    ) async throws -> IssuedCertificate {
        let token = try token ?? self.token()
        let client = try FulcioClient(url: url ?? sigstore.fulcioURL, settings: settings)
        return try await client.certificate(
            for: key.publicKey, token: token, proof: key.sign(Array((challenge ?? token.challenge).utf8)))
    }

    enum Content: String, CaseIterable, Sendable {
        case statement, artifact
    }

    struct Signed {
        let artifact: [UInt8]
        var bundle: SigstoreBundle
        let key: SigningKey
        let content: Content

        var expectation: VerificationPolicy.Expectation {
            content == .artifact ? .messageSignature : .statement(predicateType: LocalSigstore.predicateType)
        }
    }

    /// A bundle nobody has witnessed yet; with a certificate, or else with the key's hint.
    func sign(_ content: Content = .statement, keyless: Bool = true) async throws -> Signed {
        let key = try SigningKey.generate()
        let artifact = Array("an artifact \(UUID().uuidString)".utf8)
        let digest = try DigestAlgorithm.sha256.digest(of: artifact)
        let signer: SigstoreBundle.Signer =
            keyless ? .certificate(try await certificate(for: key).leaf) : .publicKey(hint: key.publicKey.hint)
        guard content == .statement else {
            let message = MessageSignature(
                digest: .init(algorithm: .sha256, digest: digest), signature: try key.sign(artifact))
            let bundle = SigstoreBundle(signer: signer, content: .messageSignature(message))
            return Signed(artifact: artifact, bundle: bundle, key: key, content: content)
        }
        let statement =
            #"{"_type":"https://in-toto.io/Statement/v1","subject":[{"name":"artifact","digest":{"sha256":"\#(Hex.text(of: digest))"}}],"#
            + #""predicateType":"\#(LocalSigstore.predicateType)","predicate":{"buildDefinition":{"buildType":"https://example.com/build","#
            + #""externalParameters":{}},"runDetails":{"builder":{"id":"https://example.com/builder"}}}}"#
        var envelope = Envelope(
            payload: Array(statement.utf8), payloadType: Envelope.inTotoPayloadType, signatures: [])
        envelope.signatures = [.init(bytes: try key.sign(envelope.signedBytes))]
        return Signed(
            artifact: artifact, bundle: SigstoreBundle(signer: signer, content: .envelope(envelope)), key: key,
            content: content)
    }

    func rekor(_ manner: ServiceFront.Manner, key: PublicKey? = nil) throws -> RekorV2 {
        try RekorV2(url: front.url(manner), settings: settings, publicKey: key, root: root)
    }

    func timestampAuthority(_ manner: ServiceFront.Manner) throws -> TimestampAuthority {
        try TimestampAuthority(url: front.timestampURL(manner), settings: settings)
    }

    /// What the verifier makes of the bundle.
    @discardableResult
    func verify(_ signed: Signed) throws -> Verifier.Verified {
        let policy: VerificationPolicy =
            if case .publicKey = signed.bundle.signer {
                .key(signed.key.publicKey, expecting: signed.expectation)
            } else {
                .certificate(
                    [CertificateIdentity(subject: .exact(LocalSigstore.identity()), issuer: .exact(sigstore.issuer))],
                    expecting: signed.expectation)
            }
        // As it is read from a file.
        return try Verifier(root: root).verify(
            SigstoreBundle(parsing: signed.bundle.bytes), artifact: ArtifactIdentity(bytes: signed.artifact),
            policy: policy)
    }
}
