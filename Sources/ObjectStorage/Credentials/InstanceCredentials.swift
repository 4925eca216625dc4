import HTTPTransport

/// The credentials of the machine's role from its metadata service, version 2 (with a session token, against forgery).
struct InstanceCredentials: CredentialsSource {
    private let isDisabled: Bool
    private let endpoint: String
    private let client: CredentialsClient

    init(environment: [String: String], client: CredentialsClient) {
        isDisabled = environment["AWS_EC2_METADATA_DISABLED"]?.lowercased() == "true"
        var endpoint = environment.setting("AWS_EC2_METADATA_SERVICE_ENDPOINT") ?? "http://169.254.169.254"
        while endpoint.hasSuffix("/") { endpoint.removeLast() }
        self.endpoint = endpoint
        self.client = client
    }

    func fetch() async throws(ObjectStorageError) -> Credentials? {
        guard !isDisabled, let token = try await token() else { return nil }
        let roles = "/latest/meta-data/iam/security-credentials/"
        let list = try await get(roles, token)
        // 404: a machine without a role.
        guard list.status != 404 else { return nil }
        guard list.status == 200 else { throw CredentialsClient.failure("instance's metadata service", list) }
        let names = String(decoding: list.body, as: UTF8.self).split(whereSeparator: \.isNewline)
        guard let role = names.first else { return nil }
        let response = try await get(roles + PercentEncoding.encode(String(role)), token)
        guard response.status == 200 else { throw CredentialsClient.failure("instance's metadata service", response) }
        return try CredentialsDocument.credentials(response.body, from: "instance's metadata service")
    }

    /// Nil where there is no metadata service, as on any machine outside the cloud.
    private func token() async throws(ObjectStorageError) -> String? {
        let response: HTTPResponse
        do throws(ObjectStorageError) {
            response = try await client.send(
                .put, "\(endpoint)/latest/api/token", headers: [("X-aws-ec2-metadata-token-ttl-seconds", "21600")],
                isLocal: true)
        } catch {
            guard case .transient = error else { throw error }
            return nil
        }
        let token = String(decoding: response.body, as: UTF8.self)
        guard response.status == 200, !token.isEmpty, token.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else {
            return nil
        }
        return token
    }

    private func get(_ path: String, _ token: String) async throws(ObjectStorageError) -> HTTPResponse {
        try await client.send(.get, endpoint + path, headers: [("X-aws-ec2-metadata-token", token)], isLocal: true)
    }
}
