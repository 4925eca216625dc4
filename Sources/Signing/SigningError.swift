public import Sigstore

/// Why something could not be signed or witnessed.
///
/// No case ever holds a token, a password or a private key.
public enum SigningError: Error, Hashable, Sendable {
    /// A service did not do its work: what was asked of it, its URL without credentials, its status if it answered, and
    /// what it said. Asking again later may help if `mayPass`.
    case service(operation: String, url: String, status: Int?, reason: String, mayPass: Bool)
    /// A service answered with something that is not true, or not about what was asked.
    case untrue(operation: String, url: String, reason: String)
    /// There is no identity token that can be used; what to do about it.
    case token(reason: String, advice: String)
    /// It cannot work as it is set up; what to do about it.
    case configuration(reason: String, advice: String)
    /// The statement, the key or the bundle is not one.
    case sigstore(SigstoreError)
    case cancelled
}

extension SigningError: CustomStringConvertible {
    /// One or two sentences for a person.
    public var description: String {
        switch self {
        case .service(let operation, let url, let status, let reason, _):
            "\(url) could not \(operation)\(status.map { " (HTTP \($0))" } ?? ""): \(reason)."
        case .untrue(let operation, let url, let reason):
            "\(url) was asked to \(operation), and its answer is not true: \(reason)."
        case .token(let reason, let advice): "\(reason). \(advice)"
        case .configuration(let reason, let advice): "\(reason). \(advice)"
        case .sigstore(let error): error.description
        case .cancelled: "Signing was cancelled."
        }
    }
}
