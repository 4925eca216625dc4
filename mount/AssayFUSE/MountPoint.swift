internal import Glibc

/// A directory to mount at, which may lie under a mount whose server has died.
struct MountPoint {
    /// Absolute, without symbolic links: as the mount table names it.
    let path: String

    /// - Throws: `MountError.mountPointMissing`, `.unreachable`.
    init(resolving given: String) throws(MountError) {
        if let whole = Self.realPath(given) {
            path = whole
            return
        }
        let error = ErrorNumber.last
        switch error.code {
        case ENOENT: throw .mountPointMissing(given)
        case ENOTDIR: throw .mountPointNotADirectory(given)
        // The last component is a dead mount: its parent can be resolved all the same.
        case ENOTCONN, EIO, ECONNABORTED, EACCES:
            var bytes = given.utf8[...]
            while bytes.count > 1, bytes.last == UInt8(ascii: "/") { bytes.removeLast() }
            let name = bytes.split(separator: UInt8(ascii: "/")).last.map { String($0) } ?? nil
            let parent = String(bytes.dropLast(name?.utf8.count ?? 0)) ?? ""
            guard let name, name != "..", name != ".", let directory = Self.realPath(parent.isEmpty ? "." : parent)
            else { throw .unreachable(given, reason: error.text) }
            path = directory == "/" ? "/" + name : directory + "/" + name
        default: throw .unreachable(given, reason: error.text)
        }
    }

    /// Whether a tree can be mounted here.
    ///
    /// - Throws: `MountError.alreadyMounted`, `.deadMount`, `.mountPointMissing`, `.mountPointNotADirectory`,
    ///   `.unreachable`.
    func checkFree(in table: MountTable = .current()) throws(MountError) {
        let occupant = table.top(at: path)
        var status = stat()
        if occupant?.type == "fuse." + MountOptions.subtype {
            let isDead = stat(path, &status) != 0 && [ENOTCONN, ECONNABORTED].contains(errno)
            throw isDead ? .deadMount(path) : .alreadyMounted(path)
        }
        guard stat(path, &status) == 0 else {
            let error = ErrorNumber.last
            switch error.code {
            case ENOTCONN, ECONNABORTED: throw .deadMount(path)
            case ENOENT: throw .mountPointMissing(path)
            default: throw .unreachable(path, reason: error.text)
            }
        }
        guard status.st_mode & S_IFMT == S_IFDIR else { throw .mountPointNotADirectory(path) }
    }

    /// Whether names lie in the directory that a mount would hide.
    var hasEntries: Bool {
        guard let directory = opendir(path) else { return false }
        defer { closedir(directory) }
        // More than `.` and `..`.
        for _ in 0..<3 where readdir(directory) == nil { return false }
        return true
    }

    private static func realPath(_ path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }
}
