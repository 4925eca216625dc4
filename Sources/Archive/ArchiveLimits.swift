/// Every bound that reading an archive sets to what the archive claims.
///
/// An archive comes from outside and may say anything; whatever it says, memory and work stay within these numbers.
public struct ArchiveLimits: Hashable, Sendable {
    /// The largest central directory, in bytes. It is held in memory while the archive is read.
    public var directorySize = 512 << 20

    /// The most entries an archive may list, good and refused together; each costs 16 bytes beside the directory.
    public var entryCount = 16 << 20

    /// The longest path, in bytes of UTF-8: Linux's `PATH_MAX`.
    public var pathLength = 4096

    /// The longest component of a path, in bytes of UTF-8: Linux's `NAME_MAX`.
    public var componentLength = 255
    /// The most components of a path: each is a directory somewhere.
    public var pathDepth = 255

    /// The longest target of a symbolic link, in bytes.
    public var linkTargetLength = 4096

    /// The largest entry, in bytes once expanded.
    public var entrySize = 64 << 30

    /// The largest sum of all entries that are accepted, in bytes once expanded.
    public var totalSize = 256 << 30

    /// How many times its compressed size an entry may expand to. Deflate cannot exceed 1,032, so that this catches what
    /// lies about a deflated size and what the other methods, without such a bound, may hide.
    public var expansionRatio = 2_000

    /// Entries up to this size, in bytes, may expand by any ratio: a small file of zeros is no attack.
    public var ratioFloor = 1 << 20

    /// The most memory, in bytes, that a decoder may take for its window: xz -9 needs 65 MiB, zstd --ultra 128 MiB.
    public var decoderMemory = 128 << 20

    /// The default limits.
    public init() {}
}
