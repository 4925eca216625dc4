import Foundation

@testable import Sigstore

/// Bundles that really were signed, and who signed them: what every forgery is held against.
///
/// They are the files `original-*` of the corpus of `verification`; the artifact, the root and the key lie beside them in
/// `Originals`. A local Sigstore that is long gone made them; verification knows no clock.
struct Originals: Sendable {
    struct Original: Sendable {
        let bundle: SigstoreBundle
        let artifact: ArtifactIdentity
        let policy: VerificationPolicy
        let verifier: Verifier
        /// What verifying the bundle as it is says.
        let truth: Verifier.Verified
    }

    let root: TrustedRoot
    let all: [Original]

    static let identity = CertificateIdentity(
        subject: .exact("https://gitlab.example.com/acme/widget//.gitlab-ci.yml@refs/heads/main"),
        issuer: .exact("http://127.0.0.1:49433"))

    static let shared: Originals = {
        do {
            return try Originals()
        } catch {
            preconditionFailure("the originals do not verify: \(error)")
        }
    }()

    private init() throws {
        func read(_ file: String) throws -> [UInt8] {
            try Array(Data(contentsOf: Corpus.folder.deletingLastPathComponent().appending(path: "Originals/\(file)")))
        }
        let root = try TrustedRoot(parsing: read("trusted_root.json"))
        let verifier = Verifier(root: root)
        let key = try PublicKey(pem: read("key.pub"))
        let artifact = try ArtifactIdentity(bytes: read("artifact"))
        all = try Corpus.inputs(of: "verification").filter { $0.name.hasPrefix("original-") }.map { input in
            let bundle = try SigstoreBundle(parsing: input.bytes)
            let expectation: VerificationPolicy.Expectation =
                switch bundle.content {
                case .envelope: .statement(predicateType: PredicateType.slsaProvenanceV1)
                case .messageSignature: .messageSignature
                }
            let policy: VerificationPolicy =
                switch bundle.signer {
                case .publicKey: .key(key, expecting: expectation)
                case .certificate, .certificateChain: .certificate([Self.identity], expecting: expectation)
                }
            return Original(
                bundle: bundle, artifact: artifact, policy: policy, verifier: verifier,
                truth: try verifier.verify(bundle, artifact: artifact, policy: policy))
        }
        self.root = root
    }

    var checkpoints: [Checkpoint] {
        all.flatMap(\.bundle.logEntries).compactMap(\.inclusionProof?.checkpoint)
            .compactMap { try? Checkpoint($0, limits: Limits()) }
    }

    var certificates: [Certificate] {
        all.compactMap { if case .certificate(let certificate, _, _) = $0.truth.signer { certificate } else { nil } }
    }
}

extension Originals.Original {
    /// The bundle under another root.
    func verify(_ root: TrustedRoot) throws(SigstoreError) {
        _ = try Verifier(root: root).verify(bundle, artifact: artifact, policy: policy)
    }

    /// Another bundle under the policy of this one.
    func verify(bundle: SigstoreBundle) throws(SigstoreError) -> Verifier.Verified {
        try verifier.verify(bundle, artifact: artifact, policy: policy)
    }

    func signed() throws(SigstoreError) -> SignedContent {
        try SignedContent(
            bundle, artifact: artifact,
            expecting: bundle.hasEnvelope ? .statementOfAnyType : .messageSignature)
    }

    /// What a log records of the signer.
    var recordedSigner: [UInt8] {
        if case .certificate(let der) = bundle.signer { der } else { [] }
    }

    /// Whether another bundle says nothing that this one does not say. Hints to keys are nobody's word, and a bundle may
    /// leave out timestamps that it does not need.
    func isSaid(by other: Verifier.Verified) -> Bool {
        let isSameSigner =
            switch (truth.signer, other.signer) {
            case (.key, .key): true
            default: truth.signer == other.signer
            }
        return isSameSigner && other.statement == truth.statement && other.subject == truth.subject
            && other.logRecords == truth.logRecords && other.times.allSatisfy(truth.times.contains)
    }
}

extension SigstoreBundle {
    fileprivate var hasEnvelope: Bool {
        if case .envelope = content { true } else { false }
    }
}
