public import AssayModel

/// Why a store could not do what it was asked.
public enum ObjectStorageError: Error, Hashable, Sendable {
    case notFound(ObjectKey)
    /// The key holds another version than the one asked for.
    case changed(ObjectKey)
    /// The answer ended before the range did.
    case shortRead(ObjectKey, expected: Int, got: Int)
    /// The answer was for another range than the one asked for.
    case wrongRange(ObjectKey, expected: ByteRange, got: String)
    /// The store refused: wrong or missing credentials, or no permission. What it said of it.
    case denied(String)
    /// The store failed in a way that may pass: asking again is worthwhile, not before `retryAfter` if it said so.
    ///
    /// `RetryingStore` asks again, and throws `unavailable` in the end.
    case transient(String, retryAfter: Duration?)
    /// The store did not answer, or not with success, however often it was asked.
    case unavailable(String)
    /// The store's answer could not be understood or broke a limit.
    case invalidResponse(String)
    /// The location or its configuration cannot work.
    case configuration(String)
    /// The task was cancelled.
    case cancelled

    /// Whether the same request may succeed if made again.
    public var isTransient: Bool {
        switch self {
        case .transient, .shortRead: true
        case .notFound, .changed, .wrongRange, .denied, .unavailable, .invalidResponse, .configuration, .cancelled:
            false
        }
    }
}

extension ObjectStorageError: CustomStringConvertible {
    /// A sentence for people: what happened, to what, and what to do where that is known.
    public var description: String {
        switch self {
        case .notFound(let key):
            "There is no object '\(key)' in the store (any more)."
        case .changed(let key):
            "The object '\(key)' was replaced or removed since it was listed. Index the source again."
        case .shortRead(let key, let expected, let got):
            "The store sent only \(got) of \(expected) bytes of the object '\(key)'."
        case .wrongRange(let key, let expected, let got):
            "Asked for \(expected) of the object '\(key)', the store answered with \(got)."
                + " Does a proxy in between ignore the Range header?"
        case .denied(let reason): "The store refused access: \(reason)"
        case .transient(let reason, _): "The store failed for now: \(reason)"
        case .unavailable(let reason): "The store is not available: \(reason)"
        case .invalidResponse(let reason): "The store's answer cannot be used: \(reason)"
        case .configuration(let reason): "The store cannot be used as configured: \(reason)"
        case .cancelled: "The request was cancelled."
        }
    }
}
