import Foundation

/// Small files that people or machines write for us.
enum SettingsFile {
    /// The text of a file; nil if there is none.
    ///
    /// - Throws: `configuration` if it cannot be read, is larger than `limit` bytes or not UTF-8.
    static func read(_ path: String, limit: Int) throws(ObjectStorageError) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw .configuration("The file '\(path)' cannot be read: \(String(cString: strerror(errno))).")
        }
        let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        guard let bytes = try? file.read(upToCount: limit + 1) ?? Data() else {
            throw .configuration("The file '\(path)' cannot be read.")
        }
        guard bytes.count <= limit, let text = String(data: bytes, encoding: .utf8) else {
            throw .configuration("The file '\(path)' is not text of at most \(limit) bytes.")
        }
        return text
    }
}
