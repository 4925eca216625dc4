/// Every setting of the program, declared once. Flags, environment variables, the keys of the configuration file, the
/// help and `assay config` are made from these rows.
public struct SettingTable: Sendable {
    static let standard = SettingTable()

    /// The tables of the configuration file; settings whose first word is none of these stand at its top.
    static let fileTables = ["s3", "limit", "provenance", "mount", "trust", "signing"]

    // MARK: Everywhere

    public let json = Setting(
        "json", default: false, "Print results as JSON on standard output, and nothing else there")
    public let quiet = Setting("quiet", default: false, "Print no progress and no notes, only results and errors")
    public let verbose = Setting("verbose", default: false, "Print what is being done, object by object")
    public let color = Setting("color", default: ColorChoice.auto, "Use colour; auto means on a terminal only")
    public let catalog = Setting(
        "catalog", default: SettingPath("$XDG_DATA_HOME/assay/catalog.sqlite"), "The file of the digest catalog")

    // MARK: Reading sources

    public let jobs = Setting("jobs", default: PositiveCount(2), "How many objects are read at the same time")
    public let readWindow = Setting(
        "read-window", default: ByteSize(bytes: 24 << 20), "How many bytes of one object may be in memory")
    public let retryAttempts = Setting(
        "retry-attempts", default: PositiveCount(6), "How often a request is tried in all before it has failed")
    public let s3Endpoint = Setting<String?>(
        "s3-endpoint", default: nil,
        "The URL of an S3-compatible service; without it, that of the AWS environment or profile, or Amazon's")
    public let s3Region = Setting<String?>(
        "s3-region", default: nil, "The region of the bucket; without it, that of the AWS environment or profile")
    public let s3Addressing = Setting(
        "s3-addressing", default: BucketAddressing.auto,
        "Put the bucket's name into the path or the host name; auto means path for an endpoint of your own")
    public let s3CAFile = Setting<SettingPath?>(
        "s3-ca-file", default: nil,
        "PEM certificates to trust for the endpoint; without it, AWS_CA_BUNDLE or the system's")
    public let s3Anonymous = Setting("s3-anonymous", default: false, "Send unsigned requests, for public buckets")
    public let s3Profile = Setting<String?>(
        "s3-profile", default: nil, "The profile of the shared AWS configuration to take credentials from")

    // MARK: Limits on what an archive may hold

    public let limitEntrySize = Setting(
        "limit-entry-size", default: ByteSize(bytes: 64 << 30),
        "The largest entry, decompressed; larger ones are refused")
    public let limitTotalSize = Setting(
        "limit-total-size", default: ByteSize(bytes: 256 << 30), "The most that one archive may hold, decompressed")
    public let limitRatio = Setting(
        "limit-ratio", default: PositiveCount(2000), "How many times its compressed size an entry may expand to")
    public let limitEntries = Setting(
        "limit-entries", default: PositiveCount(16 << 20), "How many entries one archive may hold")

    // MARK: Attesting

    public let key = Setting(
        "key", default: SettingPath("$XDG_CONFIG_HOME/assay/signing-key.pem"),
        """
        The key to sign with, or to verify with: a PEM file; to sign also awskms://, hashivault://, openbao://, pkcs11: or \
        command: and a key's name there
        """)
    public let keyPasswordFile = Setting<SettingPath?>(
        "key-password-file", default: nil, "A file whose first line is the key's password")
    public let attestationExpiry = Setting(
        "attestation-expiry", default: TimeSpan.years(2), "How long an attestation counts before it is made anew")
    public let provenanceBuilderID = Setting<String?>(
        "provenance-builder-id", default: nil, "The builder's URI in the provenance; without it, Assay's own")
    public let provenanceBuildType = Setting<String?>(
        "provenance-build-type", default: nil, "The build type's URI in the provenance; without it, Assay's own")

    // MARK: Signing

    public let keyless = Setting(
        "keyless", in: "signing", default: false,
        "Sign as the workload that this is, by an identity token, instead of with a key")
    public let signingConfig = Setting<SettingPath?>(
        "signing-config", default: nil,
        "A Sigstore signing config, which names the services to ask, instead of their URLs")
    public let fulcioURL = Setting<String?>(
        "fulcio-url", in: "signing", default: nil, "The URL of the authority that certifies identities")
    public let rekorURL = Setting<String?>(
        "rekor-url", in: "signing", default: nil, "The URL of the transparency log that records signatures")
    public let rekorVersion = Setting(
        "rekor-version", in: "signing", default: RekorVersion.two, "The version of the log's API")
    public let timestampURL = Setting<String?>(
        "timestamp-url", in: "signing", default: nil,
        "The URL of a timestamp authority, whole, such as https://timestamp.example.com/api/v1/timestamp")
    public let identityTokenFile = Setting<SettingPath?>(
        "identity-token-file", in: "signing", default: nil,
        "A file with the identity token, read again whenever one is needed")
    public let identityTokenCommand = Setting<String?>(
        "identity-token-command", in: "signing", default: nil,
        "A line for the shell that prints an identity token, run whenever one is needed")
    public let oidcAudience = Setting(
        "oidc-audience", in: "signing", default: "sigstore", "For whom identity tokens have to be")
    public let serviceCAFile = Setting<SettingPath?>(
        "service-ca-file", in: "signing", default: nil,
        "PEM certificates to trust for the signing services; without it, the system's")
    public let maxRate = Setting<PositiveCount?>(
        "max-rate", in: "signing", default: nil, "How many requests a second each service may get")
    public let signingJobs = Setting(
        "signing-jobs", default: PositiveCount(32), "How many signatures are on their way at the same time")

    // MARK: Mounting

    public let mountAllowOther = Setting(
        "mount-allow-other", default: false, "Let other users read the mount; /etc/fuse.conf must allow it")
    public let mountMetadataTimeout = Setting(
        "mount-metadata-timeout", default: TimeSpan.seconds(1),
        "How long the kernel may remember names, so how late new artifacts appear")

    public let mountCacheSize = Setting(
        "mount-cache-size", default: ByteSize(bytes: 128 << 20), "How much decompressed content is kept in memory")

    // MARK: Trust

    public let trustFolder = Setting(
        "trust-folder", default: SettingPath("$XDG_DATA_HOME/assay/trust"),
        "The folder of the trusted root that `assay trust update` fetched")

    public let trustedRoot = Setting<SettingPath?>(
        "trusted-root", in: "trust", default: nil,
        "The file of the trusted root; without it, the updated one, or that of the public-good instance")

    /// Every row, in the order above.
    static let rows: [any SettingDefinition] = Mirror(reflecting: standard).children.compactMap {
        $0.value as? any SettingDefinition
    }
}
