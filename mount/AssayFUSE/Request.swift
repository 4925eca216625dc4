import ArtifactView
import AssayModel
internal import CFUSE
internal import Glibc

/// A question of the kernel's that awaits its one answer, which may be given on any thread.
///
/// What the reply functions return is not looked at: they fail when the asker is gone, and then nobody cares.
struct Request: @unchecked Sendable {
    let handle: fuse_req_t

    func fail(_ error: ErrorNumber) { fuse_reply_err(handle, error.code) }

    func succeed() { fuse_reply_err(handle, 0) }

    func reply(_ block: ByteBlock, count: Int) {
        block.withUnsafeBytes { bytes in
            _ = fuse_reply_buf(handle, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), min(count, bytes.count))
        }
    }

    func reply(_ bytes: some Sequence<UInt8>) {
        let copy = Array(bytes)
        copy.withUnsafeBytes { bytes in
            _ = fuse_reply_buf(handle, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), bytes.count)
        }
    }

    /// Answers a call whose buffer may have been offered with size 0, to learn how large it must be (getxattr(2)).
    func reply(_ bytes: [UInt8], room: Int) {
        if room == 0 {
            fuse_reply_xattr(handle, bytes.count)
        } else if bytes.count > room {
            fail(ErrorNumber(code: ERANGE))
        } else {
            reply(bytes)
        }
    }

    /// The thread that asked; 0 if it lives where this process cannot see it.
    var thread: pid_t { fuse_req_ctx(handle)?.pointee.pid ?? 0 }
}

/// How a tree's nodes look to `stat`.
struct Attributes {
    let options: MountOptions

    func status(of node: Node) -> stat {
        var status = stat()
        status.st_ino = ino_t(node.id.rawValue)
        status.st_mode =
            switch node.kind {
            case .directory: S_IFDIR | 0o555
            case .file: S_IFREG | 0o444
            case .symbolicLink: S_IFLNK | 0o777
            }
        status.st_nlink = node.kind == .directory ? 2 : 1
        status.st_uid = options.userID
        status.st_gid = options.groupID
        status.st_size = node.size
        status.st_blocks = node.size / 512 + (node.size % 512 == 0 ? 0 : 1)
        status.st_blksize = 128 << 10
        let time = timespec(tv_sec: node.modified.seconds, tv_nsec: 0)
        (status.st_mtim, status.st_atim, status.st_ctim) = (time, time, time)
        return status
    }

    /// For how many seconds the kernel may keep what `stat` said. A file or link never changes under its number; a
    /// directory may come to hold more.
    func timeout(of node: Node) -> Double {
        node.kind == .directory ? options.metadataSeconds : MountOptions.contentTimeout
    }

    /// What a name leads to. Names are kept for a short time: the same name may lead to another node tomorrow.
    func entry(for node: Node) -> fuse_entry_param {
        var entry = fuse_entry_param()
        entry.ino = node.id.rawValue
        entry.attr = status(of: node)
        entry.attr_timeout = timeout(of: node)
        entry.entry_timeout = options.metadataSeconds
        return entry
    }

    /// That a name leads nowhere, which the kernel may remember for as long.
    var absence: fuse_entry_param {
        var entry = fuse_entry_param()
        entry.entry_timeout = options.metadataSeconds
        return entry
    }
}
