internal import ChildProcess
internal import Glibc

extension FUSEMount {
    /// Takes away the Assay mount at `path`, whether its server lives or has died.
    ///
    /// - Parameter lazy: whether the mount vanishes from the tree now although programs still use it.
    /// - Throws: `MountError.notMounted`, `.busy`, `.helperMissing`, `.unmountFailed`, and what a wrong path gives.
    public static func unmount(path: String, lazy: Bool = false) throws(MountError) {
        let point = try MountPoint(resolving: path)
        guard let entry = MountTable.current().top(at: point.path), entry.type == "fuse." + MountOptions.subtype
        else { throw .notMounted(point.path) }
        if geteuid() == 0 {
            guard umount2(point.path, UnmountFlags.noFollow | (lazy ? UnmountFlags.detach : 0)) != 0 else { return }
            let error = ErrorNumber.last
            switch error.code {
            case EBUSY: throw .busy(point.path, by: programs(using: point.path))
            case EINVAL, ENOENT: throw .notMounted(point.path)
            default: throw .unmountFailed(point.path, reason: error.text)
            }
        }
        let outcome: Outcome
        do throws(OutputError) {
            outcome = try Command(["fusermount3", "-u"] + (lazy ? ["-z"] : []) + ["--", point.path])
                .outputAndErrors(limit: 64 << 10)
        } catch {
            if case .notStarted(let failure) = error, failure.code == ENOENT { throw .helperMissing }
            throw .unmountFailed(point.path, reason: "fusermount3 \(error)")
        }
        guard outcome.status != 0 else { return }
        if outcome.text.contains(ErrorNumber(code: EBUSY).text) {
            throw .busy(point.path, by: programs(using: point.path))
        }
        throw .unmountFailed(point.path, reason: outcome.text)
    }

    /// Where Assay trees are mounted in this namespace, dead ones among them; in the order of mounting.
    public static func mounts() -> [String] { MountTable.current().assayMounts.map(\.path) }

    /// At most five programs that have something under `path` open or as their working directory, as `name (pid)`.
    /// Only links in `/proc` are read: the mount itself is not asked anything.
    private static func programs(using path: String) -> [String] {
        var found: [String] = []
        for name in names(in: "/proc") where name.utf8.allSatisfy({ (48...57).contains($0) }) {
            let process = "/proc/" + name
            let links =
                [process + "/cwd", process + "/root"] + names(in: process + "/fd").map { process + "/fd/" + $0 }
            guard links.contains(where: { pointsUnder(path, link: $0) }) else { continue }
            let command = SmallFile.read(process + "/comm", limit: 4096) ?? []
            found.append("\(String(decoding: command.dropLast(), as: UTF8.self)) (\(name))")
            if found.count == 5 { break }
        }
        return found
    }

    private static func names(in directory: String) -> [String] {
        guard let stream = opendir(directory) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            withUnsafePointer(to: &entry.pointee.d_name) { name in
                name.withMemoryRebound(to: CChar.self, capacity: 256) { names.append(String(cString: $0)) }
            }
        }
        return names.filter { $0 != "." && $0 != ".." }
    }

    private static func pointsUnder(_ path: String, link: String) -> Bool {
        var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let count = readlink(link, &buffer, buffer.count)
        guard count > 0 else { return false }
        let target = String(decoding: buffer[..<count], as: UTF8.self)
        return target == path || target.hasPrefix(path + "/")
    }
}

/// umount(2)'s flags, which Glibc's header gives as an enum.
private enum UnmountFlags {
    static let detach = CInt(bitPattern: UInt32(2))
    static let noFollow = CInt(bitPattern: UInt32(8))
}
