import AssayConsole
import AssayModel
import Sigstore
import TrustPolicy

/// Verifies one candidate after another: finds its bundles, computes its digests, and asks for the verdict.
struct ArtifactJudge: Sendable {
    let verifier: SubjectVerifier
    let finder: BundleFinder
    /// The bundles of the one subject that there is; nil if they are to be found.
    var given: BundleFinder.Found?

    /// What came of a candidate.
    func result(of candidate: Candidate) -> VerifyResult {
        switch candidate {
        case .problem(let path, let reason): VerifyResult(path, .unreadable, reason: reason)
        case .digest(let digest, let name): result(of: digest, named: name)
        case .file(let path, let companions):
            result(of: path, companions ?? BundleFinder.bundleNames(ofArtifact: path).filter(FileContents.exists))
        }
    }

    private func result(of path: String, _ companions: [String]) -> VerifyResult {
        let found = given.map { [$0] } ?? companions.map(BundleFinder.found)
        var offers = found.flatMap(\.offers)
        let artifact: ArtifactIdentity
        let size: Int
        do throws(FileProblem) {
            let algorithms = offers.reduce(into: Set()) { $0.formUnion($1.algorithms) }
            (artifact, size) = try FileContents.identity(of: path, algorithms)
        } catch { return VerifyResult(path, .unreadable, reason: "it cannot be read: \(error)") }
        let digest = artifact.digests[.sha256].flatMap { SHA256Digest($0) }
        do throws(CommandError) {
            if found.isEmpty, let digest { offers = try finder.catalogOffers(for: digest) }
        } catch { return VerifyResult(path, .unreadable, digest, size: size, reason: error.message) }
        let result = result(path, artifact, digest, size: size, offers)
        // Whatever lies where a bundle would is passed over as one, so it has to be one, or to be verified by its own.
        guard given == nil, result.isVerified,
            let stranger = zip(companions, found).first(where: { path, found in
                !found.isBundle && !BundleFinder.bundleNames(ofArtifact: path).contains(where: FileContents.exists)
            })?.1
        else { return result }
        return VerifyResult(
            path, .rejected, digest, size: size, reason: "a file that is no bundle lies where one would",
            refusals: SubjectVerifier.refusals(of: stranger.offers))
    }

    private func result(of digest: SHA256Digest, named name: String) -> VerifyResult {
        do throws(CommandError) {
            let offers = if let given { given.offers } else { try finder.catalogOffers(for: digest) }
            do throws(SigstoreError) {
                let artifact = try ArtifactIdentity(digests: [.sha256: digest.bytes])
                return result(name, artifact, digest, size: nil, offers)
            } catch { return VerifyResult(name, .unreadable, digest, reason: "\(error)") }
        } catch { return VerifyResult(name, .unreadable, digest, reason: error.message) }
    }

    private func result(
        _ name: String, _ artifact: ArtifactIdentity, _ digest: SHA256Digest?, size: Int?,
        _ offers: [SubjectVerifier.Offer]
    ) -> VerifyResult {
        guard !offers.isEmpty else {
            return VerifyResult(name, .missing, digest, size: size, reason: "there is no bundle of it")
        }
        switch verifier.verdict(on: artifact, by: offers) {
        case .accepted(let acceptance): return VerifyResult(name, digest, size: size, acceptance)
        case .rejected(let refusals):
            let reason =
                refusals.count == 1
                ? "its bundle is not accepted" : "none of its \(refusals.count) bundles is accepted"
            return VerifyResult(name, .rejected, digest, size: size, reason: reason, refusals: refusals)
        }
    }
}
