import ArtifactView
internal import Glibc

/// The number that the kernel hands to programs: `ENOENT` and its like.
struct ErrorNumber: Error, Equatable {
    let code: CInt

    init(code: CInt) { self.code = code }

    /// The one place where what the view says becomes what `errno` says.
    init(_ error: ViewError) {
        code =
            switch error {
            case .notFound: ENOENT
            case .notADirectory: ENOTDIR
            case .isADirectory: EISDIR
            case .notALink: EINVAL
            case .stale: ESTALE
            case .damaged, .unavailable: EIO
            case .denied: EACCES
            case .cancelled: EINTR
            }
    }

    /// What the C library says of the number, such as `Permission denied`.
    var text: String { strerror(code).map { String(cString: $0) } ?? "error \(code)" }

    /// The number that the last failed call of this thread left.
    static var last: ErrorNumber { ErrorNumber(code: errno) }
}

extension ViewError {
    /// What an operator should hear of, since a program sees no more of it than `EIO` or `ESTALE`; nil for what
    /// belongs to every day, such as a name that is not there.
    var report: String? {
        switch self {
        case .stale(let text): "stale: \(text)"
        case .damaged(let text): "damaged: \(text)"
        case .unavailable(let text): "unavailable: \(text)"
        case .denied(let text): "denied: \(text)"
        case .notFound, .notADirectory, .isADirectory, .notALink, .cancelled: nil
        }
    }
}
