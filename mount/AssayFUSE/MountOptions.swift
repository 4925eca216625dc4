internal import Glibc

/// How a tree is mounted. The defaults suit one user reading an object store.
public struct MountOptions: Sendable {
    /// Whether users other than the one who mounts may read; needs root or `user_allow_other` in /etc/fuse.conf.
    public var allowOther = false
    /// What `/proc/mounts` shows as the source: letters, digits, and `. _ - : /`.
    public var fsName = "assay"
    /// Who owns every file and directory; the caller unless set.
    public var userID: UInt32 = getuid()
    public var groupID: UInt32 = getgid()
    /// How long the kernel keeps names, also those not found, without asking again: a new artifact shows up after at
    /// most this long. Contents are kept for longer, since they never change.
    public var metadataTimeout: Duration = .seconds(1)
    /// How far the kernel reads ahead of a sequential reader, in KiB. More than 128 takes effect only where the process
    /// may write to /sys, as root may; nil leaves the kernel's own value.
    public var readAheadKiB: Int? = 1024

    public init() {}

    /// The largest read that the kernel sends, in bytes: what it can hold in one request.
    static let largestRead = 1 << 20
    /// Reads ahead that may wait at once; the kernel's 12 are too few for a store that answers in tens of milliseconds.
    static let backgroundRequests: UInt32 = 64
    /// How long the kernel may keep what never changes, in seconds.
    static let contentTimeout = 86_400.0
    /// What a file system of ours is called in `/proc/mounts`.
    static let subtype = "assay"

    var metadataSeconds: Double { max(0, metadataTimeout / .seconds(1)) }

    /// The options as mount(8) writes them.
    func text() throws(MountError) -> String {
        // libfuse splits options at commas and takes backslashes as escapes: neither may come in through a name.
        let harmless = fsName.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "-")...UInt8(ascii: ":"), UInt8(ascii: "_"):
                true
            default: false
            }
        }
        guard harmless, !fsName.isEmpty else { throw .invalidOption(name: "fsname", value: fsName) }
        var options = ["ro", "nosuid", "nodev", "default_permissions"]
        options.append("max_read=\(Self.largestRead)")
        options.append("fsname=\(fsName)")
        options.append("subtype=\(Self.subtype)")
        if allowOther { options.append("allow_other") }
        return options.joined(separator: ",")
    }
}
