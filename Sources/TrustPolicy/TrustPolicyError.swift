/// Why a policy file cannot be used.
public enum TrustPolicyError: Error, Hashable, Sendable {
    /// The file, or one that it names, cannot be read.
    case unreadable(path: String, reason: String)
    /// Something in it is wrong; `place` is the file, and the line where that is known. `hint` is what to do.
    case malformed(place: String, problem: String, hint: String?)
}

extension TrustPolicyError: CustomStringConvertible {
    /// A sentence without capital and full stop.
    public var description: String {
        switch self {
        case .unreadable(let path, let reason): "cannot read \(path): \(reason)"
        case .malformed(let place, let problem, _): "\(place): \(problem)"
        }
    }
}
