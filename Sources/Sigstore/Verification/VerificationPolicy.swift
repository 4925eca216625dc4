/// What a caller demands of a bundle. There is no verification without one, and every check that one leaves out is
/// spelled `insecure...` where the policy is made.
public struct VerificationPolicy: Sendable {
    /// What the caller wants the bundle to be. It is never left to the bundle.
    public enum Expectation: Hashable, Sendable {
        /// A statement about the artifact, of one of these predicate types.
        case statement(predicateTypes: [String])
        /// A statement about the artifact, whatever it says of it: only to show it, not to decide by it.
        case statementOfAnyType
        /// A signature over the artifact itself.
        case messageSignature

        /// A statement about the artifact, of this predicate type.
        public static func statement(predicateType: String) -> Expectation {
            .statement(predicateTypes: [predicateType])
        }
    }

    /// A check that a policy may leave out.
    public enum Check: String, CaseIterable, Sendable {
        case transparencyLog = "transparency log"
        case certificateLog = "certificate log"
        case time = "time of signing"
        case identity = "identity of the signer"
    }

    enum Signer: Sendable {
        case key(PublicKey)
        /// A certificate for any of these.
        case certificate([CertificateIdentity])
    }

    let signer: Signer
    let expectation: Expectation
    /// What is not checked.
    public private(set) var ignored: Set<Check> = []
    private(set) var earliest: UTCTime?

    /// The bundle was signed with a certificate for one of `identities`, which a trusted authority issued and a
    /// certificate log promised to show; a transparency log recorded the signature; and somebody trusted vouches for
    /// its time, at which the certificate was valid.
    ///
    /// - Parameter identities: none of them means that nobody's signature is accepted.
    public static func certificate(_ identities: [CertificateIdentity], expecting: Expectation) -> VerificationPolicy {
        VerificationPolicy(signer: .certificate(identities), expectation: expecting)
    }

    /// The bundle was signed by `key`, and a transparency log recorded it. Times are checked where there are some.
    public static func key(_ key: PublicKey, expecting: Expectation) -> VerificationPolicy {
        VerificationPolicy(signer: .key(key), expectation: expecting)
    }

    /// The bundle was signed with a certificate for **whomever**: this tells who signed, and never that the artifact
    /// is to be trusted.
    public static func insecureAnyIdentity(expecting: Expectation) -> VerificationPolicy {
        VerificationPolicy(signer: .certificate([]), expectation: expecting).ignoring(.identity)
    }

    /// The same policy, but log entries are **not looked at**: nobody could have noticed the signature, and the times
    /// that logs give do not count.
    public func insecureIgnoringTransparencyLog() -> VerificationPolicy { ignoring(.transparencyLog) }

    /// The same policy, but a certificate need **not** have been shown to a certificate log: an authority could have
    /// issued it in secret.
    public func insecureIgnoringCertificateLog() -> VerificationPolicy { ignoring(.certificateLog) }

    /// The same policy, but **nobody need vouch for the time**: timestamps are not looked at, and where no log gives a
    /// time the certificate is judged at its own beginning, so that a key stolen after its end would not be noticed.
    public func insecureIgnoringTime() -> VerificationPolicy { ignoring(.time) }

    /// The same policy, and somebody trusted must vouch that the bundle was not signed before `time`.
    public func signedNotBefore(_ time: UTCTime) -> VerificationPolicy {
        var policy = self
        policy.earliest = time
        return policy
    }

    private func ignoring(_ check: Check) -> VerificationPolicy {
        var policy = self
        policy.ignored.insert(check)
        return policy
    }

    private init(signer: Signer, expectation: Expectation) {
        self.signer = signer
        self.expectation = expectation
    }
}
