public import AssayModel
import Foundation
import Synchronization

/// A folder as a store: its regular files, under their relative paths as keys.
///
/// Links are not followed, except on the way to the folder itself. A file that changes while it is read is an error.
public final class FolderStore: ObjectStore {
    private struct Rest: Hashable {
        let prefix: String
        let token: String
    }

    private static let mostResting = 4

    private let root: String
    // Walks that rest after a page, so that the next page need not read and sort the folders again.
    private let resting = Mutex<[Rest: FolderWalk]>([:])
    // File systems may keep a call waiting: not on the threads that all tasks share.
    private let queue = DispatchQueue(label: "assay-folder", attributes: .concurrent)

    /// - Throws: `configuration` if there is no readable folder at `path`.
    public init(_ path: String) throws(ObjectStorageError) {
        root = path
        do throws(Errno) {
            _ = try FolderHandle(root: path)
        } catch {
            throw .configuration("There is no folder at '\(path)' that can be read (\(error.text)).")
        }
    }

    public func list(
        prefix: String, from token: String?, limit: Int
    ) async throws(ObjectStorageError) -> ObjectPage {
        try await run { () throws(ObjectStorageError) in
            let rest = token.map { Rest(prefix: prefix, token: $0) }
            do throws(Errno) {
                let root = try FolderHandle(root: self.root)
                let rested = self.resting.withLock { resting in rest.flatMap { resting.removeValue(forKey: $0) } }
                var walk =
                    if let rested { rested } else {
                        try FolderWalk(root: root.descriptor, prefix: prefix, after: token)
                    }
                let page = try walk.page(root: root.descriptor, limit: max(limit, 1))
                if let next = page.next {
                    let walk = walk
                    self.resting.withLock { resting in
                        if resting.count >= Self.mostResting { resting.removeAll() }
                        resting[Rest(prefix: prefix, token: next)] = walk
                    }
                }
                return page
            } catch {
                throw .unavailable("The folder '\(self.root)' cannot be listed (\(error.text)).")
            }
        }
    }

    public func head(_ key: ObjectKey) async throws(ObjectStorageError) -> StoredObject {
        let path = try Self.components(of: key)
        return try await run { () throws(ObjectStorageError) in
            do throws(Errno) {
                let file = try self.open(path)
                return try Self.object(key, file)
            } catch {
                throw error.storageError(about: key)
            }
        }
    }

    public func read(
        _ key: ObjectKey, version: ObjectVersion, range: ByteRange
    ) async throws(ObjectStorageError) -> ByteBlock {
        let path = try Self.components(of: key)
        guard range.length > 0 else { return ByteBlock(uninitializedCount: 0) }
        return try await run { () throws(ObjectStorageError) in
            let result: Result<ByteBlock, ObjectStorageError>
            do throws(Errno) {
                result = try self.bytes(of: key, at: path, version: version, range: range)
            } catch {
                throw error.storageError(about: key)
            }
            return try result.get()
        }
    }

    public func put(_ key: ObjectKey, _ bytes: ByteBlock) async throws(ObjectStorageError) -> StoredObject {
        let path = try Self.components(of: key)
        return try await run { () throws(ObjectStorageError) in
            do throws(Errno) {
                return try self.write(bytes, to: path, of: key)
            } catch {
                switch error.number {
                case ENOTDIR, EISDIR, ENAMETOOLONG, ENOTEMPTY, EEXIST:
                    throw .configuration(
                        "'\(key)' cannot be a file in '\(self.root)' (\(error.text)): is there a folder of that name, or"
                            + " a file on the way?")
                default: throw error.storageError(about: key)
                }
            }
        }
    }

    // MARK: Files

    private func open(_ path: [Substring]) throws(Errno) -> FolderHandle {
        let root = try FolderHandle(root: root)
        let folder = try FolderHandle.folder(at: root.descriptor, path.dropLast())
        // Without O_NONBLOCK, opening a pipe would wait for its writer.
        return try FolderHandle(at: folder.descriptor, String(path.last ?? ""), O_RDONLY | O_NONBLOCK)
    }

    private static func object(_ key: ObjectKey, _ file: borrowing FolderHandle) throws(Errno) -> StoredObject {
        let status = try file.status()
        guard status.isRegularFile else { throw Errno(number: ENOENT) }
        return StoredObject(key: key, status: status)
    }

