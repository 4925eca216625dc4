/// Why something could not be parsed, loaded, signed or verified.
public enum SigstoreError: Error, Hashable, Sendable {
    /// The bytes are not the strict JSON that is read here; `offset` counts bytes from 0.
    case malformedJSON(problem: String, offset: Int)
    /// A part of a document is missing, of the wrong kind, or breaks a rule of its format. `field` is a path such as
    /// `verificationMaterial.tlogEntries[0].logIndex`, or empty for the document itself.
    case malformed(document: String, field: String, problem: String)
    /// One of several documents in a file is wrong: where it stands, such as `line 3`, and what is wrong with it.
    indirect case part(String, SigstoreError)
    /// Input goes beyond one of the `Limits`.
    case limitExceeded(what: String, limit: Int)
    /// A key cannot be used.
    case key(KeyProblem)
    /// A bundle was understood, and does not prove what was asked.
    case rejected(Rejection)
    /// libcrypto could not do its work; what it said.
    case cryptography(operation: String, reason: String)
}

/// What is wrong with a key file.
public enum KeyProblem: Hashable, Sendable {
    /// There is no PEM block of a key; what was there instead, if anything.
    case notAKey(found: String?)
    /// The block is there, its content is not a key.
    case damaged
    /// A public key where the private one is needed.
    case publicKeyOnly
    /// A private key where the public one is needed.
    case privateKeyGiven
    /// cosign's own encryption of private keys.
    case cosignEncrypted
    case passphraseNeeded
    case wrongPassphrase
    case emptyPassphrase
    /// Not the elliptic curve or algorithm that is needed here.
    case unsupported(found: String, expected: String)
    /// Private and public half do not belong together, or the numbers are out of range.
    case inconsistent
}

/// Where verification ended, what was expected there and what was found.
public struct Rejection: Hashable, Sendable {
    /// The steps of verification, in their order.
    public enum Stage: String, Hashable, Sendable {
        case signer = "the signer"
        case content = "the kind of content"
        case signatureCount = "the number of signatures"
        case payloadType = "the payload type"
        case timestamp = "a timestamp"
        case transparencyLog = "the transparency log"
        case logBody = "the log entry's content"
        case logPromise = "the log's promise (SET)"
        case inclusionProof = "the inclusion proof"
        case checkpoint = "the log's checkpoint"
        case time = "the time of signing"
        case certificate = "the signer's certificate"
        case certificateLog = "the certificate log (SCT)"
        case identity = "the signer's identity"
        case identityIssuer = "the issuer of the signer's identity"
        case certificateExtension = "an extension of the signer's certificate"
        case signature = "the signature"
        case predicateType = "the predicate type"
        case messageDigest = "the message digest"
        case subject = "the subject"
    }

    /// The step that ended verification.
    public let stage: Stage
    /// What it asked for, in words.
    public let expected: String
    /// What was there instead; text of the bundle, not escaped.
    public let found: String

    init(_ stage: Stage, expected: String, found: String) {
        self.stage = stage
        self.expected = expected
        self.found = found
    }
}

extension SigstoreError {
    /// `rejected`, shorter.
    package static func reject(_ stage: Rejection.Stage, expected: String, found: String) -> SigstoreError {
        .rejected(Rejection(stage, expected: expected, found: found))
    }
}

extension SigstoreError: CustomStringConvertible {
    /// One sentence or two for a person. It quotes hostile input only with control characters escaped.
    public var description: String {
        switch self {
        case .malformedJSON(let problem, let offset):
            "This is not valid JSON: \(problem) at byte \(offset)."
        case .malformed(let document, let field, let problem):
            field.isEmpty
                ? "The \(document) is malformed: it \(problem)."
                : "The \(document) is malformed: \(TerminalText.excerpt(field)) \(problem)."
        case .part(let place, let error):
            "\(TerminalText.excerpt(place)): \(error)"
        case .limitExceeded(let what, let limit):
            "There is more than the limit allows: \(what), at most \(limit)."
        case .key(let problem):
            problem.description
        case .rejected(let rejection):
            rejection.description
        case .cryptography(let operation, let reason):
            "libcrypto could not \(operation): \(reason)."
        }
    }
}

extension KeyProblem: CustomStringConvertible {
    public var description: String {
        switch self {
        case .notAKey(let found?):
            "The key file holds a PEM block \"\(TerminalText.excerpt(found))\" instead of a key; give one in PEM form."
        case .notAKey(nil):
            "The key file holds no PEM block; give a key in PEM form (-----BEGIN ...)."
        case .damaged:
            "The key file's content is damaged: it cannot be decoded as a key."
        case .publicKeyOnly:
            "The file holds a public key; to sign, give the private key."
        case .privateKeyGiven:
            "The file holds a private key; to verify, give the public key."
        case .cosignEncrypted:
            "The private key is encrypted in cosign's own format, which is not supported; use a PKCS#8 key: make one "
                + "with \"openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -aes-256-cbc\"; "
                + "\"cosign import-key-pair\" lets cosign sign with it, too."
        case .passphraseNeeded:
            "The private key is encrypted; give its passphrase."
        case .wrongPassphrase:
            "The passphrase does not decrypt the private key."
        case .emptyPassphrase:
            "The passphrase is empty; give one, or ask for a key that is not encrypted."
        case .unsupported(let found, let expected):
            "The key is of the kind \(TerminalText.excerpt(found)); needed is \(expected)."
        case .inconsistent:
            "The key is inconsistent: its private and public half do not belong together."
        }
    }
}

extension Rejection: CustomStringConvertible {
    public var description: String {
        "The bundle is rejected because of \(stage.rawValue): expected \(TerminalText.excerpt(expected)), "
            + "found \(TerminalText.excerpt(found))."
    }
}
