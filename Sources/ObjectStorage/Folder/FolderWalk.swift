import AssayModel
import Foundation

/// A walk through a folder in the order of its keys' bytes, which can rest between pages.
///
/// Folders sort as their name and a slash, which puts all keys below them where they belong: `a-b`, `a.txt`, `a/x`.
struct FolderWalk: Sendable {
    private struct Level: Sendable {
        /// The key of the folder: empty, or ending with a slash.
        let path: String
        /// Names, folders' with a slash at their end; sorted backwards, so that the next is the last.
        var names: [[UInt8]]
    }

    /// Files of unfinished uploads begin so, and are no objects.
    static let temporaryPrefix = ".assay-put-"
    private static let slash = UInt8(ascii: "/")
    private static let mostProblems = 1000

    private let prefix: [UInt8]
    private let start: [UInt8]
    private var levels: [Level] = []
    private var problems: [ListingProblem] = []

    /// A walk over the keys that begin with `prefix` and come after `token`.
    init(root: Int32, prefix: String, after token: String?) throws(Errno) {
        self.prefix = Array(prefix.utf8)
        start = Array((token ?? "").utf8)
        let folder = try FolderHandle.folder(at: root, [])
        try enter(folder.descriptor, path: "")
    }

    /// The next objects, at most `limit`.
    mutating func page(root: Int32, limit: Int) throws(Errno) -> ObjectPage {
        var objects: [StoredObject] = []
        while objects.count < limit, let level = levels.last {
            guard !level.names.isEmpty else {
                levels.removeLast()
                continue
            }
            try collect(root: root, limit: limit, into: &objects)
        }
        while levels.last?.names.isEmpty == true { levels.removeLast() }
        defer { problems = [] }
        return ObjectPage(objects: objects, next: levels.isEmpty ? nil : objects.last?.key.name, problems: problems)
    }

    /// Takes names off the current level until it ends, another is entered or the page is full.
    private mutating func collect(root: Int32, limit: Int, into objects: inout [StoredObject]) throws(Errno) {
        let top = levels.count - 1
        let path = levels[top].path
        let folder: FolderHandle
        do throws(Errno) {
            folder = try FolderHandle.folder(at: root, path.split(separator: "/"))
        } catch {
            report(path, "cannot be read: \(error.text)")
            levels[top].names = []
            return
        }
        while objects.count < limit, let name = levels[top].names.popLast() {
            if name.last == Self.slash {
                let text = String(decoding: name.dropLast(), as: UTF8.self)
                do throws(Errno) {
                    let inner = try FolderHandle(at: folder.descriptor, text, O_RDONLY | O_DIRECTORY)
                    try enter(inner.descriptor, path: "\(path)\(text)/")
                } catch {
                    if error.number != ENOENT { report("\(path)\(text)/", "cannot be read: \(error.text)") }
                }
                return
            }
            let text = String(decoding: name, as: UTF8.self)
            var status = stat()
            // Gone since the folder was read: then it is not there.
            guard fstatat(folder.descriptor, text, &status, AT_SYMLINK_NOFOLLOW) == 0 else { continue }
            if status.isRegularFile {
                objects.append(StoredObject(key: ObjectKey(path + text), status: status))
            } else {
                report(path + text, status.st_mode & S_IFMT == S_IFLNK ? "is a symbolic link" : "is not a regular file")
            }
        }
    }

    /// Reads a folder's names and makes it the current level.
    private mutating func enter(_ descriptor: Int32, path: String) throws(Errno) {
        // The stream takes a descriptor over, and each needs a position of its own.
        let copy = openat(descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard copy >= 0 else { throw Errno.last }
        guard let stream = fdopendir(copy) else {
            let error = Errno.last
            close(copy)
            throw error
        }
        defer { closedir(stream) }
        var names: [[UInt8]] = []
        errno = 0
        while let entry = readdir(stream) {
            defer { errno = 0 }
            var name = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
            guard name != [UInt8(ascii: ".")], name != [UInt8(ascii: "."), UInt8(ascii: ".")],
                !name.starts(with: Self.temporaryPrefix.utf8)
            else { continue }
            guard String(validating: name, as: UTF8.self) != nil else {
                report(path + String(decoding: name, as: UTF8.self), "has a name that is not UTF-8")
                continue
            }
            if Self.isFolder(entry.pointee.d_type, descriptor, name) { name.append(Self.slash) }
            if isWanted(Array(path.utf8) + name) { names.append(name) }
        }
        guard errno == 0 else { throw Errno.last }
        names.sort { $1.lexicographicallyPrecedes($0) }
        levels.append(Level(path: path, names: names))
    }

    private static func isFolder(_ type: UInt8, _ folder: Int32, _ name: [UInt8]) -> Bool {
        guard type == UInt8(DT_UNKNOWN) else { return type == UInt8(DT_DIR) }
        var status = stat()
        return fstatat(folder, String(decoding: name, as: UTF8.self), &status, AT_SYMLINK_NOFOLLOW) == 0
            && status.st_mode & S_IFMT == S_IFDIR
    }

    /// Whether a file is asked for, or anything below a folder can be.
    private func isWanted(_ key: [UInt8]) -> Bool {
        let isFolder = key.last == Self.slash
        guard key.starts(with: prefix) || (isFolder && prefix.starts(with: key)) else { return false }
        if isFolder, start.starts(with: key) { return true }
        return start.lexicographicallyPrecedes(key)
    }

    private mutating func report(_ name: String, _ reason: String) {
        switch problems.count {
        case ..<Self.mostProblems: problems.append(ListingProblem(name: name, reason: reason))
        case Self.mostProblems: problems.append(ListingProblem(name: "others", reason: "were left out as well"))
        default: return
        }
    }
}
