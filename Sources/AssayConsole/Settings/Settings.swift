/// The settings in force: for each, the value and where it came from. A flag comes before an environment variable,
/// that before the configuration file, and that before the default.
@dynamicMemberLookup
public struct Settings: Sendable {
    private let values: [String: Resolved]
    private let folders: UserFolders
    /// The configuration file that was read, if there was one.
    public let file: String?
    /// What that file says of sources.
    public let sourceRules: [SourceRule]
    private let environmentPassword: String?

    /// The environment variable that holds the password itself. There is no flag for it: flags show in process lists.
    static let keyPasswordVariable = "ASSAY_KEY_PASSWORD"

    struct Resolved: Sendable {
        let value: any SettingValue
        let origin: SettingOrigin
    }

    /// The value of one setting: `settings.s3Endpoint`.
    public subscript<Value>(dynamicMember row: KeyPath<SettingTable, Setting<Value>>) -> Value {
        let setting = SettingTable.standard[keyPath: row]
        return values[setting.name]?.value as? Value ?? setting.fallback.resolved(in: folders)
    }

    /// Whether somebody gave the setting a value; otherwise it has its default.
    public func isSet<Value>(_ row: KeyPath<SettingTable, Setting<Value>>) -> Bool {
        values[SettingTable.standard[keyPath: row].name] != nil
    }

    /// The flag of a setting and, in parentheses, where its value came from if that is elsewhere; for messages.
    public func mention<Value>(_ row: KeyPath<SettingTable, Setting<Value>>) -> String {
        let setting = SettingTable.standard[keyPath: row]
        guard let origin = values[setting.name]?.origin, origin.kind != "flag" else { return setting.flag }
        return "\(setting.flag) (\(origin))"
    }

    /// - Parameters:
    ///   - flags: what stood on the command line.
    ///   - file: the configuration file, already read.
    /// - Throws: `usage` for a text that is no value of its setting.
    init(flags: [SettingFlag], environment: [String: String], file: SettingsFile?) throws(CommandError) {
        let folders = UserFolders(environment: environment)
        var values: [String: Resolved] = [:]
        for setting in SettingTable.rows {
            let given: (text: String, origin: SettingOrigin)
            if let flag = flags.last(where: { $0.name == setting.name }) {
                given = (flag.text, .flag(setting.flag))
            } else if let text = environment[setting.environmentName], !text.isEmpty {
                given = (text, .environment(setting.environmentName))
            } else if let file, let item = file.items[setting.name] {
                given = (item.text, .file(path: file.path, line: item.line))
            } else {
                continue
            }
            do {
                let value = try setting.parse(given.text).resolved(in: folders)
                values[setting.name] = Resolved(value: value, origin: given.origin)
            } catch {
                throw CommandError(
                    .usage, "\(given.origin): “\(given.text)” \(error) (\(setting.name))",
                    hint: setting.fallbackText.map { "The default is \($0)." })
            }
        }
        self.values = values
        self.folders = folders
        self.file = file?.path
        self.sourceRules = file?.sourceRules ?? []
        self.environmentPassword = environment[Self.keyPasswordVariable].flatMap { $0.isEmpty ? nil : $0 }
    }

    var hasEnvironmentPassword: Bool { environmentPassword != nil }

    /// The password of the signing key: from the file named by a flag, else from ASSAY_KEY_PASSWORD, else from the
    /// file named elsewhere, else none.
    ///
    /// - Throws: `usage` if the file cannot be read.
    public func keyPassword() throws(CommandError) -> String? {
        let origin = values[SettingTable.standard.keyPasswordFile.name]?.origin
        if let environmentPassword, origin?.kind != "flag" { return environmentPassword }
        guard let path = self[dynamicMember: \.keyPasswordFile]?.path else { return environmentPassword }
        let bytes: [UInt8]
        do {
            bytes = try SmallFile.read(path, limit: 1 << 16)
        } catch {
            throw CommandError(
                .usage, "cannot read the key's password from \(path): \(error)",
                hint: "Check \(origin?.description ?? "key-password-file") and the file's permissions.")
        }
        return String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }, as: UTF8.self)
    }

    /// Every setting's value as text, and its origin, in the table's order.
    func report() -> [(setting: any SettingDefinition, text: String, origin: SettingOrigin)] {
        SettingTable.rows.map { setting in
            if let resolved = values[setting.name] {
                return (setting, resolved.value.settingText, resolved.origin)
            }
            let fallback = try? setting.parse(setting.defaultText).resolved(in: folders).settingText
            return (setting, setting.defaultText.isEmpty ? "" : fallback ?? "", .fallback)
        }
    }
}

/// Where a setting's value came from.
public enum SettingOrigin: Sendable, Hashable, CustomStringConvertible {
    case flag(String)
    case environment(String)
    case file(path: String, line: Int?)
    case fallback

    public var description: String {
        switch self {
        case .flag(let flag): flag
        case .environment(let name): name
        case .file(let path, let line): line.map { "\(path):\($0)" } ?? path
        case .fallback: "default"
        }
    }

    /// One word: `flag`, `environment`, `file` or `default`.
    public var kind: String {
        switch self {
        case .flag: "flag"
        case .environment: "environment"
        case .file: "file"
        case .fallback: "default"
        }
    }
}

/// A setting given on the command line, not yet read as its type.
public struct SettingFlag: Sendable {
    let name: String
    let text: String
}
