@testable import Sigstore

/// Verifies by a key alone, as `assay verify --key` does.
struct KeyOnlyVerifier {
    let key: PublicKey

    func verify(
        _ bundle: SigstoreBundle, artifact: ArtifactIdentity, expecting: VerificationPolicy.Expectation
    ) throws(SigstoreError) -> Verifier.Verified {
        let policy = VerificationPolicy.key(key, expecting: expecting)
            .insecureIgnoringTransparencyLog().insecureIgnoringTime()
        return try Verifier(root: .empty).verify(bundle, artifact: artifact, policy: policy)
    }
}

extension Verifier.Verified {
    var hint: Hint? { if case .key(let hint) = signer { hint } else { nil } }
}
