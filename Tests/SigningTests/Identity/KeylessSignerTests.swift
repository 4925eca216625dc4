import Signing
import Sigstore
import Synchronization
import Testing

/// Certifies keys as an authority does, and counts.
private final class TestAuthority: CertificateAuthorityClient {
    let url = "https://fulcio.example.com"
    let now: @Sendable () -> UTCTime
    let lifetime: Int
    private let keys = Mutex<[PublicKey]>([])
    private let isOpen: Mutex<Bool>
    private let requests = Mutex(0)

    /// - Parameter isOpen: whether it answers; otherwise that waits for `open`.
    init(lifetime: Int = 600, isOpen: Bool = true, now: @escaping @Sendable () -> UTCTime) {
        self.lifetime = lifetime
        self.isOpen = Mutex(isOpen)
        self.now = now
    }

    func open() { isOpen.withLock { $0 = true } }

    /// Waits until it has been asked so often.
    func isAsked(_ count: Int) async throws {
        while requests.withLock({ $0 }) < count { try await Task.sleep(for: .milliseconds(1)) }
    }

    var issued: [PublicKey] { keys.withLock { $0 } }

    func certificate(
        for publicKey: PublicKey, token: IdentityToken, proof: [UInt8]
    ) async throws(SigningError) -> IssuedCertificate {
        guard publicKey.verifies(proof, of: Array(token.challenge.utf8)) else {
            throw .untrue(operation: "give a certificate", url: url, reason: "the proof of possession is wrong")
        }
        requests.withLock { $0 += 1 }
        while !isOpen.withLock({ $0 }) {
            do { try await Task.sleep(for: .milliseconds(1)) } catch { throw .cancelled }
        }
        let number = keys.withLock { keys in
            keys.append(publicKey)
            return keys.count
        }
        return IssuedCertificate(
            leaf: [UInt8(truncatingIfNeeded: number)], chain: [], notBefore: now(),
            notAfter: UTCTime(seconds: now().seconds + lifetime))
    }
}

/// A source whose tokens the test chooses.
private struct TestSource: TokenSource {
    let name = "the test"
    let give: @Sendable () -> String?

    func token() async -> SecretBytes? { give().map { SecretBytes($0.utf8) } }
}

/// A clock that stands until it is set.
private final class TestTime: Sendable {
    private let seconds = Mutex(TestToken.now.seconds)
    @Sendable func now() -> UTCTime { UTCTime(seconds: seconds.withLock { $0 }) }
    func pass(_ count: Int) { seconds.withLock { $0 += count } }
}

