import Glibc

/// Why a file cannot be read or written.
enum FileFailure: Error {
    case tooLarge
    /// The end of a sentence: "cannot be read: No such file or directory".
    case system(String)
}

/// Whole files, read within a limit and replaced all at once.
enum DiskFile {
    /// - Returns: nil if there is no such file.
    static func read(_ path: String, limit: Int) throws(FileFailure) -> [UInt8]? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw failure("read")
        }
        defer { close(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = Glibc.read(file, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw failure("read") }
            guard count > 0 else { return bytes }
            guard bytes.count + count <= limit else { throw .tooLarge }
            bytes += buffer[..<count]
        }
    }

    /// Whoever reads finds the old content or the new, never a part, also after a crash.
    static func replace(_ path: String, _ bytes: [UInt8]) throws(FileFailure) {
        let temporary = "\(path).\(getpid()).tmp"
        unlink(temporary)
        let file = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard file >= 0 else { throw failure("written") }
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            written += count
        }
        var problem: FileFailure?
        if written < bytes.count || fsync(file) != 0 { problem = failure("written") }
        close(file)
        if problem == nil, rename(temporary, path) != 0 { problem = failure("written") }
        if let problem {
            unlink(temporary)
            throw problem
        }
    }

    static func remove(_ path: String) throws(FileFailure) {
        guard unlink(path) == 0 || errno == ENOENT else { throw failure("removed") }
    }

    private static func failure(_ verb: String) -> FileFailure {
        .system("cannot be \(verb): \(String(cString: strerror(errno)))")
    }
}
