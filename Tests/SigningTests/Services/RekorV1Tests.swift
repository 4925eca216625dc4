import AssayTestSupport
import Testing

@testable import Signing
@testable import Sigstore

@Suite struct RekorV1Tests {
    private func bundle(_ content: Workload.Content, by key: SigningKey) throws -> SigstoreBundle {
        guard content == .statement else {
            let digest = try DigestAlgorithm.sha256.digest(of: artifact)
            let message = MessageSignature(
                digest: .init(algorithm: .sha256, digest: digest), signature: try key.sign(artifact))
            return SigstoreBundle(signer: .publicKey(hint: key.publicKey.hint), content: .messageSignature(message))
        }
        let digest = Hex.text(of: try DigestAlgorithm.sha256.digest(of: artifact))
        let statement =
            #"{"_type":"https://in-toto.io/Statement/v1","subject":[{"name":"a","digest":{"sha256":"\#(digest)"}}],"#
            + #""predicateType":"https://example.com/predicate","predicate":{}}"#
        return try key.sign(statement: Array(statement.utf8))
    }

    private let artifact = Array("an artifact".utf8)
    private let key: SigningKey
    private let clock = InstantClock()

    init() throws { key = try SigningKey.generate() }

    /// Calls `body` with a log that behaves like that, and a client of it.
    private func run<R>(
        _ manner: RekorV1Double.Manner, _ body: (RekorV1, RekorV1Double, TrustedRoot) async throws -> R
    ) async throws -> R {
        let double = try RekorV1Double(manner)
        let server = try LoopbackServer { double.answer($0) }
        return try await server.run { server in
            var settings = ServiceSettings()
            settings.clock = ServiceClock(clock)
            let log = try RekorV1(url: server.address, settings: settings, publicKey: key.publicKey)
            return try await body(log, double, double.root(at: server.address))
        }
    }

    private func verify(_ bundle: SigstoreBundle, _ content: Workload.Content, root: TrustedRoot) throws {
        let verified = try Verifier(root: root).verify(
            bundle, artifact: ArtifactIdentity(bytes: artifact),
            policy: .key(key.publicKey, expecting: content == .artifact ? .messageSignature : .statementOfAnyType))
        #expect(verified.logRecords.map(\.index) == [77])
        #expect(verified.times.map(\.time.seconds) == [1_760_000_000])
    }

    @Test(
        arguments: [RekorV1Double.Manner.honest, .losesAnswers, .isSlow], Workload.Content.allCases)
    func recordsSignaturesOnce(_ manner: RekorV1Double.Manner, _ content: Workload.Content) async throws {
        try await run(manner) { log, double, root in
            let bundle = try bundle(content, by: key)
            try verify(try await log.witness(bundle), content, root: root)
            try verify(try await log.witness(bundle), content, root: root)
            #expect(double.entryCount == 1)
        }
    }

    @Test(arguments: Workload.Content.allCases)
    func findsWhatIsRecordedWithoutRecordingAnything(_ content: Workload.Content) async throws {
        try await run(.honest) { log, double, root in
            let bundle = try bundle(content, by: key)
            #expect(try await log.existing(bundle) == nil)
            #expect(double.entryCount == 0)
            _ = try await log.witness(bundle)
            try verify(try #require(try await log.existing(bundle)), content, root: root)
        }
    }

    @Test(arguments: [
        (RekorV1Double.Manner.repeatsItself, "the bundle's signature, found another one"),
        (.breaksProofs, "inclusion proof"), (.withholdsPromises, "the log's promise"),
    ])
    func believesNoLies(_ manner: RekorV1Double.Manner, _ reason: String) async throws {
        try await run(manner) { log, _, _ in
            if manner == .repeatsItself { _ = try await log.witness(bundle(.artifact, by: key)) }
            let error = await #expect(throws: SigningError.self) {
                _ = try await log.witness(bundle(.artifact, by: key))
            }
            guard case .untrue(_, _, let found) = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(found.contains(reason))
        }
    }

    @Test func waitsForNoProofForEver() async throws {
        try await run(.neverProves) { log, _, _ in
            let error = await #expect(throws: SigningError.self) {
                _ = try await log.witness(bundle(.artifact, by: key))
            }
            guard case .service(_, _, nil, "it promises the entry, and has no proof of it yet", mayPass: true) = error
            else {
                Issue.record("\(String(describing: error))")
                return
            }
        }
    }

    @Test func saysThatALogHidesAnEntry() async throws {
        try await run(.hidesEntries) { log, _, _ in
            let error = await #expect(throws: SigningError.self) {
                _ = try await log.witness(bundle(.artifact, by: key))
            }
            guard case .service(_, _, 409, _, mayPass: false) = error else {
                Issue.record("\(String(describing: error))")
                return
            }
        }
    }

    @Test(arguments: [
        "[]", "{}", "null", "not JSON", #"{"name":{}}"#,
        #"{"\#(String(repeating: "0", count: 80))":{"body":"eA==","logID":"00","logIndex":-1,"integratedTime":1}}"#,
        #"{"../../secret":{"body":"eA==","logID":"00","logIndex":1,"integratedTime":1}}"#,
    ])
    func believesNoAnswerOfAnotherForm(_ answer: String) async throws {
        let server = try LoopbackServer { _ in .status("201 Created", [], answer) }
        try await server.run { server in
            let log = try RekorV1(url: server.address, publicKey: key.publicKey)
            let error = await #expect(throws: SigningError.self) {
                _ = try await log.witness(bundle(.artifact, by: key))
            }
            guard case .untrue = error else {
                Issue.record("\(String(describing: error))")
                return
            }
        }
    }
}
