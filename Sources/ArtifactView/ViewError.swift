/// Why the view could not answer. Kernel adapters map each case to one errno.
public enum ViewError: Error, Hashable, Sendable {
    case notFound
    case notADirectory
    case isADirectory
    case notALink
    /// The object was replaced in its store since it was indexed: its bytes are no longer to be had.
    case stale(String)
    /// The bytes in the store are not those that were hashed, or cannot be decompressed.
    case damaged(String)
    /// The store or the catalog did not answer.
    case unavailable(String)
    /// The store refused the credentials.
    case denied(String)
    case cancelled
}

extension ViewError: CustomStringConvertible {
    /// A sentence for people and logs.
    public var description: String {
        switch self {
        case .notFound: "There is nothing under that name (any more): list the directory again."
        case .notADirectory: "It is a file or a link, not a directory."
        case .isADirectory: "It is a directory, not a file."
        case .notALink: "It is no symbolic link."
        case .stale(let reason): "The object was replaced or removed: \(reason). Run `assay index` on its source."
        case .damaged(let reason): "The stored bytes are damaged: \(reason). Upload the object again."
        case .unavailable(let reason): "The bytes cannot be had now: \(reason). Try again later."
        case .denied(let reason): "Access was refused: \(reason). Check the credentials of the source."
        case .cancelled: "The request was cancelled."
        }
    }
}
