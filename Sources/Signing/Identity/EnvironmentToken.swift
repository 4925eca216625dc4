public import Sigstore

/// The token in an environment variable. A process cannot get a new one that way, so it lasts as long as that token.
public struct EnvironmentToken: TokenSource {
    /// The variable that Sigstore clients share.
    public static let variable = "SIGSTORE_ID_TOKEN"

    public let name: String
    private let secret: SecretBytes?

    public init(environment: [String: String], variable: String = Self.variable) {
        name = "the variable \(variable)"
        // An empty one is what CI systems make of one that is not there.
        secret = environment[variable].flatMap { $0.isEmpty ? nil : SecretBytes($0.utf8) }
    }

    public func token() -> SecretBytes? { secret }
}
