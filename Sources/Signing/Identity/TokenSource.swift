public import Sigstore

/// A place that may have identity tokens.
///
/// Any number of tasks may ask at once.
public protocol TokenSource: Sendable {
    /// The place, for a person, such as `the variable SIGSTORE_ID_TOKEN`; never a secret.
    var name: String { get }

    /// The token that the place has now, which nobody has looked into; nil if the place is not set up here.
    ///
    /// - Throws: `token` or `service` if it is set up and gives none, `configuration`, `cancelled`.
    func token() async throws(SigningError) -> SecretBytes?
}

extension TokenSource {
    /// The token that the place has now, checked.
    ///
    /// - Throws: `token` with what to do if there is none, or none that can be used now; what `token()` throws.
    public func identity(
        audience: String, now: UTCTime, limits: IdentityLimits = IdentityLimits()
    ) async throws(SigningError) -> IdentityToken {
        guard let compact = try await token() else {
            throw .token(
                reason: "There is no identity token: \(name) gives none",
                advice: IdentityToken.advice(audience: audience))
        }
        do throws(SigningError) {
            return try IdentityToken(compact: compact, audience: audience, now: now, limits: limits)
        } catch {
            guard case .token(let reason, let advice) = error else { throw error }
            throw .token(reason: "\(reason) (from \(name))", advice: advice)
        }
    }
}

/// The first of several places that is set up.
public struct TokenChain: TokenSource {
    private let sources: [any TokenSource]

    public init(_ sources: [any TokenSource]) { self.sources = sources }

    public var name: String { sources.map(\.name).joined(separator: " or ") }

    public func token() async throws(SigningError) -> SecretBytes? {
        for source in sources {
            if let token = try await source.token() { return token }
        }
        return nil
    }
}

extension TokenChain {
    /// Where an agent on the same machine leaves tokens, for other Sigstore clients, too.
    public static let agentFile = "/var/run/sigstore/cosign/oidc-token"

    /// The places to look for a token, in order: what was set explicitly, `SIGSTORE_ID_TOKEN`, GitHub Actions, the file
    /// of an agent on this machine.
    ///
    /// - Parameters:
    ///   - explicit: the place that a setting names; then there are no others.
    ///   - audience: for whom tokens are to be, where the place lets one choose.
    ///   - settings: how GitHub is asked.
    /// - Throws: `configuration` if this environment is set up in a way that cannot work.
    public static func automatic(
        explicit: (any TokenSource)? = nil, environment: [String: String], audience: String = "sigstore",
        settings: ServiceSettings = ServiceSettings(), limits: IdentityLimits = IdentityLimits()
    ) throws(SigningError) -> TokenChain {
        if let explicit { return TokenChain([explicit]) }
        return TokenChain([
            EnvironmentToken(environment: environment),
            try GitHubToken(environment: environment, audience: audience, settings: settings),
            FileToken(path: agentFile, mayBeMissing: true, limits: limits),
        ])
    }
}
