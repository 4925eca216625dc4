import AssayModel
import Foundation

/// A descriptor that is closed when it goes out of use.
struct FolderHandle: ~Copyable {
    let descriptor: Int32

    deinit { close(descriptor) }

    /// Opens `path` itself: a link there is an error (ELOOP), not a way.
    init(at folder: Int32, _ path: String, _ flags: Int32) throws(Errno) {
        let opened = openat(folder, path, flags | O_NOFOLLOW | O_CLOEXEC)
        guard opened >= 0 else { throw Errno.last }
        descriptor = opened
    }

    /// The folder of a store itself, which may be reached by links.
    init(root path: String) throws(Errno) {
        let opened = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard opened >= 0 else { throw Errno.last }
        descriptor = opened
    }

    /// The folder at the end of `components`, each entered without following links.
    static func folder(
        at root: Int32, _ components: some Collection<Substring>
    ) throws(Errno) -> FolderHandle {
        var handle = try FolderHandle(at: root, ".", O_RDONLY | O_DIRECTORY)
        for component in components {
            handle = try FolderHandle(at: handle.descriptor, String(component), O_RDONLY | O_DIRECTORY)
        }
        return handle
    }

    func status() throws(Errno) -> stat {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw Errno.last }
        return status
    }
}

/// The number of a failed system call.
struct Errno: Error {
    let number: Int32

    static var last: Errno { Errno(number: errno) }

    var text: String { String(cString: strerror(number)) }

    /// What the failure means for a request about `key`.
    func storageError(about key: ObjectKey) -> ObjectStorageError {
        switch number {
        case ENOENT, ENOTDIR, ENAMETOOLONG, EISDIR: .notFound(key)
        case ELOOP: .denied("'\(key)' leads through a symbolic link, and those are not followed.")
        case EACCES, EPERM: .denied("'\(key)' may not be read or written by this user (\(text)).")
        case EROFS: .denied("'\(key)' lies on a file system that is mounted read-only.")
        case EINTR, EAGAIN: .transient("\(text) ('\(key)')", retryAfter: nil)
        default: .unavailable("\(text) ('\(key)')")
        }
    }
}

extension StoredObject {
    /// What a file's status says of the object under `key`.
    init(key: ObjectKey, status: stat) {
        let time = status.st_mtim
        // A file rewritten in place keeps its inode, one replaced may keep its times; hardly both, and the size.
        let etag = "\(status.st_size)-\(time.tv_sec).\(time.tv_nsec)-\(status.st_ino)"
        self.init(
            key: key, version: ObjectVersion(etag: etag), size: Int(status.st_size),
            modified: Timestamp(seconds: time.tv_sec))
    }
}

extension stat {
    var isRegularFile: Bool { st_mode & S_IFMT == S_IFREG }
}
