/// Why a request came to no answer.
package enum HTTPError: Error, Hashable, Sendable {
    /// No answer came, for a reason that may pass: asking again is worthwhile.
    case transient(String)
    /// libcurl could not do its work.
    case unavailable(String)
    /// What came was not HTTP, or had too large a header.
    case invalidResponse(String)
    /// No answer can come from this address, or with these settings.
    case configuration(String)
    /// The task was cancelled.
    case cancelled
}

extension HTTPError: CustomStringConvertible {
    /// What happened, as part of a sentence or as sentences of its own.
    package var description: String {
        switch self {
        case .transient(let reason), .unavailable(let reason), .invalidResponse(let reason),
            .configuration(let reason):
            reason
        case .cancelled: "the request was cancelled"
        }
    }
}
