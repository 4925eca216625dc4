import FoundationEssentials

/// A mirror in a folder, such as a copy that was carried to a machine without a network.
public struct FolderMirror: Mirror {
    private let folder: String

    public init(_ folder: String) { self.folder = folder }

    public func file(_ path: String, limit: Int) async throws(TUFError) -> [UInt8]? {
        // Parts are encoded, so a percent sign stands for a byte that the name in the folder has.
        guard let name = path.removingPercentEncoding, !name.utf8.contains(0),
            !name.split(separator: "/").contains("..")
        else { return nil }
        do throws(FileFailure) {
            return try DiskFile.read("\(folder)/\(name)", limit: limit)
        } catch {
            switch error {
            case .tooLarge: throw .limitExceeded(what: "bytes of \(name)", limit: limit)
            case .system(let problem): throw .mirror("\(folder)/\(name) \(problem)")
            }
        }
    }
}