    private func bytes(
        of key: ObjectKey, at path: [Substring], version: ObjectVersion, range: ByteRange
    ) throws(Errno) -> Result<ByteBlock, ObjectStorageError> {
        let file = try open(path)
        let object = try Self.object(key, file)
        guard object.version == version else { return .failure(.changed(key)) }
        guard range.end <= object.size else {
            return .failure(.shortRead(key, expected: range.length, got: max(0, object.size - range.offset)))
        }
        let block = ByteBlock(uninitializedCount: range.length)
        let got = try Self.fill(block, from: file.descriptor, at: range.offset)
        // Whoever wrote meanwhile has changed the times: what was read may be of both versions.
        guard try Self.object(key, file).version == version else { return .failure(.changed(key)) }
        guard got == range.length else { return .failure(.shortRead(key, expected: range.length, got: got)) }
        return .success(block)
    }

    private static func fill(_ block: ByteBlock, from file: Int32, at offset: Int) throws(Errno) -> Int {
        try block.withUnsafeMutableBytes { (space) throws(Errno) in
            var got = 0
            while got < space.count {
                let rest = UnsafeMutableRawBufferPointer(rebasing: space[got...])
                let count = pread(file, rest.baseAddress, rest.count, offset + got)
                if count < 0 {
                    guard errno == EINTR else { throw Errno.last }
                } else if count == 0 {
                    break
                } else {
                    got += count
                }
            }
            return got
        }
    }

    /// Writes beside the target, and renames when the bytes are on the disk.
    private func write(_ bytes: ByteBlock, to path: [Substring], of key: ObjectKey) throws(Errno) -> StoredObject {
        let root = try FolderHandle(root: root)
        var folder = try FolderHandle.folder(at: root.descriptor, [])
        for component in path.dropLast() {
            let name = String(component)
            if mkdirat(folder.descriptor, name, 0o777) == 0 {
                fsync(folder.descriptor)
            } else if errno != EEXIST {
                throw Errno.last
            }
            folder = try FolderHandle(at: folder.descriptor, name, O_RDONLY | O_DIRECTORY)
        }
        let temporary = FolderWalk.temporaryPrefix + String(UInt64.random(in: 0 ... .max), radix: 36)
        let descriptor = openat(
            folder.descriptor, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw Errno.last }
        defer { close(descriptor) }
        do throws(Errno) {
            try bytes.withUnsafeBytes { (bytes) throws(Errno) in
                var rest = bytes[...]
                while !rest.isEmpty {
                    let part = UnsafeRawBufferPointer(rebasing: rest)
                    let count = Foundation.write(descriptor, part.baseAddress, part.count)
                    if count < 0 {
                        guard errno == EINTR else { throw Errno.last }
                    } else {
                        rest = rest.dropFirst(count)
                    }
                }
            }
            var status = stat()
            guard fsync(descriptor) == 0, fstat(descriptor, &status) == 0,
                renameat(folder.descriptor, temporary, folder.descriptor, String(path.last ?? "")) == 0,
                fsync(folder.descriptor) == 0
            else { throw Errno.last }
            return StoredObject(key: key, status: status)
        } catch {
            unlinkat(folder.descriptor, temporary, 0)
            throw error
        }
    }

    /// The names on the way to a key, if all of them stay in the folder.
    private static func components(of key: ObjectKey) throws(ObjectStorageError) -> [Substring] {
        let components = key.name.split(separator: "/", omittingEmptySubsequences: false)
        for name in components {
            guard !name.isEmpty, name != ".", name != "..", !name.utf8.contains(0),
                !name.hasPrefix(FolderWalk.temporaryPrefix)
            else {
                throw .configuration(
                    "'\(key)' cannot be a key in a folder: it is empty, or has an empty, '.' or '..' part, or one that"
                        + " begins with '\(FolderWalk.temporaryPrefix)'.")
            }
        }
        return components
    }

    private func run<R: Sendable>(
        _ body: @escaping @Sendable () throws(ObjectStorageError) -> R
    ) async throws(ObjectStorageError) -> R {
        guard !Task.isCancelled else { throw .cancelled }
        let result: Result<R, ObjectStorageError> = await withCheckedContinuation { continuation in
            queue.async {
                continuation.resume(returning: Result { () throws(ObjectStorageError) in try body() })
            }
        }
        return try result.get()
    }
}
