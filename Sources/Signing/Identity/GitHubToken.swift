internal import ObjectStorage
public import Sigstore

/// The token that GitHub Actions gives to a job with the permission `id-token: write`; a new one whenever one is needed.
public struct GitHubToken: TokenSource {
    private let service: RemoteService?
    private let credential: SecretBytes
    private let suffix: String

    /// - Throws: `configuration` if the environment's address cannot be one.
    public init(
        environment: [String: String], audience: String = "sigstore", limits: IdentityLimits = IdentityLimits()
    ) throws(SigningError) {
        let url = environment["ACTIONS_ID_TOKEN_REQUEST_URL"] ?? ""
        let token = environment["ACTIONS_ID_TOKEN_REQUEST_TOKEN"] ?? ""
        credential = SecretBytes(token.utf8)
        suffix = (url.contains("?") ? "&" : "?") + "audience=" + PercentEncoding.encode(audience)
        guard !url.isEmpty, !token.isEmpty else {
            service = nil
            return
        }
        guard token.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else {
            throw .configuration(
                reason: "ACTIONS_ID_TOKEN_REQUEST_TOKEN is not plain text",
                advice: "Leave the variables as GitHub sets them.")
        }
        service = try RemoteService(url, limits: limits)
    }

    public var name: String { "GitHub Actions" }

    public func token() async throws(SigningError) -> SecretBytes? {
        guard let service else { return nil }
        let operation = "give an identity token"
        let bearer = credential.withUnsafeBytes { "Bearer " + String(decoding: $0, as: UTF8.self) }
        let answer = try await service.ask(
            operation, suffix, headers: [("Accept", "application/json; api-version=2.0")],
            secret: ("Authorization", bearer)
        ) { $0["message"]?.string }
        guard let value = answer["value"]?.string, !value.isEmpty else {
            throw .untrue(operation: operation, url: service.url, reason: "there is no token in it")
        }
        return SecretBytes(value.utf8)
    }
}
