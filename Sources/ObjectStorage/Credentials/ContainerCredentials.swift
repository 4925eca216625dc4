import Foundation

/// The credentials that the container's host offers on a local address (ECS, EKS Pod Identity).
struct ContainerCredentials: CredentialsSource {
    let environment: [String: String]
    let client: CredentialsClient
    let limits: StorageLimits

    func fetch() async throws(ObjectStorageError) -> Credentials? {
        guard let url = try address() else { return nil }
        var headers: [(name: String, value: String)] = []
        if let token = try token() { headers.append(("Authorization", token)) }
        let response = try await client.send(.get, url, headers: headers, isLocal: true)
        guard response.status == 200 else { throw CredentialsClient.failure("container's host", response) }
        return try CredentialsDocument.credentials(response.body, from: "container's host")
    }

    private func address() throws(ObjectStorageError) -> String? {
        if let path = environment.setting("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") {
            return "http://169.254.170.2\(path)"
        }
        guard let text = environment.setting("AWS_CONTAINER_CREDENTIALS_FULL_URI") else { return nil }
        guard let parts = URLComponents(string: text), let host = parts.host,
            parts.scheme == "https" || (parts.scheme == "http" && Self.localHosts.contains(host))
        else {
            throw .configuration(
                "AWS_CONTAINER_CREDENTIALS_FULL_URI is neither https nor an address of this machine; a token does not"
                    + " go there.")
        }
        return text
    }

    private func token() throws(ObjectStorageError) -> String? {
        var token = environment.setting("AWS_CONTAINER_AUTHORIZATION_TOKEN")
        if let path = environment.setting("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE") {
            token = try SettingsFile.read(path, limit: limits.settingsFileBytes)?
                .trimmingCharacters(in: .whitespacesAndNewlines)
        }
        guard let token else { return nil }
        guard token.utf8.allSatisfy({ (0x20...0x7e).contains($0) }) else {
            throw .configuration("The container's authorization token is not plain text.")
        }
        return token
    }

    private static let localHosts: Set = [
        "localhost", "127.0.0.1", "[::1]", "::1", "169.254.170.2", "169.254.170.23", "[fd00:ec2::23]", "fd00:ec2::23",
    ]
}
