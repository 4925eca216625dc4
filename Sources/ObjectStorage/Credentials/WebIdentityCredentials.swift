import AssayModel
import Foundation

/// A token file exchanged for a role's credentials by the Security Token Service (AssumeRoleWithWebIdentity).
struct WebIdentityCredentials: CredentialsSource {
    /// Whose role, by which token.
    struct Identity: Sendable {
        let tokenFile: String
        let roleARN: String
        let sessionName: String?
    }

    private let identity: Identity?
    private let endpoint: String
    private let client: CredentialsClient
    private let limits: StorageLimits

    init(environment: [String: String], region: String, client: CredentialsClient, limits: StorageLimits) {
        var identity: Identity?
        if let file = environment.setting("AWS_WEB_IDENTITY_TOKEN_FILE"), let role = environment.setting("AWS_ROLE_ARN")
        {
            identity = Identity(
                tokenFile: file, roleARN: role, sessionName: environment.setting("AWS_ROLE_SESSION_NAME"))
        }
        self.init(identity, environment: environment, region: region, client: client, limits: limits)
    }

    init(
        _ identity: Identity?, environment: [String: String], region: String, client: CredentialsClient,
        limits: StorageLimits
    ) {
        self.identity = identity
        let domain = region.hasPrefix("cn-") ? "amazonaws.com.cn" : "amazonaws.com"
        endpoint = environment.setting("AWS_ENDPOINT_URL_STS") ?? "https://sts.\(region).\(domain)"
        self.client = client
        self.limits = limits
    }

    func fetch() async throws(ObjectStorageError) -> Credentials? {
        guard let identity else { return nil }
        // Read each time: whoever runs the workload replaces the token long before it ends.
        guard let token = try SettingsFile.read(identity.tokenFile, limit: limits.settingsFileBytes) else {
            throw .configuration("There is no web identity token file at '\(identity.tokenFile)'.")
        }
        let form = PercentEncoding.query([
            ("Action", "AssumeRoleWithWebIdentity"), ("Version", "2011-06-15"), ("RoleArn", identity.roleARN),
            ("RoleSessionName", identity.sessionName ?? "assay"),
            ("WebIdentityToken", token.trimmingCharacters(in: .whitespacesAndNewlines)),
        ])
        let response = try await client.send(
            .post, "\(endpoint)/", headers: [("Content-Type", "application/x-www-form-urlencoded")], body: form)

        var fields: [String: String] = [:]
        _ = XMLReader.read(response.body) { path, text in fields[path] = text }
        guard response.status == 200 else {
            guard let code = fields["ErrorResponse/Error/Code"], response.status < 500 else {
                throw CredentialsClient.failure("Security Token Service", response)
            }
            throw .denied("the web identity cannot take the role \(identity.roleARN): \(code.prefix(100))")
        }
        let path = "AssumeRoleWithWebIdentityResponse/AssumeRoleWithWebIdentityResult/Credentials/"
        guard let id = fields[path + "AccessKeyId"], let secret = fields[path + "SecretAccessKey"],
            let session = fields[path + "SessionToken"], let expiration = fields[path + "Expiration"]
        else { throw .invalidResponse("the Security Token Service did not answer with credentials") }
        return try Credentials(
            accessKeyID: id, secret: secret, sessionToken: session, expiration: expiration,
            from: "Security Token Service")
    }
}
