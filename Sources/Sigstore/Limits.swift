/// The bounds on everything that comes from outside; above them input is refused, never truncated.
public struct Limits: Hashable, Sendable {
    /// Bytes of a bundle or envelope, or of a file of several, as JSON text.
    public var documentSize = 32 << 20
    /// Bundles and envelopes in one file.
    public var documents = 1024
    /// Bytes of a key file.
    public var keySize = 64 << 10
    /// How deep arrays and objects may nest in JSON.
    public var jsonDepth = 64
    /// How many values (members and elements, at every depth) a JSON text may hold.
    public var jsonValues = 1_000_000
    /// Bytes of one number in JSON.
    public var jsonNumberLength = 64
    /// Transparency log entries in a bundle.
    public var logEntries = 32
    /// Hashes in an inclusion proof: a tree of 2^63 leaves needs no more.
    public var inclusionHashes = 63
    /// Bytes of a log's checkpoint.
    public var checkpointSize = 64 << 10
    /// Signatures under a checkpoint.
    public var checkpointSignatures = 64
    /// RFC 3161 timestamps in a bundle.
    public var timestamps = 32
    /// Certificates in a bundle's chain.
    public var certificates = 10
    /// Certificate log timestamps (SCTs) in a certificate.
    public var certificateTimestamps = 32
    /// Certificates that a verifier keeps the proofs of, for the next bundle.
    public var cachedCertificates = 1024
    /// Bytes of one certificate.
    public var certificateSize = 64 << 10
    /// Bytes of one name in a signer's certificate, or of what one of its extensions says.
    public var certificateText = 4096
    /// Bytes of a regular expression.
    public var expressionSize = 4096
    /// Groups within groups of a regular expression.
    public var expressionDepth = 64
    /// The greatest number in the braces of a regular expression.
    public var expressionRepetitions = 1000
    /// Instructions that a regular expression becomes; what repeats becomes as many copies. Times the bytes of a text,
    /// it is how long a search can take.
    public var expressionInstructions = 4096
    /// Authorities or logs of one kind in a trusted root.
    public var trustedInstances = 256
    /// Signatures in an envelope. Verifying asks for exactly one; this bounds what is parsed.
    public var signatures = 32
    /// Subjects of a statement.
    ///
    /// Other verifiers refuse more than 1024, so a statement that strangers shall verify should not have more. Who
    /// puts a bigger archive under one statement raises this number on both sides, or splits the subjects.
    public var subjects = 1024
    /// Digests of one subject.
    public var digestsPerSubject = 32

    /// The default bounds.
    public init() {}
}
