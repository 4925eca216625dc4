import Testing

@testable import Sigstore

/// Entries of a log of our own: all that a trusted log may have written down, and what it says of itself.
@Suite struct LogEntryTests {
    private let signer: SigningKey
    private let log: OneLeafLog
    private static let kinds = OneLeafLog.Kind.allCases

    init() throws {
        signer = try SigningKey.generate()
        log = try OneLeafLog()
    }

    private func envelope(_ statement: [UInt8]? = nil) throws -> Envelope {
        var envelope = Envelope(
            payload: try statement ?? VerificationTests.statement(), payloadType: Envelope.inTotoPayloadType,
            signatures: [])
        envelope.signatures = [.init(bytes: try signer.sign(envelope.signedBytes))]
        return envelope
    }

    private func verify(_ entry: LogEntry, _ envelope: Envelope, root: TrustedRoot? = nil) throws {
        let bundle = SigstoreBundle(
            signer: .publicKey(hint: ""), content: .envelope(envelope), logEntries: [entry])
        _ = try Verifier(root: try root ?? log.root()).verify(
            bundle, artifact: ArtifactIdentity(bytes: VerificationTests.artifact),
            policy: .key(signer.publicKey, expecting: .statementOfAnyType))
    }

    /// The stage that refuses an entry with a changed body, or nil.
    private func stage(_ kind: OneLeafLog.Kind, origin: String? = nil, root: TrustedRoot? = nil) throws
        -> Rejection.Stage?
    {
        let envelope = try envelope()
        let body = try OneLeafLog.body(of: envelope, signer: signer.publicKey, kind: kind)
        return VerificationTests.rejection {
            try verify(log.entry(body.bytes, kind: kind, origin: origin), envelope, root: root)
        }?.stage
    }

    @Test(arguments: kinds) func everyKindOfEntryIsTaken(_ kind: OneLeafLog.Kind) throws {
        #expect(try stage(kind) == nil)
        // Only the first Rekor numbers its trees.
        let numbered: Rejection.Stage? = kind == .hashedRekordV2 ? .checkpoint : nil
        #expect(try stage(kind, origin: "log.test - 1193050959916656506") == numbered)
    }

    @Test(
        arguments: kinds,
        [
            "other.test", "log.test - ", "log.test - 1a", "log.test -1", "log.test.other", "log.tes", "LOG.TEST",
        ])
    func anotherOriginIsRefused(_ kind: OneLeafLog.Kind, _ origin: String) throws {
        #expect(try stage(kind, origin: origin) == .checkpoint)
    }

