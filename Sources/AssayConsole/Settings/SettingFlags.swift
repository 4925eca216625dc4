public import ArgumentParser

/// Options of the command line that are settings.
public protocol SettingGroup: ParsableArguments {
    /// One for each option that was given.
    var given: [SettingFlag?] { get }
}

extension Option where Value == SettingFlag? {
    /// The option of a row of the table: its name, help, and the check of its value come from there.
    init<Setting: SettingValue>(_ row: KeyPath<SettingTable, AssayConsole.Setting<Setting>>) {
        let setting = SettingTable.standard[keyPath: row]
        self.init(
            name: .customLong(setting.name), help: setting.argumentHelp,
            transform: { text in
                do {
                    _ = try setting.parse(text)
                } catch {
                    throw ValidationError("it \(error)")
                }
                return SettingFlag(name: setting.name, text: text)
            })
    }
}

extension Flag where Value == Bool? {
    /// The flag of a row of the table that is true or false: `--json` and `--no-json`.
    init(_ row: KeyPath<SettingTable, Setting<Bool>>, short: Character? = nil) {
        let setting = SettingTable.standard[keyPath: row]
        let names: [NameSpecification.Element] = [.customLong(setting.name)] + (short.map { [.customShort($0)] } ?? [])
        self.init(name: NameSpecification(names), inversion: .prefixedNo, help: setting.argumentHelp)
    }
}

extension SettingFlag {
    fileprivate init?(_ row: KeyPath<SettingTable, Setting<Bool>>, _ value: Bool?) {
        guard let value else { return nil }
        self.init(name: SettingTable.standard[keyPath: row].name, text: value.settingText)
    }
}

extension SettingDefinition {
    fileprivate var argumentHelp: ArgumentHelp {
        let fallback = forms == [.boolean] ? nil : fallbackText
        return ArgumentHelp("\(help)\(fallback.map { " (default: \($0))" } ?? "").", valueName: placeholder)
    }
}

/// The options that every command has.
public struct CommonFlags: SettingGroup {
    @Option(
        name: .customLong("config"),
        help: ArgumentHelp(
            "The configuration file (default: $XDG_CONFIG_HOME/assay/assay.toml, /etc/assay/assay.toml)."))
    var config: String?
    @Option(\.catalog) var catalog: SettingFlag?
    @Flag(\.json) var json: Bool?
    @Flag(\.quiet, short: "q") var quiet: Bool?
    @Flag(\.verbose, short: "v") var verbose: Bool?
    @Option(\.color) var color: SettingFlag?

    public init() {}

    public var given: [SettingFlag?] {
        [catalog, SettingFlag(\.json, json), SettingFlag(\.quiet, quiet), SettingFlag(\.verbose, verbose), color]
    }
}

/// How to reach a source.
public struct SourceFlags: SettingGroup {
    @Option(\.s3Endpoint) var endpoint: SettingFlag?
    @Option(\.s3Region) var region: SettingFlag?
    @Option(\.s3Addressing) var addressing: SettingFlag?
    @Option(\.s3CAFile) var caFile: SettingFlag?
    @Flag(\.s3Anonymous) var anonymous: Bool?
    @Option(\.s3Profile) var profile: SettingFlag?
    @Option(\.retryAttempts) var retryAttempts: SettingFlag?

    public init() {}

    public var given: [SettingFlag?] {
        [endpoint, region, addressing, caFile, SettingFlag(\.s3Anonymous, anonymous), profile, retryAttempts]
    }
}

/// How archives are read, and what they may hold.
public struct ReadingFlags: SettingGroup {
    @Option(\.jobs) var jobs: SettingFlag?
    @Option(\.readWindow) var readWindow: SettingFlag?
    @Option(\.limitEntrySize) var limitEntrySize: SettingFlag?
    @Option(\.limitTotalSize) var limitTotalSize: SettingFlag?
    @Option(\.limitRatio) var limitRatio: SettingFlag?
    @Option(\.limitEntries) var limitEntries: SettingFlag?

    public init() {}

    public var given: [SettingFlag?] {
        [jobs, readWindow, limitEntrySize, limitTotalSize, limitRatio, limitEntries]
    }
}

/// The key, for signing and for verifying.
public struct KeyFlags: SettingGroup {
    @Option(\.key) var key: SettingFlag?
    @Option(\.keyPasswordFile) var keyPasswordFile: SettingFlag?

    public init() {}

    public var given: [SettingFlag?] { [key, keyPasswordFile] }
}

/// What attestations say.
public struct AttestationFlags: SettingGroup {
    @Option(\.attestationExpiry) var expiry: SettingFlag?
    @Option(\.provenanceBuilderID) var builderID: SettingFlag?
    @Option(\.provenanceBuildType) var buildType: SettingFlag?

    public init() {}

    public var given: [SettingFlag?] { [expiry, builderID, buildType] }
}

/// Who signs, and which services are asked.
public struct SigningFlags: SettingGroup {
    @Flag(\.keyless) var keyless: Bool?
    @Option(\.signingConfig) var config: SettingFlag?
    @Option(\.fulcioURL) var fulcioURL: SettingFlag?
    @Option(\.rekorURL) var rekorURL: SettingFlag?
    @Option(\.rekorVersion) var rekorVersion: SettingFlag?
    @Option(\.timestampURL) var timestampURL: SettingFlag?
    @Option(\.identityTokenFile) var tokenFile: SettingFlag?
    @Option(\.identityTokenCommand) var tokenCommand: SettingFlag?
    @Option(\.oidcAudience) var audience: SettingFlag?
    @Option(\.serviceCAFile) var caFile: SettingFlag?
    @Option(\.maxRate) var maxRate: SettingFlag?
    @Option(\.signingJobs) var jobs: SettingFlag?
    @Option(\.trustedRoot) var trustedRoot: SettingFlag?
    @Option(\.trustFolder) var trustFolder: SettingFlag?

    public init() {}

    public var given: [SettingFlag?] {
        [
            SettingFlag(\.keyless, keyless), config, fulcioURL, rekorURL, rekorVersion, timestampURL, tokenFile,
            tokenCommand, audience, caFile, maxRate, jobs, trustedRoot, trustFolder,
        ]
    }
}

/// How the filesystem is mounted.
public struct MountFlags: SettingGroup {
    @Flag(\.mountAllowOther) var allowOther: Bool?
    @Option(\.mountMetadataTimeout) var metadataTimeout: SettingFlag?
    @Option(\.mountCacheSize) var cacheSize: SettingFlag?

    public init() {}

    public var given: [SettingFlag?] { [SettingFlag(\.mountAllowOther, allowOther), metadataTimeout, cacheSize] }
}

/// Where updates of the trusted root are kept.
public struct TrustFlags: SettingGroup {
    @Option(\.trustFolder) var folder: SettingFlag?

    public init() {}

    public var given: [SettingFlag?] { [folder] }
}
