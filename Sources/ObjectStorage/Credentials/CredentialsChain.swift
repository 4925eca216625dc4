import AssayModel

/// A place that may hold credentials.
protocol CredentialsSource: Sendable {
    /// What the place holds now; nil if it is not set up at all.
    func fetch() async throws(ObjectStorageError) -> Credentials?
}

/// The credentials of the first place that has some, kept until shortly before they end.
///
/// The places, in order: environment, web identity, profile files, container, instance metadata.
public actor CredentialsChain: CredentialsProvider {
    /// How many seconds before their end credentials are renewed.
    static let renewalSeconds = 300

    private let sources: [any CredentialsSource]
    private let now: @Sendable () -> Timestamp
    private var current: Credentials?
    private var renewal: Task<Result<Credentials, ObjectStorageError>, Never>?

    /// The chain as the environment's variables set it up.
    ///
    /// - Parameters:
    ///   - profile: the profile to take; nil for that of `AWS_PROFILE`, or `default`.
    ///   - region: where to ask for the credentials of a web identity.
    public init(
        environment: [String: String], profile: String? = nil, region: String = "us-east-1",
        limits: StorageLimits = StorageLimits()
    ) throws(ObjectStorageError) {
        let client = try CredentialsClient(limits: limits)
        let sources: [any CredentialsSource] = [
            EnvironmentCredentials(environment: environment),
            WebIdentityCredentials(environment: environment, region: region, client: client, limits: limits),
            ProfileCredentials(environment: environment, name: profile, region: region, client: client, limits: limits),
            ContainerCredentials(environment: environment, client: client, limits: limits),
            InstanceCredentials(environment: environment, client: client),
        ]
        self.init(sources: sources, now: Timestamp.systemTime)
    }

    init(sources: [any CredentialsSource], now: @escaping @Sendable () -> Timestamp) {
        self.sources = sources
        self.now = now
    }

    public func credentials() async throws(ObjectStorageError) -> Credentials {
        if let current, !ends(current, within: Self.renewalSeconds) { return current }
        let task = renewal ?? Task { await renew() }
        renewal = task
        return try await task.value.get()
    }

    public func discard(_ credentials: Credentials) async -> Bool {
        if current == credentials { current = nil }
        guard let fresh = try? await self.credentials() else { return false }
        return fresh != credentials
    }

    /// One renewal serves all who wait; while the old credentials hold, a failed one harms nobody.
    private func renew() async -> Result<Credentials, ObjectStorageError> {
        defer { renewal = nil }
        do throws(ObjectStorageError) {
            let fresh = try await fetch()
            current = fresh
            return .success(fresh)
        } catch {
            guard let current, !ends(current, within: 30) else { return .failure(error) }
            return .success(current)
        }
    }

    private func fetch() async throws(ObjectStorageError) -> Credentials {
        for source in sources {
            if let found = try await source.fetch() { return found }
        }
        throw .denied(
            "no credentials were found in the environment (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY), as web identity,"
                + " in a profile, or in the container's or instance's metadata. Set them, or ask for anonymous access.")
    }

    private func ends(_ credentials: Credentials, within seconds: Int) -> Bool {
        credentials.expires.map { $0.seconds - now().seconds < seconds } ?? false
    }
}
