/// The bounds on what a mirror may send and on how far metadata may lead; whatever goes beyond one is an error.
public struct UpdateLimits: Hashable, Sendable {
    /// How many new versions of the root one refresh follows.
    public var rootRotations = 256
    /// Bytes of a version of the root.
    public var rootSize = 512 << 10
    /// Bytes of the timestamp.
    public var timestampSize = 16 << 10
    /// Bytes of the snapshot where the timestamp does not tell its length.
    public var snapshotSize = 2 << 20
    /// Bytes of targets metadata, delegated or not, where the snapshot does not tell its length.
    public var targetsSize = 5 << 20
    /// How many roles below the top-level targets one search visits.
    public var delegations = 32
    /// Roles that one role delegates to.
    public var delegatedRoles = 4096
    /// Patterns or hash prefixes of one delegation.
    public var delegatedPaths = 4096
    /// Keys of one root or of one role's delegations.
    public var keys = 1024
    /// Signatures under one file of metadata.
    public var signatures = 256
    /// Bytes of a target file.
    public var targetSize = 64 << 20
    /// Bytes of a delegated role's name as it stands in the name of its file, so that a folder can hold that.
    public var roleName = 200
    /// Bytes of one key.
    public var keySize = 64 << 10
    /// The most seconds until a connection to a mirror stands.
    public var connectSeconds = 10
    /// How many seconds without a byte end a transfer.
    public var stallSeconds = 30
    /// The most seconds that one file may take: a mirror that sends a byte at a time never stalls.
    public var transferSeconds = 300

    /// The default limits.
    public init() {}
}