@Suite(.timeLimit(.minutes(2))) struct KeylessSignerTests {
    private let time = TestTime()
    private let statement = Array(
        #"{"_type":"https://in-toto.io/Statement/v1","subject":[{"name":"a","digest":{"sha256":"\#(String(repeating: "a", count: 64))"}}],"predicateType":"https://example.com/p","predicate":{}}"#
            .utf8)

    private func signer(
        _ authority: TestAuthority, _ source: TestSource = TestSource { TestToken.text() },
        check: @escaping KeylessSigner.Check = { (_, _) throws(SigningError) in }
    ) -> KeylessSigner {
        KeylessSigner(authority: authority, tokens: source, now: time.now, check: check)
    }

    /// The number of the bundle's certificate, by which it was signed as claimed.
    private func certificate(of bundle: SigstoreBundle, _ authority: TestAuthority) throws -> Int {
        guard case .certificate(let leaf) = bundle.signer, case .envelope(let envelope) = bundle.content else {
            throw SigningError.cancelled
        }
        let number = Int(try #require(leaf.first))
        #expect(authority.issued[number - 1].verifies(envelope.signatures[0].bytes, of: envelope.signedBytes))
        return number
    }

    @Test func aThousandSignaturesAtOnceShareOneCertificate() async throws {
        let authority = TestAuthority(isOpen: false, now: time.now)
        let signer = signer(authority)
        try await withThrowingTaskGroup(of: SigstoreBundle.self) { group in
            for _ in 0..<1000 { group.addTask { try await signer.sign(statement: statement) } }
            try await authority.isAsked(1)
            authority.open()
            for try await bundle in group { #expect(try certificate(of: bundle, authority) == 1) }
        }
        #expect(authority.issued.count == 1)
    }

    @Test func aNewKeyAndCertificateComeShortlyBeforeTheOldOnesEnd() async throws {
        let authority = TestAuthority(now: time.now)
        let signer = signer(authority, TestSource { TestToken.text(["exp": "1900000000"]) })
        #expect(try certificate(of: try await signer.sign(statement: statement), authority) == 1)
        time.pass(539)
        #expect(try certificate(of: try await signer.sign(statement: statement), authority) == 1)
        time.pass(1)
        #expect(try certificate(of: try await signer.sign(statement: statement), authority) == 2)
        #expect(authority.issued.count == 2 && authority.issued[0].der != authority.issued[1].der)
    }

    @Test func aFreshTokenIsAskedForWithEveryCertificate() async throws {
        let authority = TestAuthority(now: time.now)
        let signer = signer(authority, TestSource { [time] in TestToken.text(["exp": "\(time.now().seconds + 30)"]) })
        for number in 1...3 {
            #expect(try certificate(of: try await signer.sign(statement: statement), authority) == number)
            time.pass(600)
        }
    }

    @Test func aTokenThatEndsAndIsNotReplacedEndsTheRunWithWhatToDo() async throws {
        let authority = TestAuthority(now: time.now)
        let signer = signer(authority)
        _ = try await signer.sign(statement: statement)
        time.pass(700)
        do throws(SigningError) {
            _ = try await signer.sign(statement: statement)
            Issue.record("It signed.")
        } catch {
            guard case .token(let reason, let advice) = error else { throw error }
            #expect(reason.contains("expired at 2027-01-15T08:10:00Z") && reason.contains("the test"))
            #expect(advice.contains("outlasts") && !TestToken.leaks(error))
        }
        #expect(authority.issued.count == 1)
    }

    @Test func nothingIsAskedOfTheAuthorityWithoutAToken() async {
        let authority = TestAuthority(now: time.now)
        for text in [nil, "garbage", TestToken.text(["aud": #""other""#])] {
            await #expect(throws: SigningError.self) {
                try await signer(authority, TestSource { text }).sign(statement: statement)
            }
        }
        #expect(authority.issued.isEmpty)
    }

    @Test func aCertificateThatIsNotTrustedIsNotUsed() async {
        let authority = TestAuthority(now: time.now)
        let refusal = SigningError.untrue(operation: "give a certificate", url: authority.url, reason: "unknown root")
        await #expect(throws: refusal) {
            try await signer(authority, check: { (_, _) throws(SigningError) in throw refusal })
                .sign(statement: statement)
        }
    }

    @Test func aCertificateThatEndsTooSoonIsNotUsed() async {
        let authority = TestAuthority(lifetime: 60, now: time.now)
        let error = await #expect(throws: SigningError.self) {
            try await signer(authority).sign(statement: statement)
        }
        #expect("\(String(describing: error))".contains("clocks"))
        #expect(authority.issued.count == 1)
    }

    @Test func oneWhoGivesUpDoesNotHinderTheOthers() async throws {
        let authority = TestAuthority(isOpen: false, now: time.now)
        let signer = signer(authority)
        let impatient = Task { try await signer.sign(statement: statement) }
        let patient = Task { try await signer.sign(statement: statement) }
        try await authority.isAsked(1)
        impatient.cancel()
        authority.open()
        await #expect(throws: SigningError.cancelled) { try await impatient.value }
        #expect(try certificate(of: try await patient.value, authority) == 1)
    }

    @Test func aRequestThatNobodyWaitsForIsGivenUpAndTheNextBeginsAnew() async throws {
        let authority = TestAuthority(isOpen: false, now: time.now)
        let signer = signer(authority)
        let task = Task { try await signer.sign(statement: statement) }
        try await authority.isAsked(1)
        task.cancel()
        // It ends, although the authority does not answer.
        await #expect(throws: SigningError.cancelled) { try await task.value }
        #expect(authority.issued.isEmpty)
        authority.open()
        #expect(try certificate(of: try await signer.sign(statement: statement), authority) == 1)
    }

    @Test func saysWhoSignsOnceItIsKnown() async throws {
        let signer = signer(TestAuthority(now: time.now))
        #expect(await signer.identity.contains("the test"))
        _ = try await signer.sign(artifact: [1, 2, 3])
        #expect(await signer.identity == "project_path:acme/widget of https://gitlab.example.com")
        #expect(!TestToken.leaks(signer))
    }

    @Test func whatIsNoStatementIsNotSigned() async {
        let error = await #expect(throws: SigningError.self) {
            try await signer(TestAuthority(now: time.now)).sign(statement: Array("{}".utf8))
        }
        guard case .sigstore = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }
}
