/// Why the catalog could not answer or record.
public enum CatalogError: Error, Hashable, Sendable {
    /// The file cannot be opened or created.
    case cannotOpen(path: String, reason: String)
    /// The file is something else than a catalog of Assay.
    case notACatalog(path: String)
    /// The catalog was written by a newer Assay.
    case newer(path: String)
    /// Another process holds the role: only one may index, and one attest, at a time.
    case held(role: String, path: String)
    /// Another source has that name already.
    case nameTaken(String)
    /// A source cannot be called so, since its name is that of a folder.
    case badName(String)
    /// SQLite's own words on a failed read or write: disk full, damaged file.
    case database(String)
}

extension CatalogError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .cannotOpen(let path, let reason): "the catalog \(path) cannot be opened: \(reason)"
        case .notACatalog(let path): "\(path) is not a catalog of Assay: name another file with --catalog"
        case .newer(let path): "the catalog \(path) was written by a newer version of Assay: upgrade this one"
        case .held(let role, let path):
            "another process is running `assay \(role)` on the catalog \(path): wait for it or stop it"
        case .nameTaken(let name): "another source of this catalog is called \(name): choose a name with --name"
        case .badName(let name):
            "a source cannot be called “\(name)”: its name becomes a folder's, of 1 to 255 bytes and without slash"
        case .database(let reason): "the catalog failed: \(reason)"
        }
    }
}
