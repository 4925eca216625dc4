internal import ObjectStorage
public import Sigstore

/// The token that GitHub Actions gives to a job with the permission `id-token: write`; a new one whenever one is needed.
public struct GitHubToken: TokenSource {
    private let client: ServiceClient?
    private let credential: SecretBytes

    /// - Throws: `configuration` if what the environment says cannot be used.
    public init(
        environment: [String: String], audience: String = "sigstore", settings: ServiceSettings = ServiceSettings()
    ) throws(SigningError) {
        let url = environment["ACTIONS_ID_TOKEN_REQUEST_URL"] ?? ""
        let token = environment["ACTIONS_ID_TOKEN_REQUEST_TOKEN"] ?? ""
        credential = SecretBytes(token.utf8)
        guard !url.isEmpty, !token.isEmpty else {
            client = nil
            return
        }
        guard token.isHeaderText else {
            throw .configuration(
                reason: "ACTIONS_ID_TOKEN_REQUEST_TOKEN is not plain text",
                advice: "Leave the variables as GitHub sets them.")
        }
        let query = (url.contains("?") ? "&" : "?") + "audience=" + PercentEncoding.encode(audience)
        client = try ServiceClient(url + query, settings: settings)
    }

    public var name: String { "GitHub Actions" }

    public func token() async throws(SigningError) -> SecretBytes? {
        guard let client else { return nil }
        var request = ServiceRequest("give an identity token", path: "")
        request.accept = "application/json; api-version=2.0"
        request.bearer = credential
        let answer = try client.json(try await client.ask(request), request.operation)
        guard let value = answer["value"]?.string, !value.isEmpty else {
            throw .untrue(operation: request.operation, url: client.url, reason: "there is no token in it")
        }
        return SecretBytes(value.utf8)
    }
}

extension String {
    /// Whether it can stand in the header of a request: printable ASCII without spaces, and something at all.
    var isHeaderText: Bool { !isEmpty && utf8.allSatisfy { (0x21...0x7e).contains($0) } }
}
