public import Sigstore

/// The token in a file, read whenever one is needed: whoever runs a workload replaces it long before it ends, Kubernetes
/// by switching a symbolic link.
public struct FileToken: TokenSource {
    private let path: String
    private let mayBeMissing: Bool
    private let limit: Int

    /// - Parameter mayBeMissing: whether a file that is not there means that this place is not set up.
    public init(path: String, mayBeMissing: Bool = false, limits: IdentityLimits = IdentityLimits()) {
        self.path = path
        self.mayBeMissing = mayBeMissing
        limit = limits.tokenSize
    }

    public var name: String { "the file '\(TerminalText.escape(path))'" }

    public func token() throws(SigningError) -> SecretBytes? {
        switch SecretFile.read(path, limit: limit) {
        case .content(let secret): return secret
        case .missing where mayBeMissing: return nil
        case .missing:
            throw .token(
                reason: "There is no identity token: \(name) does not exist",
                advice: "Check the path; on Kubernetes, mount a projected volume with a serviceAccountToken there.")
        case .unreadable(let reason):
            throw .token(
                reason: "The identity token in \(name) cannot be read: \(reason)",
                advice: "Check the file and who may read it.")
        }
    }
}
