import AssayTestSupport
import Foundation
import Testing

@testable import Sigstore

/// Every case that the suite accepts, changed in one place: each change must be noticed, and by the step it breaks.
@Suite(.enabled(if: SigstoreJudge.conformanceIsRequired, "the conformance assets are not beside the package"))
struct TamperingTests {
    @Test(arguments: SuiteCase.all) func theVerdictIsTheSuites(_ suiteCase: SuiteCase) throws {
        let file = suiteCase.folder.appending(path: "bundle.sigstore.json")
        for artifact in try suiteCase.artifacts() {
            let failure = KeyTests.error {
                let bundle = try SigstoreBundle(parsing: Array(Data(contentsOf: file)))
                _ = try Verifier(root: suiteCase.root()).verify(bundle, artifact: artifact, policy: suiteCase.policy())
            }
            #expect((failure == nil) == suiteCase.isAccepted, "\(failure?.description ?? "accepted")")
        }
    }

    @Test(arguments: SuiteCase.accepted) func everyChangeOfABundleIsNoticed(_ suiteCase: SuiteCase) throws {
        let original = try suiteCase.bundle()
        let verifier = Verifier(root: try suiteCase.root())
        let policy = try suiteCase.policy()
        let artifact = try suiteCase.artifact()
        // A timestamp of an authority that the root does not name has no say, so changing it changes nothing.
        let isTimed = try !verifier.verify(original, artifact: artifact, policy: policy).times.isEmpty
        var changes = 0
        for tampering in Tampering.all where isTimed || tampering.name != "changed timestamp" {
            var bundle = original
            guard tampering.apply(&bundle), bundle != original else { continue }
            changes += 1
            for artifact in try suiteCase.artifacts() {
                let rejection = VerificationTests.rejection { [bundle] in
                    _ = try verifier.verify(bundle, artifact: artifact, policy: policy)
                }
                let stage = try #require(rejection, "\(tampering.name)").stage
                #expect(tampering.stages.contains(stage), "\(tampering.name): \(rejection?.description ?? "")")
            }
        }
        #expect(changes > 12)
        // The verifier, and what it keeps, is as it was.
        #expect(throws: Never.self) { try verifier.verify(original, artifact: artifact, policy: policy) }
    }

    @Test(arguments: SuiteCase.accepted) func anotherArtifactIsRefused(_ suiteCase: SuiteCase) throws {
        let other = try ArtifactIdentity(bytes: Array("other".utf8))
        let root = try suiteCase.root()
        let rejection = VerificationTests.rejection {
            _ = try Verifier(root: root).verify(suiteCase.bundle(), artifact: other, policy: suiteCase.policy())
        }
        let stage = try #require(rejection).stage
        #expect([.logBody, .messageDigest, .subject].contains(stage))
    }

    @Test func certificatesAndTimestampsOfOtherBundlesAreNoticed() throws {
        let mine = SuiteCase(name: "rekor2-happy-path")
        let theirs = try SuiteCase(name: "rekor2-timestamp-with-embedded-cert").bundle()
        let verifier = Verifier(root: try mine.root())
        func stage(_ change: (inout SigstoreBundle) -> Void) throws -> Rejection.Stage? {
            var bundle = try mine.bundle()
            change(&bundle)
            return VerificationTests.rejection { [bundle] in
                _ = try verifier.verify(bundle, artifact: mine.artifact(), policy: mine.policy())
            }?.stage
        }
        #expect(try stage { $0.timestamps = theirs.timestamps } == .timestamp)
        // The good one does not make up for it.
        #expect(try stage { $0.timestamps += theirs.timestamps } == .timestamp)
        let swapped = try stage { $0.signer = theirs.signer }
        #expect(swapped == .logBody || swapped == .certificate)
        #expect(try stage { $0.logEntries = theirs.logEntries } == .logBody)
        #expect(try stage { $0.timestamps = [] } == .time)
    }
}
