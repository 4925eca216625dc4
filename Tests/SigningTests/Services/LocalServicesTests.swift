import AssayTestSupport
import Foundation
import Testing

@testable import Signing
@testable import Sigstore

/// Real services, and the same ones behind somebody who lies.
@Suite(.enabled(if: Requirement.localSigstore.mayRun, Comment(rawValue: Workload.message)))
struct LocalServicesTests {
    private func untrue(
        _ reason: String, sourceLocation: SourceLocation = #_sourceLocation, _ body: () async throws -> Void
    ) async {
        do {
            try await body()
            Issue.record("it is believed", sourceLocation: sourceLocation)
        } catch SigningError.untrue(_, _, let found) {
            #expect(found.contains(reason), sourceLocation: sourceLocation)
        } catch {
            Issue.record(error, sourceLocation: sourceLocation)
        }
    }

    @Test(
        .enabled(
            if: Requirement.cosign.mayRun && Requirement.sigstoreGoVerification.mayRun,
            "cosign or sigstore-go is not there: run ../shared/sigstore-local/build judges"),
        arguments: Workload.Content.allCases)
    func whatIsSignedAndWitnessedSatisfiesEveryVerifier(_ content: Workload.Content) async throws {
        try await Workload.run { workload in
            let config = try SigningConfig(parsing: Array(Data(contentsOf: workload.sigstore.signingConfig)))
            let plan = try WitnessPlan(
                config, at: ServiceClock.systemTime(), settings: workload.settings, root: workload.root)
            var signed = try await workload.sign(content)
            signed.bundle = try await plan.witness(signed.bundle)
            let verified = try workload.verify(signed)
            #expect(verified.times.count == 1 && verified.logRecords.count == 1)

            let folder = try TemporaryFolder()
            try folder.write(signed.bundle.bytes, to: "bundle.json")
            try folder.write(signed.artifact, to: "artifact")
            try folder.write("another".utf8, to: "other")
            let identity = LocalSigstore.identity()
            func cosign(_ artifact: String) throws -> Int32 {
                let type = content == .statement ? ["--type", LocalSigstore.predicateType] : []
                return try Tool.run(
                    Requirement.cosign.find(),
                    [content == .statement ? "verify-blob-attestation" : "verify-blob", "--bundle", "bundle.json"]
                        + ["--trusted-root", workload.sigstore.trustedRoot.path, "--certificate-identity", identity]
                        + ["--certificate-oidc-issuer", workload.sigstore.issuer] + type + [artifact],
                    in: folder.url, environment: ["HOME": folder.path]
                ).status
            }
            func sigstoreGo(_ artifact: String) throws -> Int32 {
                try Tool.run(
                    Requirement.sigstoreGoVerification.find(),
                    ["-trustedrootJSONpath", workload.sigstore.trustedRoot.path, "-expectedSAN", identity]
                        + ["-expectedIssuer", workload.sigstore.issuer, "-artifact", artifact, "bundle.json"],
                    in: folder.url, environment: ["HOME": folder.path]
                ).status
            }
            #expect(try cosign("artifact") == 0)
            #expect(try cosign("other") != 0)
            #expect(try sigstoreGo("artifact") == 0)
            #expect(try sigstoreGo("other") != 0)
        }
    }

