public import DigestCatalog
public import ObjectStorage
public import Signing

/// Why indexing or attesting as a whole could not go on. What concerns one object or artifact is reported, not thrown.
public enum IndexingError: Error, Sendable {
    /// The source could not be listed.
    case source(ObjectStorageError)
    /// The catalog could not be read or written.
    case catalog(CatalogError)
    /// There is nobody to sign, or a service is away that all signatures need.
    case signing(SigningError)
    case cancelled
}

extension IndexingError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .source(let error): "\(error)"
        case .catalog(let error): "\(error)"
        case .signing(let error): "\(error)"
        case .cancelled: "it was cancelled"
        }
    }
}
