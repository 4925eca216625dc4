/// All settings as `assay config` shows them. A password is named, never shown.
public struct SettingsReport: Encodable, Sendable {
    struct Row: Encodable {
        let name: String
        /// Nil if it is not set.
        let value: String?
        /// `flag`, `environment`, `file` or `default`.
        let origin: String
        /// The flag, the variable, or the file and line.
        let from: String?
        let flag: String
        let environment: String
        let key: String
    }

    /// The configuration file that was read.
    let file: String?
    let keyPasswordIsSet: Bool
    let settings: [Row]

    public init(_ settings: Settings) {
        file = settings.file
        keyPasswordIsSet = settings.hasEnvironmentPassword
        self.settings = settings.report().map { setting, text, origin in
            Row(
                name: setting.name, value: text.isEmpty ? nil : text, origin: origin.kind,
                from: origin == .fallback ? nil : origin.description, flag: setting.flag,
                environment: setting.environmentName, key: setting.fileKey.joined(separator: "."))
        }
    }

    public var text: ConsoleText {
        var table = TextTable([("setting", .leading), ("value", .leading), ("from", .leading)])
        for row in settings {
            let value = row.value.map { ConsoleText($0) } ?? ConsoleText("not set", .faint)
            let from = row.from.map { ConsoleText($0) } ?? ConsoleText(row.origin, .faint)
            table.add([ConsoleText(row.name), value, from])
        }
        if keyPasswordIsSet {
            table.add(["key password", ConsoleText("set, not shown", .faint), "\(Settings.keyPasswordVariable)"])
        }
        let source: ConsoleText = file.map { "Configuration file: \($0)\n\n" } ?? "No configuration file.\n\n"
        return source + table.text
    }
}
