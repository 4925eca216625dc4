internal import Glibc
internal import Sigstore

/// Small files that hold a secret.
enum SecretFile {
    enum Reading {
        case content(SecretBytes)
        case missing
        case unreadable(String)
    }

    /// Reads a file of at most `limit` bytes without leaving copies behind. A pipe or a device is no such file: nobody
    /// waits for what it might give.
    static func read(_ path: String, limit: Int) -> Reading {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            return errno == ENOENT || errno == ENOTDIR ? .missing : .unreadable(String(cString: strerror(errno)))
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            return .unreadable("it is no regular file")
        }
        // One byte more than allowed, to notice what is too large or grows.
        var bytes = [UInt8](repeating: 0, count: limit + 1)
        var count = 0
        while count < bytes.count {
            let more = bytes.withUnsafeMutableBytes { space in
                Glibc.read(descriptor, space.baseAddress.map { $0 + count }, space.count - count)
            }
            if more < 0, errno == EINTR { continue }
            guard more >= 0 else { return .unreadable(String(cString: strerror(errno))) }
            if more == 0 { break }
            count += more
        }
        let whole = SecretBytes(wiping: &bytes)
        guard count <= limit else { return .unreadable("it has more than \(limit) bytes") }
        guard count > 0 else { return .unreadable("it is empty") }
        return .content(whole.withUnsafeBytes { SecretBytes($0.prefix(count)) })
    }
}
