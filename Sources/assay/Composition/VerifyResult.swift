import AssayModel
import Sigstore
import TrustPolicy

/// What came of verifying one subject, as `assay verify --json` prints it (docs/OPERATIONS.md).
struct VerifyResult: Encodable, Sendable {
    enum Status: String, Encodable {
        case verified, rejected, missing, unreadable, skipped
    }

    struct Signer: Encodable {
        /// `key` or `certificate`.
        let kind: String
        /// The key's own name: the SHA-256 of its public half, in base64.
        var keyHint: String?
        var identity: String?
        var issuer: String?
        /// Who issued the certificate.
        var authority: String?
        /// What the certificate says of the build, by the names that `--certificate-extension` takes.
        var extensions: [String: String]?
    }

    struct SigningTime: Encodable {
        let time: String
        let source: String
    }

    struct LogRecord: Encodable {
        let log: String
        let index: Int
    }

    struct Refusal: Encodable {
        let bundle: String
        let reason: String
    }

    let kind = "subject"
    let subject: String
    private(set) var status: Status
    let sha256: String?
    let size: Int?
    var bundle: String?
    var signer: Signer?
    var predicateType: String?
    var subjectName: String?
    var signedAt: [SigningTime] = []
    var logRecords: [LogRecord] = []
    /// What was left out, in plain words.
    var notChecked: [String] = []
    var reason: String?
    var refusals: [Refusal] = []

    var isVerified: Bool { status == .verified }

    init(
        _ subject: String, _ status: Status, _ digest: SHA256Digest? = nil, size: Int? = nil, reason: String,
        refusals: [SubjectVerifier.Refusal] = []
    ) {
        self.subject = subject
        self.status = status
        self.size = size
        self.reason = reason
        self.refusals = refusals.map { Refusal(bundle: $0.bundle, reason: "\($0.reason)") }
        sha256 = digest?.hex
    }

    init(_ subject: String, _ digest: SHA256Digest?, size: Int?, _ acceptance: SubjectVerifier.Acceptance) {
        let verified = acceptance.verified
        self.subject = subject
        self.size = size
        status = .verified
        sha256 = digest?.hex
        bundle = acceptance.bundle
        switch verified.signer {
        case .key: signer = Signer(kind: "key", keyHint: acceptance.key?.hint)
        case .certificate(let certificate, let authority, _):
            let extensions = certificate.extensions.map { ($0.key.hyphenatedName, $0.value) }
            signer = Signer(
                kind: "certificate", identity: certificate.identity, issuer: certificate.identityIssuer,
                authority: authority, extensions: Dictionary(extensions) { first, _ in first })
        }
        predicateType = verified.statement?.predicateType
        subjectName = verified.subject?.name
        signedAt = verified.times.map { SigningTime(time: $0.time.description, source: $0.source) }
        logRecords = verified.logRecords.map { LogRecord(log: $0.log, index: $0.index) }
        notChecked = acceptance.notChecked
    }

    /// The same result, where files without a bundle are to be passed over.
    func skippingMissing() -> VerifyResult {
        guard status == .missing else { return self }
        var result = self
        result.status = .skipped
        return result
    }
}

/// How many subjects came to which end; the last line of `assay verify --json`.
struct VerifySummary: Encodable {
    let kind = "summary"
    private(set) var subjects = 0
    private(set) var verified = 0
    private(set) var rejected = 0
    private(set) var missing = 0
    private(set) var unreadable = 0
    private(set) var skipped = 0
    /// In bytes, what was read to compute digests.
    private(set) var size = 0
    var seconds = 0.0
    /// What was left out for any of the verified ones, in plain words.
    private(set) var notChecked: [String] = []

    mutating func add(_ result: VerifyResult) {
        subjects += 1
        size += result.size ?? 0
        switch result.status {
        case .verified: verified += 1
        case .rejected: rejected += 1
        case .missing: missing += 1
        case .unreadable: unreadable += 1
        case .skipped: skipped += 1
        }
        for clause in result.notChecked where !notChecked.contains(clause) { notChecked.append(clause) }
    }

    var failed: Int { rejected + missing + unreadable }
}
