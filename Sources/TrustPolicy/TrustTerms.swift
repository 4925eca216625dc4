public import Sigstore

/// What makes a signature good enough: whose it may be, what it has to say of the artifact, and which checks are left
/// out.
public struct TrustTerms: Sendable {
    /// Whose certificates are accepted.
    public var identities: [CertificateIdentity] = []
    /// Whose signatures are accepted without a certificate.
    public var keys: [PublicKey] = []
    /// Somebody trusted must vouch that the signature was not made before.
    public var earliest: UTCTime?
    /// The checks that are left out.
    public var ignored: Set<VerificationPolicy.Check> = []
    /// Whether the logs and timestamps of a key's bundle are held against the trusted root, too. Otherwise the key
    /// decides alone, as nobody may have been asked to keep a log.
    public var keysNeedLog = false
    let expectation: VerificationPolicy.Expectation

    /// Terms that nobody meets yet.
    ///
    /// - Parameter expecting: what the bundle has to be; it is never left to the bundle.
    public init(expecting expectation: VerificationPolicy.Expectation) { self.expectation = expectation }

    /// Why nothing could ever meet the terms, or why they contradict themselves; nil if they are sound.
    public var contradiction: String? {
        if identities.isEmpty, keys.isEmpty { return "nobody's signature is accepted" }
        guard earliest != nil else { return nil }
        if ignored.isSuperset(of: [.time, .transparencyLog]) {
            return "a minimum time is asked for, and nobody's word for the time is looked at"
        }
        if identities.isEmpty, !keysNeedLog {
            return "a minimum time is asked for, and no trusted root says whose word for the time counts"
        }
        return nil
    }

    /// What a bundle signed with a certificate has to satisfy.
    var certificatePolicy: VerificationPolicy {
        finished(.certificate(identities, expecting: expectation), ignoring: ignored)
    }

    /// What a bundle signed with a key has to satisfy.
    func policy(_ key: PublicKey) -> VerificationPolicy {
        finished(
            .key(key, expecting: expectation),
            ignoring: keysNeedLog ? ignored.subtracting([.certificateLog]) : [.transparencyLog, .time])
    }

    private func finished(
        _ policy: VerificationPolicy, ignoring: Set<VerificationPolicy.Check>
    ) -> VerificationPolicy {
        var policy = policy
        for check in ignoring {
            switch check {
            case .transparencyLog: policy = policy.insecureIgnoringTransparencyLog()
            case .certificateLog: policy = policy.insecureIgnoringCertificateLog()
            case .time: policy = policy.insecureIgnoringTime()
            // Terms name whom they accept; "anybody" is for showing bundles, not for deciding by them.
            case .identity: break
            }
        }
        return earliest.map { policy.signedNotBefore($0) } ?? policy
    }

    /// What the terms leave unsaid about every artifact that meets them.
    var unsaid: [String] {
        if case .statementOfAnyType = expectation {
            ["what the statement says: any predicate type is accepted"]
        } else {
            []
        }
    }
}

extension VerificationPolicy.Check {
    /// What is not known if the check is left out, in words that follow "not checked:".
    public var question: String {
        switch self {
        case .transparencyLog: "whether a transparency log recorded the signature"
        case .certificateLog: "whether a certificate log recorded the signer's certificate"
        case .time: "when it was signed"
        case .identity: "who signed it"
        }
    }
}