    @Test func manyTasksSignAndAreWitnessedUnderOneCertificate() async throws {
        try await Workload.run { workload in
            let config = try SigningConfig(parsing: Array(Data(contentsOf: workload.sigstore.signingConfig)))
            let plan = try WitnessPlan(
                config, at: ServiceClock.systemTime(), settings: workload.settings, root: workload.root)
            let fulcio = try FulcioClient(url: workload.sigstore.fulcioURL, settings: workload.settings)
            let token = try workload.sigstore.mintToken()
            let signer = KeylessSigner(
                authority: fulcio, tokens: EnvironmentToken(environment: [EnvironmentToken.variable: token]),
                check: fulcio.check(by: Verifier(root: workload.root)))
            let template = try await workload.sign(.artifact)
            let signed = try await withThrowingTaskGroup { group in
                for number in 0..<50 {
                    group.addTask {
                        let artifact = Array("artifact \(number)".utf8)
                        let bundle = try await plan.witness(signer.sign(artifact: artifact))
                        return Workload.Signed(
                            artifact: artifact, bundle: bundle, key: template.key, content: .artifact)
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            for one in signed { try workload.verify(one) }
            #expect(Set(signed.compactMap { $0.bundle.logEntries.first?.logIndex }).count == 50)
            let certificates = signed.compactMap {
                if case .certificate(let der) = $0.bundle.signer { der } else { nil }
            }
            #expect(Set(certificates).count == 1)
        }
    }

    @Test(arguments: Workload.Content.allCases)
    func signaturesOfKeysAreWitnessedToo(_ content: Workload.Content) async throws {
        try await Workload.run { workload in
            var signed = try await workload.sign(content, keyless: false)
            signed.bundle = try await workload.timestampAuthority(.honest).witness(signed.bundle)
            signed.bundle = try await workload.rekor(.honest, key: signed.key.publicKey).witness(signed.bundle)
            try workload.verify(signed)
            let stranger = try SigningKey.generate().publicKey
            for key in [nil, stranger] {
                await #expect(throws: SigningError.self) {
                    _ = try await workload.rekor(.honest, key: key).witness(signed.bundle)
                }
            }
        }
    }

    @Test(
        .enabled(if: SigstoreJudge.openssl.isRequired, "openssl is not installed"),
        arguments: [
            ("EC P-384", ["EC", "ec_paramgen_curve:P-384"], "-sha384"),
            ("EC P-521", ["EC", "ec_paramgen_curve:P-521"], "-sha512"),
            ("RSA", ["RSA", "rsa_keygen_bits:2048"], "-sha256"), ("RSA", ["RSA", "rsa_keygen_bits:3072"], "-sha256"),
            ("RSA", ["RSA", "rsa_keygen_bits:4096"], "-sha256"), ("Ed25519", ["ED25519"], nil),
        ] as [(String, [String], String?)])
    func signaturesOfKeysOfEveryKindAreRecordedOrRefused(_ kind: String, _ made: [String], _ hash: String?) async throws
    {
        try await Workload.run { workload in
            let folder = try TemporaryFolder()
            func openssl(_ arguments: [String]) throws {
                let outcome = try SigstoreJudge.openssl.run(arguments, in: folder.url)
                #expect(outcome.status == 0, "\(outcome.output)")
            }
            let options = made.dropFirst().flatMap { ["-pkeyopt", $0] }
            try openssl(["genpkey", "-algorithm", made[0], "-out", "key"] + options)
            try openssl(["pkey", "-in", "key", "-pubout", "-out", "public"])
            let key = try PublicKey(pem: folder.read("public"))
            #expect(key.algorithm.hasPrefix(kind))

            let template = try await workload.sign(keyless: false).bundle
            guard case .envelope(var envelope) = template.content else { return }
            try folder.write(envelope.signedBytes, to: "message")
            try openssl(
                hash.map { ["dgst", $0, "-sign", "key", "-out", "signature", "message"] }
                    ?? ["pkeyutl", "-sign", "-rawin", "-inkey", "key", "-in", "message", "-out", "signature"])
            envelope.signatures = [.init(bytes: try folder.read("signature"))]
            let bundle = SigstoreBundle(signer: .publicKey(hint: key.hint), content: .envelope(envelope))
            guard kind != "Ed25519" else {
                let error = await #expect(throws: SigningError.self) {
                    _ = try await workload.rekor(.honest, key: key).witness(bundle)
                }
                #expect("\(error as Any)".contains("an Ed25519 key signs messages only"))
                return
            }
            let witnessed = try await workload.rekor(.losesAnswers, key: key).witness(bundle)
            let statement = try Statement(parsing: envelope.payload)
            let digest = try #require(Hex.bytes(of: statement.subjects[0].digests[0].value))
            _ = try Verifier(root: workload.root).verify(
                witnessed, artifact: ArtifactIdentity(digests: [.sha256: digest]),
                policy: .key(key, expecting: .statementOfAnyType))
        }
    }

    @Test(arguments: [ServiceFront.Manner.losesAnswers, .isSlow], Workload.Content.allCases)
    func anEntryWhoseAnswerIsLostIsTakenUp(
        _ manner: ServiceFront.Manner, _ content: Workload.Content
    ) async throws {
        try await Workload.run { workload in
            var signed = try await workload.sign(content)
            let honest = try await workload.timestampAuthority(.honest).witness(signed.bundle)
            signed.bundle = try await workload.rekor(manner).witness(honest)
            try workload.verify(signed)
            // Asked once more, the log has still one record of it.
            let again = try await workload.rekor(.honest).witness(honest)
            #expect(again.logEntries.map(\.logIndex) == signed.bundle.logEntries.map(\.logIndex))
            #expect(again.logEntries[0].canonicalizedBody == signed.bundle.logEntries[0].canonicalizedBody)
        }
    }

    @Test func anEntryThatIsThereIsNotBelievedWithoutTheLogsKey() async throws {
        try await Workload.run { workload in
            let bundle = try await workload.sign().bundle
            let url = workload.front.url(.losesAnswers)
            let log = try RekorV2(url: url, settings: workload.settings, root: .empty)
            await untrue("the log's checkpoint") { _ = try await log.witness(bundle) }
        }
    }

    @Test(arguments: [
        (ServiceFront.Manner.breaksProofs, "inclusion proof"), (.breaksCheckpoints, "checkpoint"),
        (.forgesEntries, "log entry's content"), (.forgesHashes, "inclusion proof"),
    ])
    func logsThatLieAreNotBelieved(_ manner: ServiceFront.Manner, _ reason: String) async throws {
        try await Workload.run { workload in
            let bundle = try await workload.sign().bundle
            await untrue(reason) { _ = try await workload.rekor(manner).witness(bundle) }
        }
    }

    @Test func anEntryOfAnotherSignatureIsNotBelieved() async throws {
        try await Workload.run { workload in
            let log = try workload.rekor(.repeatsItself)
            _ = try await log.witness(workload.sign().bundle)
            let bundle = try await workload.sign().bundle
            await untrue("the bundle's signature, found another one") { _ = try await log.witness(bundle) }
        }
    }

    @Test func timestampsOfOtherSignaturesOrRequestsAreNotBelieved() async throws {
        try await Workload.run { workload in
            let authority = try workload.timestampAuthority(.repeatsItself)
            let bundle = try await workload.sign().bundle
            _ = try await authority.witness(bundle)
            await untrue("the nonce of the request") { _ = try await authority.witness(bundle) }
            let other = try await workload.sign().bundle
            await untrue("a timestamp over the bundle's signature") { _ = try await authority.witness(other) }
        }
    }

    @Test func refusedTimestampsSayWhy() async throws {
        try await Workload.run { workload in
            let bundle = try await workload.sign().bundle
            await untrue("a refusal (status 2): later") {
                _ = try await workload.timestampAuthority(.refusesTimestamps).witness(bundle)
            }
        }
    }

    @Test func certificatesOfOtherKeysAreNotBelieved() async throws {
        try await Workload.run { workload in
            let url = workload.front.url(.repeatsItself)
            _ = try await workload.certificate(for: .generate(), from: url)
            await untrue("the certificate is for another key") {
                _ = try await workload.certificate(for: .generate(), from: url)
            }
        }
    }

    @Test func certificatesAreCheckedAgainstTheTrustedRootBeforeUse() async throws {
        try await Workload.run { workload in
            let verifier = Verifier(root: workload.root)
            let issued = try await workload.certificate(for: .generate())
            let content = try verifier.check(certificate: issued.leaf, at: issued.notAfter)
            #expect(content.identity == LocalSigstore.identity())
            #expect(issued.chain.count == 2)
            #expect(issued.notAfter.seconds - issued.notBefore.seconds == 600)
            #expect(throws: SigstoreError.self) {
                _ = try verifier.check(certificate: issued.leaf, at: UTCTime(seconds: issued.notAfter.seconds + 1))
            }
            let client = try FulcioClient(url: workload.sigstore.fulcioURL, settings: workload.settings)
            try client.check(by: verifier)(issued, issued.notBefore)
            await untrue("no authority in the trusted root") {
                try client.check(by: Verifier(root: .empty))(issued, issued.notBefore)
            }
        }
    }

