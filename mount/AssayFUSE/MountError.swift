/// Why a tree could not be mounted, or a mount not be taken away.
public enum MountError: Error, Hashable, Sendable {
    /// There is no `/dev/fuse`.
    case deviceMissing
    /// There is no `fusermount3`, which everyone but root needs.
    case helperMissing
    case mountPointMissing(String)
    case mountPointNotADirectory(String)
    /// An Assay mount is there already, and alive.
    case alreadyMounted(String)
    /// A mount is there whose server has died.
    case deadMount(String)
    /// `allow_other` was asked for, and /etc/fuse.conf does not permit it.
    case allowOtherForbidden
    /// An option has a value that cannot be passed on.
    case invalidOption(name: String, value: String)
    /// The mount point could not be looked at.
    case unreachable(String, reason: String)
    /// The kernel or its helper refused.
    case refused(String, reason: String)
    /// There is no Assay mount at the path.
    case notMounted(String)
    /// Programs use the mount; `by` names some of them where they could be seen.
    case busy(String, by: [String])
    case unmountFailed(String, reason: String)
}

extension MountError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .deviceMissing:
            "This system has no /dev/fuse: load the kernel module with `modprobe fuse`, or give the container the device."
        case .helperMissing:
            "fusermount3 was not found, and only root can mount without it: install the package fuse3."
        case .mountPointMissing(let path):
            "The mount point \(path) does not exist: create the directory first."
        case .mountPointNotADirectory(let path):
            "The mount point \(path) is not a directory: name one that is."
        case .alreadyMounted(let path):
            "Something of Assay is mounted at \(path) already: run `assay umount \(path)` first, or use another directory."
        case .deadMount(let path):
            "At \(path) lies a mount whose server has died: run `assay umount \(path)`, then mount again."
        case .allowOtherForbidden:
            "Other users may not be let in (allow_other): put a line `user_allow_other` into /etc/fuse.conf, or mount as root."
        case .invalidOption(let name, let value):
            "The mount option \(name) cannot be \"\(value)\": use letters, digits, and . _ - : / only."
        case .unreachable(let path, let reason):
            "The mount point \(path) could not be looked at (\(reason)): check the path and its permissions."
        case .refused(let path, let reason):
            "Mounting at \(path) was refused (\(reason)): check that you may write to the directory and use FUSE here."
        case .notMounted(let path):
            "Nothing of Assay is mounted at \(path): `assay umount` without a path lists what is."
        case .busy(let path, let programs):
            "The mount at \(path) is in use\(programs.isEmpty ? "" : " by " + programs.joined(separator: ", ")): "
                + "end what uses it, or unmount lazily."
        case .unmountFailed(let path, let reason):
            "The mount at \(path) could not be taken away (\(reason)): try again as the user who mounted it, or as root."
        }
    }
}
