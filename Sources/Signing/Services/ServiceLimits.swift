/// The bounds on what the services of signing may answer: beyond one is an error, never memory or waiting.
public struct ServiceLimits: Hashable, Sendable {
    /// Bytes of an answer: a certificate chain, a timestamp, a log entry.
    public var answerSize = 1 << 20
    /// Bytes of the header of an answer.
    public var headerSize = 32 << 10
    /// Bytes of one file of 256 log entries; each may have 64 KiB.
    public var entryBundleSize = 256 * (2 + 65_535)
    /// Certificates in the chain that an authority answers with.
    public var certificates = 10
    /// Entries that a log may answer with where one is asked for.
    public var entries = 16
    /// Bytes of a service's own words that are shown in an error.
    public var reasonSize = 300
    /// How often a log is asked for a checkpoint that covers an entry which it says it has.
    public var checkpointAttempts = 10

    /// The default bounds.
    public init() {}
}
