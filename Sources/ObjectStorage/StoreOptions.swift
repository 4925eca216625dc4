public import AssayModel

/// What a user may set about a store; what stays nil comes from the environment, the profile, or is the default.
public struct StoreOptions: Sendable {
    /// Otherwise `AWS_REGION`, `AWS_DEFAULT_REGION`, the profile's, or `us-east-1`.
    public var region: String?
    /// Otherwise `AWS_ENDPOINT_URL_S3`, `AWS_ENDPOINT_URL`, the profile's, or Amazon's.
    public var endpoint: String?
    public var addressing = S3Store.Addressing.automatic
    /// Otherwise `AWS_CA_BUNDLE`, or the system's.
    public var certificateAuthorities: String?
    /// Whether to ask without credentials.
    public var isAnonymous = false
    /// Otherwise `AWS_PROFILE`, or `default`.
    public var profile: String?
    public var retry = RetryPolicy()
    public var limits = StorageLimits()
    /// Counts what is sent, repetitions included.
    public var counter: StoreCounter?

    public init() {}
}

extension StoreLocation {
    /// The store at this location, which asks again where that is worthwhile.
    ///
    /// Nothing is sent yet. List with `prefix` to stay within the location.
    ///
    /// - Parameter environment: the process's variables; all settings of S3 are looked up in it.
    /// - Throws: `configuration` if it cannot work as set.
    public func open(
        environment: [String: String], options: StoreOptions = StoreOptions()
    ) throws(ObjectStorageError) -> any ObjectStore {
        var store: any ObjectStore
        switch self {
        case .folder(let path): store = try FolderStore(path)
        case .bucket(let bucket, _):
            store = try S3Store(Self.configuration(of: bucket, environment: environment, options: options))
        }
        if let counter = options.counter { store = CountingStore(store, counter: counter) }
        return RetryingStore(store, policy: options.retry)
    }

    static func configuration(
        of bucket: String, environment: [String: String], options: StoreOptions
    ) throws(ObjectStorageError) -> S3Store.Configuration {
        let profile = try AWSProfile.load(
            environment: environment, name: options.profile, limit: options.limits.settingsFileBytes)
        let region =
            options.region ?? environment.setting("AWS_REGION") ?? environment.setting("AWS_DEFAULT_REGION")
            ?? profile?["region"] ?? "us-east-1"
        var configuration = S3Store.Configuration(
            bucket: bucket, region: region,
            endpoint: options.endpoint ?? environment.setting("AWS_ENDPOINT_URL_S3")
                ?? environment.setting("AWS_ENDPOINT_URL") ?? profile?["endpoint_url"],
            addressing: options.addressing,
            certificateAuthorities: options.certificateAuthorities ?? environment.setting("AWS_CA_BUNDLE")
                ?? profile?["ca_bundle"],
            credentials: options.isAnonymous
                ? nil
                : try CredentialsChain(
                    environment: environment, profile: options.profile, region: region, limits: options.limits))
        configuration.limits = options.limits
        return configuration
    }
}
