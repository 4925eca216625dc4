public import AssayModel

/// What requests to S3 are signed with. Printing one never shows the secrets.
public struct Credentials: Hashable, Sendable {
    public let accessKeyID: String
    /// Not to be printed.
    public let secret: String
    /// Belongs to temporary credentials. Not to be printed.
    public let sessionToken: String?
    /// When temporary credentials end.
    public let expires: Timestamp?

    public init(accessKeyID: String, secret: String, sessionToken: String? = nil, expires: Timestamp? = nil) {
        self.accessKeyID = accessKeyID
        self.secret = secret
        self.sessionToken = sessionToken
        self.expires = expires
    }
}

extension Credentials: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "credentials of the access key \(accessKeyID)" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: ["accessKeyID": accessKeyID]) }
}

/// Whoever knows the credentials to use now.
public protocol CredentialsProvider: Sendable {
    /// Credentials that are valid for some minutes at least.
    ///
    /// - Throws: `denied` if there are none, `transient`, `configuration` or `invalidResponse` if they cannot be had.
    func credentials() async throws(ObjectStorageError) -> Credentials

    /// Forgets these credentials, as the store calls them expired. False if there will be no others.
    func discard(_ credentials: Credentials) async -> Bool
}

extension Credentials: CredentialsProvider {
    public func credentials() -> Credentials { self }
    public func discard(_ credentials: Credentials) -> Bool { false }
}
