public import Sigstore

/// Signs as a workload: with a key that lives only here, and a certificate by which an authority says whose it is.
///
/// One certificate serves all signatures until shortly before its end; then there are a new key, a fresh token and a new
/// certificate. However many tasks wait for one, it is asked for once.
public actor KeylessSigner: Signer {
    public struct Settings: Sendable {
        /// For whom the identity tokens must be.
        public var audience = "sigstore"
        /// How many seconds before its end a certificate is not used any more: the timestamps of its signatures must
        /// fall into its validity.
        public var margin = 60
        /// The bounds on statements.
        public var limits = Limits()
        public var identityLimits = IdentityLimits()

        public init() {}
    }

    /// Whether a certificate, its authority and its log are trusted at that time.
    public typealias Check = @Sendable (IssuedCertificate, UTCTime) throws(SigningError) -> Void

    private struct Credential {
        let key: FileKey
        let certificate: IssuedCertificate
        let identity: String
    }

    /// A request for a certificate, and how many wait for it.
    private struct Renewal {
        let number: Int
        let task: Task<Result<Credential, SigningError>, Never>
        var waiting = 0
    }

    private let authority: any CertificateAuthorityClient
    private let tokens: any TokenSource
    private let settings: Settings
    private let check: Check
    private let now: @Sendable () -> UTCTime
    private var current: Credential?
    private var renewal: Renewal?
    private var renewals = 0

    /// - Parameters:
    ///   - check: called with every certificate before it is used; it throws `untrue` for one that verifiers would not
    ///     accept.
    ///   - now: the time; nil for that of the system.
    public init(
        authority: any CertificateAuthorityClient, tokens: any TokenSource, settings: Settings = Settings(),
        now: (@Sendable () -> UTCTime)? = nil, check: @escaping Check
    ) {
        self.authority = authority
        self.tokens = tokens
        self.settings = settings
        self.now = now ?? ServiceClock.systemTime
        self.check = check
    }

    public var identity: String {
        current?.identity ?? "whom the token of \(tokens.name) is about, as certified by \(authority.url)"
    }

    public nonisolated func sign(statement: [UInt8]) async throws(SigningError) -> SigstoreBundle {
        let credential = try await credential()
        return try await .signed(
            statement: statement, as: .certificate(credential.certificate.leaf), by: credential.key,
            limits: settings.limits)
    }

    public nonisolated func sign(artifact: [UInt8]) async throws(SigningError) -> SigstoreBundle {
        let credential = try await credential()
        return try await .signed(
            artifact: artifact, as: .certificate(credential.certificate.leaf), by: credential.key)
    }

    // MARK: One certificate for all

    private func credential() async throws(SigningError) -> Credential {
        if let current, holds(current.certificate) { return current }
        if renewal == nil {
            renewals += 1
            let number = renewals
            renewal = Renewal(number: number, task: Task { await renew(number) })
        }
        guard let joined = renewal else { throw .cancelled }
        renewal?.waiting += 1
        let result = await withTaskCancellationHandler {
            await joined.task.value
        } onCancel: {
            Task { await leave(joined.number) }
        }
        if Task.isCancelled { throw .cancelled }
        return try result.get()
    }

    /// A request that nobody waits for any more is given up.
    private func leave(_ number: Int) {
        guard renewal?.number == number else { return }
        renewal?.waiting -= 1
        guard let left = renewal, left.waiting <= 0 else { return }
        left.task.cancel()
        renewal = nil
    }

    private func renew(_ number: Int) async -> Result<Credential, SigningError> {
        // Another one may have begun after this was given up.
        defer { if renewal?.number == number { renewal = nil } }
        do throws(SigningError) {
            let fresh = try await request()
            if renewal?.number == number { current = fresh }
            return .success(fresh)
        } catch {
            return .failure(error)
        }
    }

    private func request() async throws(SigningError) -> Credential {
        let token = try await tokens.identity(
            audience: settings.audience, now: now(), limits: settings.identityLimits)
        let key: FileKey
        do throws(SigstoreError) { key = FileKey(try .generate()) } catch { throw .sigstore(error) }
        let proof = try key.signature(over: Array(token.challenge.utf8))
        let certificate = try await authority.certificate(for: key.publicKey, token: token, proof: proof)
        guard holds(certificate) else {
            throw .untrue(
                operation: "give a certificate", url: authority.url,
                reason:
                    "it is valid from \(certificate.notBefore) to \(certificate.notAfter), too short to sign with it"
                    + " at \(now()); are the clocks right?")
        }
        try check(certificate, now())
        return Credential(
            key: key, certificate: certificate,
            identity: TerminalText.escape("\(token.challenge) of \(token.issuer)"))
    }

    /// Whether what is signed now can still be witnessed within the certificate's validity.
    private func holds(_ certificate: IssuedCertificate) -> Bool {
        let now = now().seconds
        return now >= certificate.notBefore.seconds - settings.identityLimits.clockSkew
            && now < certificate.notAfter.seconds - settings.margin
    }
}
