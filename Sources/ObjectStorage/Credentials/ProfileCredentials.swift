internal import ChildProcess

/// What a profile of the shared files holds: keys, a web identity, or a program that prints credentials.
struct ProfileCredentials: CredentialsSource {
    let environment: [String: String]
    let name: String?
    let region: String
    let client: CredentialsClient
    let limits: StorageLimits

    /// How long a credential program may take; it may ask a person for a second factor.
    private static let programSeconds = 60

    func fetch() async throws(ObjectStorageError) -> Credentials? {
        guard
            let profile = try AWSProfile.load(
                environment: environment, name: name, limit: limits.settingsFileBytes)
        else { return nil }
        if let id = profile["aws_access_key_id"], let secret = profile["aws_secret_access_key"],
            profile["role_arn"] == nil
        {
            return try Credentials(
                accessKeyID: id, secret: secret, sessionToken: profile["aws_session_token"], expiration: nil,
                from: "profile '\(profile.name)'")
        }
        if let role = profile["role_arn"], let file = profile["web_identity_token_file"] {
            let identity = WebIdentityCredentials.Identity(
                tokenFile: file, roleARN: role, sessionName: profile["role_session_name"])
            return try await WebIdentityCredentials(
                identity, environment: environment, region: profile["region"] ?? region, client: client,
                limits: limits
            ).fetch()
        }
        for unsupported in ["source_profile", "credential_source", "sso_session", "sso_start_url"] {
            guard profile[unsupported] == nil else {
                throw .configuration(
                    "The profile '\(profile.name)' uses \(unsupported), which is not supported. Let a credential_process"
                        + " such as 'aws configure export-credentials --format process' hand the credentials over.")
            }
        }
        guard let command = profile["credential_process"] else { return nil }
        let output = try await output(of: command)
        return try CredentialsDocument.credentials(output, from: "credential_process of '\(profile.name)'")
    }

    /// What the program prints when the shell runs it.
    private func output(of program: String) async throws(ObjectStorageError) -> [UInt8] {
        let outcome: Outcome
        do throws(OutputError) {
            outcome = try await Command(["/bin/sh", "-c", program], environment: environment)
                .output(limit: limits.settingsFileBytes, seconds: Self.programSeconds)
        } catch {
            throw error == .cancelled ? .cancelled : .configuration("The credential_process \(error).")
        }
        guard outcome.status == 0 else {
            throw .configuration("The credential_process failed with status \(outcome.status).")
        }
        return outcome.output
    }
}
