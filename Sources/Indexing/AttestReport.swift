public import AssayModel

/// Something that happened while artifacts were attested.
public enum AttestEvent: Sendable {
    /// So many artifacts were attested so far.
    case attested(artifacts: Int)
    /// An artifact could not be attested; the next run tries again.
    case failed(SHA256Digest, reason: String)
    /// An artifact's signature was not logged; the next run has the same signature logged.
    case pending(SHA256Digest, reason: String)
}

/// What attesting came to.
public struct AttestReport: Hashable, Sendable {
    /// How many artifacts were attested.
    public var artifacts = 0
    /// By how many statements.
    public var statements = 0
    /// How many artifacts could not be attested.
    public var failed = 0
    /// How many artifacts have a signature that still waits for its log.
    public var pending = 0

    public init() {}
}
