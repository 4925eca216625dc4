/// A row of the table of settings. Its one name makes its flag, its environment variable and its key in the
/// configuration file: `s3-endpoint` is `--s3-endpoint`, `ASSAY_S3_ENDPOINT` and `endpoint` in `[s3]`.
public protocol SettingDefinition: Sendable {
    /// Lower-case words joined by hyphens.
    var name: String { get }
    /// One sentence for the help and for `config/assay.toml`, without its full stop.
    var help: String { get }
    /// What the value is when it is given nowhere; empty if it is then not set.
    var defaultText: String { get }
    var placeholder: String { get }
    /// The table of the configuration file that it stands in, if its name does not begin with that.
    var table: String? { get }
    var forms: [SettingForm] { get }
    /// The value that `text` stands for.
    func parse(_ text: String) throws(SettingSyntaxError) -> any SettingValue
}

/// A setting whose values are of type `Value`.
public struct Setting<Value: SettingValue>: SettingDefinition {
    public let name: String
    public let help: String
    public let table: String?
    let fallback: Value

    init(_ name: String, in table: String? = nil, default fallback: Value, _ help: String) {
        self.name = name
        self.table = table
        self.fallback = fallback
        self.help = help
    }

    public var defaultText: String { fallback.settingText }
    public var placeholder: String { Value.placeholder }
    public var forms: [SettingForm] { Value.forms }

    public func parse(_ text: String) throws(SettingSyntaxError) -> any SettingValue {
        try Value(settingText: text)
    }
}

extension SettingDefinition {
    public var flag: String { "--" + name }

    public var environmentName: String {
        "ASSAY_" + name.uppercased().replacing("-", with: "_")
    }

    /// Where the setting stands in the configuration file: `["s3", "endpoint"]`, or `["jobs"]` at the top.
    public var fileKey: [String] {
        for table in SettingTable.fileTables where name.hasPrefix(table + "-") {
            return [table, String(name.dropFirst(table.count + 1))]
        }
        return (table.map { [$0] } ?? []) + [name]
    }

    var fallbackText: String? { defaultText.isEmpty ? nil : defaultText }
}