    @Test func detachedPromisesOfCertificateLogsAreRefused() async throws {
        try await Workload.run { workload in
            let url = workload.front.url(.detachesPromises)
            let error = await #expect(throws: SigningError.self) {
                _ = try await workload.certificate(for: .generate(), from: url)
            }
            #expect("\(error as Any)".contains("the service must be set up to embed it"))
        }
    }

    @Test func tokensThatFulcioRefusesAreNamedAsSuchAndNotShown() async throws {
        try await Workload.run { workload in
            let minted = try workload.sigstore.mintToken()
            let forged = String(minted.dropLast(20)) + String(repeating: "A", count: 20)
            let error = await #expect(throws: SigningError.self) {
                _ = try await workload.certificate(for: .generate(), token: workload.token(forged))
            }
            guard case .token(let reason, _) = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(reason.hasPrefix("\(workload.sigstore.fulcioURL) does not accept the identity token (HTTP 400)"))
            for part in minted.split(separator: ".") { #expect(!reason.contains(part.prefix(20))) }
        }
    }

    @Test func aProofOfPossessionOverAnotherSubjectIsRefused() async throws {
        try await Workload.run { workload in
            let error = await #expect(throws: SigningError.self) {
                _ = try await workload.certificate(for: .generate(), challenge: "somebody else")
            }
            guard case .service(_, _, 400, _, mayPass: false) = error else {
                Issue.record("\(String(describing: error))")
                return
            }
        }
    }
}
