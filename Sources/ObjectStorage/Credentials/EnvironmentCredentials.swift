/// `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and `AWS_SESSION_TOKEN`.
struct EnvironmentCredentials: CredentialsSource {
    let environment: [String: String]

    func fetch() throws(ObjectStorageError) -> Credentials? {
        switch (environment.setting("AWS_ACCESS_KEY_ID"), environment.setting("AWS_SECRET_ACCESS_KEY")) {
        case (nil, nil): return nil
        case (nil, _): throw .configuration("AWS_SECRET_ACCESS_KEY is set without AWS_ACCESS_KEY_ID. Set both or none.")
        case (_, nil): throw .configuration("AWS_ACCESS_KEY_ID is set without AWS_SECRET_ACCESS_KEY. Set both or none.")
        case (let id?, let secret?):
            return try Credentials(
                accessKeyID: id, secret: secret, sessionToken: environment.setting("AWS_SESSION_TOKEN"),
                expiration: nil, from: "environment")
        }
    }
}

extension [String: String] {
    /// The value of a variable; nil also if it is empty, as shells cannot easily unset one for a command.
    func setting(_ name: String) -> String? {
        self[name].flatMap { $0.isEmpty ? nil : $0 }
    }
}
