import AssayTestSupport
import Foundation
import Testing

@testable import Sigstore

@Suite struct TextPatternTests {
    @Test func exactMeansEveryByte() {
        let pattern = TextPattern.exact("https://a/\u{E9}")
        #expect(pattern.matches("https://a/\u{E9}"))
        #expect(!pattern.matches("https://a/e\u{301}"))
        #expect(!pattern.matches("https://a/"))
        #expect(!pattern.matches("https://a/\u{E9}x"))
    }

    @Test func expressionsAreSearchedForUnlessAnchored() throws {
        #expect(try TextPattern.regularExpression("^https://gitlab\\.com/group/").matches("https://gitlab.com/group/x"))
        #expect(try TextPattern.regularExpression("group").matches("https://gitlab.com/group/x"))
        let anchored = try TextPattern.regularExpression("^https://a/[a-z]+$")
        #expect(anchored.matches("https://a/b"))
        #expect(!anchored.matches("xhttps://a/b") && !anchored.matches("https://a/b1"))
        // "$" alone would stand before a line feed at the end, too.
        #expect(!anchored.matches("https://a/b\n"))
    }

    @Test(arguments: ["", "(", "[a"]) func refusesWhatIsNoExpression(_ text: String) {
        #expect(throws: SigstoreError.self) { try TextPattern.regularExpression(text) }
    }
}

@Suite(.enabled(if: SigstoreJudge.conformanceIsRequired, "the conformance assets are not beside the package"))
struct PolicyTests {
    private let suiteCase = SuiteCase(name: "happy-path-v0.3")
    private let subject: String
    private let issuer: String
    private let verifier: Verifier

    init() throws {
        subject = try suiteCase.identity()
        issuer = try suiteCase.issuer()
        verifier = Verifier(root: try suiteCase.root())
    }

    private func stage(_ policy: VerificationPolicy, of other: SuiteCase? = nil) throws -> Rejection.Stage? {
        let (bundle, artifact) = try ((other ?? suiteCase).bundle(), suiteCase.artifact())
        return VerificationTests.rejection { _ = try verifier.verify(bundle, artifact: artifact, policy: policy) }?
            .stage
    }

    private func stage(
        subject: TextPattern? = nil, issuer: TextPattern? = nil, extensions: [FulcioExtension: TextPattern] = [:]
    ) throws -> Rejection.Stage? {
        let identity = CertificateIdentity(
            subject: subject ?? .exact(self.subject), issuer: issuer ?? .exact(self.issuer), extensions: extensions)
        return try stage(.certificate([identity], expecting: .messageSignature))
    }

    @Test func onlyTheIdentityItselfIsAccepted() throws {
        #expect(try stage() == nil)
        for wrong in [
            "", String(subject.dropLast()), subject + "/", subject.uppercased(), " " + subject, "someone@example.com",
        ] {
            #expect(try stage(subject: .exact(wrong)) == .identity, "\(wrong)")
        }
        for wrong in ["", String(issuer.dropLast()), issuer + "/", "https://gitlab.com"] {
            #expect(try stage(issuer: .exact(wrong)) == .identityIssuer, "\(wrong)")
        }
        #expect(try stage(subject: .regularExpression("^https://github\\.com/sigstore-conformance/")) == nil)
        #expect(try stage(subject: .regularExpression("^github\\.com/")) == .identity)
        #expect(try stage(issuer: .regularExpression("^https://[a-z.]+\\.githubusercontent\\.com$")) == nil)
        #expect(try stage(issuer: .regularExpression("^https://[a-z.]+\\.github$")) == .identityIssuer)
    }

    @Test func extensionsAreDemandedByName() throws {
        let ref = try #require(FulcioExtension(named: "sourceRepositoryRef"))
        #expect(try stage(extensions: [ref: .exact("refs/heads/main")]) == nil)
        #expect(try stage(extensions: [ref: .exact("refs/heads/other")]) == .certificateExtension)
        #expect(try stage(extensions: [.deploymentEnvironment: .exact("")]) == .certificateExtension)
        #expect(try stage(extensions: [.buildTrigger: .regularExpression("^(push|workflow_dispatch)$")]) == nil)
        #expect(FulcioExtension(named: "colour") == nil)
    }

    @Test func oneOfSeveralIdentitiesIsEnoughAndNoneIsNot() throws {
        let wrong = CertificateIdentity(subject: .exact("x"), issuer: .exact(issuer))
        let right = CertificateIdentity(subject: .exact(subject), issuer: .exact(issuer))
        #expect(try stage(.certificate([wrong, right], expecting: .messageSignature)) == nil)
        #expect(try stage(.certificate([wrong], expecting: .messageSignature)) == .identity)
        #expect(try stage(.certificate([], expecting: .messageSignature)) == .identity)
        #expect(try stage(.insecureAnyIdentity(expecting: .messageSignature)) == nil)
    }

