import AssayTestSupport
import Foundation
import Testing

@testable import Sigstore

/// Bundles that other programs make with a Sigstore of our own: what they sign verifies, and nothing else does.
@Suite(
    .enabled(
        if: Requirement.localSigstore.mayRun,
        "the local Sigstore is not there: run ../shared/sigstore-local/build servers"))
struct LocalSigstoreTests {
    private typealias Recipe = LocalSigstore.Recipe

    private static let recipes = Recipe.all.filter(\.mayRun)

    /// A bundle, and what it is to be verified by.
    private struct Case {
        let bundle: SigstoreBundle
        let artifact: ArtifactIdentity
        let key: PublicKey?
        let issuer: String

        init(_ recipe: Recipe, _ sigstore: LocalSigstore) throws {
            let signed = try sigstore.sign(recipe)
            bundle = try SigstoreBundle(parsing: signed.bundle)
            artifact = try ArtifactIdentity(bytes: signed.artifact)
            key = try signed.key.map { try PublicKey(pem: $0) }
            issuer = sigstore.issuer
        }

        var expectation: VerificationPolicy.Expectation {
            if case .messageSignature = bundle.content { return .messageSignature }
            return .statement(predicateType: LocalSigstore.predicateType)
        }

        func policy(
            identity: String = LocalSigstore.identity(), issuer: String? = nil, key: PublicKey? = nil
        ) -> VerificationPolicy {
            if let key = key ?? self.key { return .key(key, expecting: expectation) }
            return .certificate(
                [CertificateIdentity(subject: .exact(identity), issuer: .exact(issuer ?? self.issuer))],
                expecting: expectation)
        }

        /// Where verification ends; nil if it accepts.
        func stage(
            _ root: TrustedRoot, bundle: SigstoreBundle? = nil, artifact: ArtifactIdentity? = nil,
            policy: VerificationPolicy? = nil
        ) -> Rejection.Stage? {
            VerificationTests.rejection {
                _ = try Verifier(root: root).verify(
                    bundle ?? self.bundle, artifact: artifact ?? self.artifact, policy: policy ?? self.policy())
            }?.stage
        }
    }

    private static func root(of sigstore: LocalSigstore) throws -> TrustedRoot {
        try TrustedRoot(parsing: Array(Data(contentsOf: sigstore.trustedRoot)))
    }