    @Test(arguments: kinds) func aLogThatIsTrustedNoMoreNeedsATime(_ kind: OneLeafLog.Kind) throws {
        let ended = try log.root(validFor: #"{"start":"2020-01-01T00:00:00Z","end":"2021-01-01T00:00:00Z"}"#)
        #expect(try stage(kind, root: ended) == .transparencyLog)
    }

    @Test(arguments: kinds) func theBodyIsAboutThisSignature(_ kind: OneLeafLog.Kind) throws {
        let envelope = try envelope()
        let other = try SigningKey.generate().publicKey
        let otherSignature = Envelope(
            payload: envelope.payload, payloadType: envelope.payloadType,
            signatures: [.init(bytes: try signer.sign(envelope.signedBytes))])
        let otherPayload = Envelope(
            payload: envelope.payload + [0x20], payloadType: envelope.payloadType, signatures: envelope.signatures)
        for body in [
            try OneLeafLog.body(of: envelope, signer: other, kind: kind),
            try OneLeafLog.body(of: otherSignature, signer: signer.publicKey, kind: kind),
            try OneLeafLog.body(of: otherPayload, signer: signer.publicKey, kind: kind),
        ] {
            let stage = VerificationTests.rejection {
                try verify(log.entry(body.bytes, kind: kind), envelope)
            }?.stage
            #expect(stage == .logBody)
        }
        // What the bundle says of the body's kind is compared with the body.
        let body = try OneLeafLog.body(of: envelope, signer: signer.publicKey, kind: kind).bytes
        for otherKind in Self.kinds where otherKind != kind {
            let stage = VerificationTests.rejection { try verify(log.entry(body, kind: otherKind), envelope) }?
                .stage
            #expect(stage == .logBody)
        }
    }

    @Test(arguments: [
        "", "[]", "{}", #"{"apiVersion":"0.0.1","kind":"dsse"}"#,
        #"{"apiVersion":"0.0.1","kind":"dsse","spec":{"signatures":[]}}"#,
        #"{"apiVersion":"0.0.1","kind":"dsse","spec":{"signatures":[{},{}]}}"#,
        #"{"apiVersion":"0.0.1","kind":"dsse","spec":{"signatures":[{"signature":"","verifier":""}]}}"#,
        #"{"apiVersion":"0.0.1","kind":"dsse","kind":"dsse"}"#,
    ])
    func aBodyOfAnotherFormIsRefused(_ body: String) throws {
        #expect(throws: SigstoreError.self) { try verify(log.entry(Array(body.utf8), kind: .dsse), envelope()) }
    }

    @Test func aPromiseBelongsToItsLogAndTime() throws {
        let envelope = try envelope()
        let body = try OneLeafLog.body(of: envelope, signer: signer.publicKey, kind: .dsse).bytes
        func stage(at time: Int, _ change: (inout LogEntry) throws -> Void = { _ in }) throws -> Rejection.Stage? {
            var entry = try log.entry(body, kind: .dsse)
            try log.promise(&entry, at: time)
            try change(&entry)
            let root = try log.root(validFor: #"{"start":"2020-01-01T00:00:00Z","end":"2021-01-01T00:00:00Z"}"#)
            return VerificationTests.rejection { [entry] in try verify(entry, envelope, root: root) }?.stage
        }
        // Both ends of the window belong to it.
        let (start, end) = (1_577_836_800, 1_609_459_200)
        #expect(try stage(at: start) == nil)
        #expect(try stage(at: end) == nil)
        #expect(try stage(at: start - 1) == .transparencyLog)
        #expect(try stage(at: end + 1) == .transparencyLog)
        #expect(try stage(at: start) { $0.integratedTime += 1 } == .logPromise)
        #expect(try stage(at: start) { $0.logIndex += 1 } == .logPromise)
        #expect(try stage(at: 0) == .logPromise)
        // A promise is enough for a bundle of version 0.1 only, and the proof is checked where there is one.
        #expect(try stage(at: start) { $0.inclusionProof?.treeSize = 2 } == .inclusionProof)
    }

    @Test func aLogOfTheSecondKindPromisesNothing() throws {
        let envelope = try envelope()
        let body = try OneLeafLog.body(of: envelope, signer: signer.publicKey, kind: .hashedRekordV2).bytes
        func stage(_ change: (inout LogEntry) throws -> Void) throws -> Rejection.Stage? {
            var entry = try log.entry(body, kind: .hashedRekordV2)
            try change(&entry)
            return VerificationTests.rejection { [entry] in try verify(entry, envelope) }?.stage
        }
        #expect(try stage { _ in } == nil)
        #expect(try stage { try log.promise(&$0, at: 1_600_000_000) } == .logPromise)
        #expect(try stage { $0.integratedTime = 1_600_000_000 } == .logPromise)
    }

    @Test(arguments: [#""_type":"https://in-toto.io/Statement/v2","#, #""_type":1,"#, #""_type":null,"#, ""])
    func aStatementOfUnknownTypeIsRefusedUnderTheBestOfSignatures(_ type: String) throws {
        let good = String(decoding: try VerificationTests.statement(), as: UTF8.self)
        let statement = good.replacing(#""_type":"https://in-toto.io/Statement/v1","#, with: type)
        try #require(statement != good)
        let envelope = try envelope(Array(statement.utf8))
        let body = try OneLeafLog.body(of: envelope, signer: signer.publicKey, kind: .hashedRekordV2).bytes
        let error = try #require(KeyTests.error { try verify(log.entry(body, kind: .hashedRekordV2), envelope) })
        guard case .malformed("statement", "_type", _) = error else {
            Issue.record("refused by \(error)")
            return
        }
    }
}