    @Test func theTimeMayBeDemandedToBeLate() throws {
        let policy = try suiteCase.policy()
        let time = UTCTime(seconds: try suiteCase.bundle().logEntries[0].integratedTime)
        #expect(try stage(policy.signedNotBefore(time)) == nil)
        #expect(try stage(policy.signedNotBefore(UTCTime(seconds: time.seconds + 1))) == .time)
    }

    @Test func whatIsIgnoredIsSaid() throws {
        let policy = try suiteCase.policy()
        // Without the log there is no time; without a time, a certificate is nothing.
        #expect(try stage(policy.insecureIgnoringTransparencyLog()) == .time)
        let verified = try verifier.verify(
            suiteCase.bundle(), artifact: suiteCase.artifact(),
            policy: policy.insecureIgnoringTransparencyLog().insecureIgnoringTime().insecureIgnoringCertificateLog())
        #expect(verified.ignored == [.transparencyLog, .time, .certificateLog])
        #expect(verified.times.isEmpty && verified.logRecords.isEmpty)

        let withoutLogs = Verifier(root: try suiteCase.root { $0["ctlogs"] = nil })
        #expect(throws: Never.self) {
            try withoutLogs.verify(
                suiteCase.bundle(), artifact: suiteCase.artifact(), policy: policy.insecureIgnoringCertificateLog())
        }
    }

    @Test func thePredicateTypeIsTheCallersChoice() throws {
        let other = SuiteCase(name: "happy-path-intoto-in-dsse-v3")
        let identity = CertificateIdentity(subject: .exact(subject), issuer: .exact(issuer))
        func stage(_ expectation: VerificationPolicy.Expectation) throws -> Rejection.Stage? {
            VerificationTests.rejection {
                _ = try Verifier(root: other.root()).verify(
                    other.bundle(), artifact: other.artifact(),
                    policy: .certificate([identity], expecting: expectation))
            }?.stage
        }
        guard case .envelope(let envelope) = try other.bundle().content else { return }
        let type = try Statement(parsing: envelope.payload).predicateType
        #expect(try stage(.statement(predicateType: type)) == nil)
        #expect(try stage(.statement(predicateType: type + "/")) == .predicateType)
        #expect(try stage(.messageSignature) == .content)
    }

    @Test func aKeyDoesNotStandForACertificateNorTheOtherWayRound() throws {
        let key = try SigningKey.generate().publicKey
        #expect(try stage(.key(key, expecting: .messageSignature)) == .signer)
        let managed = SuiteCase(name: "managed-key-happy-path")
        #expect(try stage(suiteCase.policy(), of: managed) != nil)
        #expect(try stage(.key(key, expecting: .messageSignature), of: managed) == .logBody)
    }

    @Test func oneVerifierServesManyThreads() async throws {
        let good = try suiteCase.bundle()
        let bad = try SuiteCase(name: "happy-path-v0.2").bundle()
        let (artifact, policy, verifier) = (try suiteCase.artifact(), try suiteCase.policy(), verifier)
        var wrong = good
        wrong.logEntries[0].signedEntryTimestamp[20] ^= 1
        await withTaskGroup(of: Void.self) { group in
            for index in 0..<60 {
                group.addTask { [wrong] in
                    let bundle = [good, bad, wrong][index % 3]
                    let isGood = (try? verifier.verify(bundle, artifact: artifact, policy: policy)) != nil
                    #expect(isGood == (index % 3 != 2))
                }
            }
        }
    }
}

@Suite struct CertificateCacheTests {
    @Test(.enabled(if: SigstoreJudge.conformanceIsRequired, "the conformance assets are not beside the package"))
    func keepsAsManyAsItMayAndForgetsTheOldest() throws {
        let cache = CertificateCache(limit: 2)
        let suiteCase = SuiteCase(name: "happy-path-v0.3")
        guard case .certificate(let der) = try suiteCase.bundle().signer else { return }
        let made = try SignerCertificate(der: der, root: suiteCase.root(), limits: Limits())
        var misses = 0
        func ask(_ name: UInt8) throws {
            _ = try cache.certificate([name]) { () throws(SigstoreError) in
                misses += 1
                return made
            }
        }
        for name: UInt8 in [1, 2, 1, 2] { try ask(name) }
        #expect(misses == 2)
        for name: UInt8 in [3, 3, 2] { try ask(name) }
        #expect(misses == 3)
        try ask(1)
        #expect(misses == 4)
        #expect(throws: SigstoreError.self) {
            _ = try cache.certificate([9]) { () throws(SigstoreError) in throw .key(.damaged) }
        }
        try ask(9)
        #expect(misses == 5)
    }
}
