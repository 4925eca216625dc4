/// The folder in which a client keeps the metadata that it verified, one file a role without version in its name.
///
/// It is a starting point, not an authority: everything but the root is verified again whenever it is read.
public struct MetadataCache: Sendable {
    public let folder: String

    /// - Parameter folder: it must be there.
    public init(_ folder: String) { self.folder = folder }

    /// The file of a role.
    public func path(_ role: String) -> String { "\(folder)/\(FileNames.encoded(role)).json" }

    /// - Returns: nil if nothing is kept of the role, or more than `limit` bytes, which nothing verified ever has.
    /// - Throws: `cache` if what is kept cannot be read.
    func read(_ role: String, limit: Int) throws(TUFError) -> [UInt8]? {
        do throws(FileFailure) { return try DiskFile.read(path(role), limit: limit) } catch {
            switch error {
            case .tooLarge: return nil
            case .system(let problem): throw .cache(path: path(role), problem: problem)
            }
        }
    }

    /// Replaces the file of a role, all at once. Only for what is verified, or trusted from elsewhere.
    ///
    /// - Throws: `cache`.
    public func write(_ role: String, _ bytes: [UInt8]) throws(TUFError) {
        try change(role) { (path) throws(FileFailure) in try DiskFile.replace(path, bytes) }
    }

    func remove(_ role: String) throws(TUFError) {
        try change(role) { (path) throws(FileFailure) in try DiskFile.remove(path) }
    }

    private func change(_ role: String, _ body: (String) throws(FileFailure) -> Void) throws(TUFError) {
        do throws(FileFailure) { try body(path(role)) } catch {
            switch error {
            case .tooLarge: throw .cache(path: path(role), problem: "is too large")
            case .system(let problem): throw .cache(path: path(role), problem: problem)
            }
        }
    }
}
