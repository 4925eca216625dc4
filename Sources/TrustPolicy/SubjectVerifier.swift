public import Sigstore

/// Decides about artifacts, each by the bundles that were found for it: one that meets the terms is enough.
///
/// It may be used by any number of threads at once; one for many artifacts proves each certificate once.
public struct SubjectVerifier: Sendable {
    /// A bundle that meets the terms.
    public struct Acceptance: Sendable {
        /// The offer's name.
        public let bundle: String
        public let verified: Verifier.Verified
        /// The key that signed; nil if a certificate's holder did.
        public let key: PublicKey?
        /// What was not looked at, each as a clause that follows "not checked:".
        public let notChecked: [String]
    }

    /// Why an offer does not meet the terms.
    public struct Refusal: Sendable {
        /// The offer's name.
        public let bundle: String
        public let reason: SigstoreError
    }

    /// What came of it.
    public enum Verdict: Sendable {
        case accepted(Acceptance)
        /// No offer meets the terms; one refusal for each of them.
        case rejected([Refusal])
    }

    private let terms: TrustTerms
    private let verifier: Verifier

    /// - Parameter root: whom to believe about certificates, times and logs.
    public init(terms: TrustTerms, root: TrustedRoot) {
        self.terms = terms
        verifier = Verifier(root: root)
    }

    /// The first offer that meets the terms for the artifact, or why none does.
    public func verdict(on artifact: ArtifactIdentity, by offers: [Offer]) -> Verdict {
        var refusals: [Refusal] = []
        for offer in offers {
            do throws(SigstoreError) {
                return .accepted(try accept(offer.bundle.get(), named: offer.name, artifact))
            } catch {
                refusals.append(Refusal(bundle: offer.name, reason: error))
            }
        }
        return .rejected(refusals)
    }

    /// The refusals of offers that cannot be read at all.
    public static func refusals(of offers: [Offer]) -> [Refusal] {
        offers.compactMap { offer in
            if case .failure(let error) = offer.bundle { Refusal(bundle: offer.name, reason: error) } else { nil }
        }
    }

    private func accept(
        _ bundle: SigstoreBundle, named name: String, _ artifact: ArtifactIdentity
    ) throws(SigstoreError) -> Acceptance {
        guard case .publicKey(let hint) = bundle.signer else {
            guard !terms.identities.isEmpty else {
                throw .reject(
                    .signer, expected: "a key that is accepted",
                    found: "a certificate; to accept it, name its identity and issuer")
            }
            return acceptance(
                name, try verifier.verify(bundle, artifact: artifact, policy: terms.certificatePolicy), key: nil)
        }
        var failure = SigstoreError.reject(
            .signer, expected: "a certificate whose identity is accepted",
            found: "a key's signature; to accept it, name the key")
        for (index, key) in keys(hint).enumerated() {
            do throws(SigstoreError) {
                let verified = try verifier.verify(bundle, artifact: artifact, policy: terms.policy(key))
                return acceptance(name, verified, key: key)
            } catch {
                // The key that the bundle names comes first, and its failure tells most.
                if index == 0 { failure = error }
            }
        }
        throw failure
    }

    /// The keys that are accepted, the one first that a bundle names.
    private func keys(_ hint: String) -> [PublicKey] {
        guard let named = terms.keys.firstIndex(where: { $0.hint == hint }), named > 0 else { return terms.keys }
        return [terms.keys[named]] + terms.keys[..<named] + terms.keys[(named + 1)...]
    }

    private func acceptance(_ name: String, _ verified: Verifier.Verified, key: PublicKey?) -> Acceptance {
        let ignored = VerificationPolicy.Check.allCases.filter(verified.ignored.contains)
        return Acceptance(
            bundle: name, verified: verified, key: key, notChecked: ignored.map(\.question) + terms.unsaid)
    }
}