    @Test(
        .enabled(
            if: Recipe.all.allSatisfy(\.mayRun),
            "some programs that sign are missing, and are left out: run .ci/install-dependencies test"))
    func noProgramIsLeftOut() { #expect(Self.recipes == Recipe.all) }

    @Test(arguments: recipes) func whatOthersSignVerifies(_ recipe: LocalSigstore.Recipe)
        async throws
    {
        let sigstore = try await LocalSigstore.shared()
        let made = try Case(recipe, sigstore)
        let verified = try Verifier(root: Self.root(of: sigstore)).verify(
            made.bundle, artifact: made.artifact, policy: made.policy())
        switch verified.signer {
        case .key(let hint): #expect(recipe.hasKey && hint == .matches)
        case .certificate(let certificate, let authority, let logs):
            #expect(!recipe.hasKey && certificate.identity == LocalSigstore.identity())
            #expect(certificate.identityIssuer == sigstore.issuer && authority == sigstore.fulcioURL)
            #expect(certificate.extensions[.sourceRepositoryRef] == "refs/heads/main")
            #expect(logs == [sigstore.certificateLogURL])
        }
        #expect(verified.times.count == 1 && verified.logRecords.map(\.log) == [sigstore.rekorURL])
        switch recipe.content {
        case .message: #expect(verified.statement == nil)
        case .statement: #expect(verified.statement?.version == .v1)
        // cosign's own statements are of the older version.
        case .predicate: #expect(verified.statement?.version == (recipe.program == .cosign ? .v01 : .v1))
        }
        // It is written as it was read.
        #expect(try SigstoreBundle(parsing: made.bundle.bytes) == made.bundle)
    }

    @Test(arguments: recipes) func everyDamageIsNoticed(_ recipe: LocalSigstore.Recipe) async throws {
        let sigstore = try await LocalSigstore.shared()
        let root = try Self.root(of: sigstore)
        let made = try Case(recipe, sigstore)
        var changes = 0
        for tampering in Tampering.all {
            var bundle = made.bundle
            guard tampering.apply(&bundle), bundle != made.bundle else { continue }
            changes += 1
            let stage = made.stage(root, bundle: bundle)
            #expect(stage.map(tampering.stages.contains) == true, "\(tampering.name): \(String(describing: stage))")
        }
        #expect(changes > 15)
    }

    @Test(arguments: recipes) func anotherSignerOrArtifactIsRefused(_ recipe: LocalSigstore.Recipe)
        async throws
    {
        let sigstore = try await LocalSigstore.shared()
        let root = try Self.root(of: sigstore)
        let made = try Case(recipe, sigstore)
        let other = try ArtifactIdentity(bytes: Array("another artifact".utf8))
        #expect(made.stage(root, artifact: other) == (recipe.content == .message ? .logBody : .subject))
        if recipe.hasKey {
            let policy = made.policy(key: try SigningKey.generate().publicKey)
            #expect(made.stage(root, policy: policy) == .logBody)
        } else {
            let identity = LocalSigstore.identity(ref: "refs/heads/other")
            #expect(made.stage(root, policy: made.policy(identity: identity)) == .identity)
            #expect(made.stage(root, policy: made.policy(issuer: sigstore.issuer + "/")) == .identityIssuer)
        }
    }

    /// What sigstore-go says of the same bundles, and of every change of some.
    @Test(
        .enabled(if: Requirement.sigstoreGoVerification.mayRun, "sigstore-go-verification is not installed"),
        arguments: recipes)
    func sigstoreGoAgrees(_ recipe: LocalSigstore.Recipe) async throws {
        let sigstore = try await LocalSigstore.shared()
        let signed = try sigstore.sign(recipe)
        func isAccepted(_ bundle: SigstoreBundle) throws -> Bool {
            try SigstoreGo.accepts(
                bundle, artifact: signed.folder.url.appending(path: "artifact"), root: sigstore.trustedRoot,
                signer: recipe.hasKey
                    ? ["-publicKey", signed.folder.path + "/key.pub"]
                    : ["-expectedSAN", LocalSigstore.identity(), "-expectedIssuer", sigstore.issuer])
        }
        let original = try SigstoreBundle(parsing: signed.bundle)
        #expect(try isAccepted(original))
        // Each change is a process, so not of every kind.
        guard recipe.program == .sigstoreGo || recipe.hasKey && recipe.content == .message else { return }
        for tampering in Tampering.all where !SigstoreGoTests.laxerForRekorV2.contains(tampering.name) {
            var bundle = original
            guard tampering.apply(&bundle), bundle != original else { continue }
            #expect(try !isAccepted(bundle), "\(tampering.name)")
        }
    }

    /// Two instances have the same names for everything, and other keys.
    @Test func eachPartOfAnotherInstanceIsNoticed() async throws {
        let sigstore = try await LocalSigstore.shared()
        let messages = try Self.recipes.filter { $0.content != .predicate }.map { try Case($0, sigstore) }
        try await LocalSigstore.use { foreign in
            let foreignRoot = try Self.root(of: foreign)
            let stages: KeyValuePairs<String, (keyless: Rejection.Stage?, key: Rejection.Stage?)> = [
                "tlogs": (.transparencyLog, .transparencyLog), "certificateAuthorities": (.certificate, nil),
                "ctlogs": (.certificateLog, nil), "timestampAuthorities": (.time, nil),
            ]
            for made in messages {
                #expect(made.stage(foreignRoot) == .transparencyLog)
                #expect(made.stage(TrustedRoot(merging: [foreignRoot, try Self.root(of: sigstore)])) == nil)
                for (part, expected) in stages {
                    let mixed = try Self.root(of: sigstore, with: part, of: foreign)
                    #expect(made.stage(mixed) == (made.key == nil ? expected.keyless : expected.key), "\(part)")
                }
            }
        }
    }

    private static func root(
        of sigstore: LocalSigstore, with part: String, of foreign: LocalSigstore
    ) throws -> TrustedRoot {
        func json(_ sigstore: LocalSigstore) throws -> [String: Any] {
            let data = try Data(contentsOf: sigstore.trustedRoot)
            return try JSONSerialization.jsonObject(with: data) as? [String: Any] ?? [:]
        }
        var mixed = try json(sigstore)
        mixed[part] = try json(foreign)[part]
        return try TrustedRoot(parsing: Array(JSONSerialization.data(withJSONObject: mixed)))
    }

    @Test func aTokensClaimsBecomeTheCertificates() async throws {
        let sigstore = try await LocalSigstore.shared()
        let token = try sigstore.mintToken(project: "other/project", ref: "feature", claims: ["job_id": "\"77\""])
        let payload = token.split(separator: ".").dropFirst().first.flatMap { Base64.bytes(of: String($0)) }
        let claims = try JSONValue(parsing: try #require(payload))
        #expect(claims["iss"]?.string == sigstore.issuer && claims["job_id"]?.string == "77")
        #expect(
            claims["ci_config_ref_uri"]?.string.map { "https://" + $0 }
                == LocalSigstore.identity(project: "other/project", ref: "refs/heads/feature"))
    }
}
