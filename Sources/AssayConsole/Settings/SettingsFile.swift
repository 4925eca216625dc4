import Glibc
import TOMLKit

/// A configuration file, read and checked for unknown keys, but not yet for values.
struct SettingsFile: Sendable {
    struct Item: Sendable {
        let text: String
        let line: Int?
    }

    let path: String
    /// By setting name.
    let items: [String: Item]
    let sourceRules: [SourceRule]

    /// A larger file is no configuration of ours.
    private static let sizeLimit = 1 << 20

    /// The file that is in force: the one named, else the user's, else the system's, else none.
    ///
    /// - Throws: `usage` if the file named does not exist, or if a file cannot be read or is wrong.
    static func find(named path: String?, environment: [String: String]) throws(CommandError) -> SettingsFile? {
        let folders = UserFolders(environment: environment)
        let variable = environment["ASSAY_CONFIG"].flatMap { $0.isEmpty ? nil : $0 }
        if let named = path ?? variable {
            return try SettingsFile(path: SettingPath(named).resolved(in: folders).path)
        }
        let usual = [folders.configuration + "/assay/assay.toml", "/etc/assay/assay.toml"]
        guard let found = usual.first(where: { access($0, F_OK) == 0 }) else { return nil }
        return try SettingsFile(path: found)
    }

    private init(path: String) throws(CommandError) {
        let bytes: [UInt8]
        do {
            bytes = try SmallFile.read(path, limit: Self.sizeLimit)
        } catch {
            throw CommandError(
                .usage, "cannot read the configuration file \(path): \(error)",
                hint: "Check --config, ASSAY_CONFIG and the file's permissions.")
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw CommandError(.usage, "the configuration file \(path) is not UTF-8 text")
        }
        try self.init(text: text, path: path)
    }

    /// - Parameter path: only for messages and origins.
    init(text: String, path: String) throws(CommandError) {
        let lines = KeyLines(text)
        self.path = path
        let table = try Self.parse(text, path: path)
        self.items = try Self.items(in: table, under: [], path: path, lines: lines)
        self.sourceRules =
            if let sources = table[SourceRule.table] {
                try SourceRule.rules(sources, path: path, lines: lines)
            } else { [] }
    }

    private static func parse(_ text: String, path: String) throws(CommandError) -> TOMLTable {
        do {
            return try TOMLTable(string: text)
        } catch let error as TOMLParseError {
            throw CommandError(
                .usage, "\(path):\(error.source.begin.line): \(error.description)", hint: "The file is not valid TOML.")
        } catch {
            throw CommandError(.usage, "\(path) is not valid TOML: \(error)")
        }
    }

    private static func items(
        in table: TOMLTable, under parents: [String], path: String, lines: KeyLines
    ) throws(CommandError) -> [String: Item] {
        var items: [String: Item] = [:]
        for key in table.keys.sorted() {
            let fileKey = parents + [key]
            let line = lines[fileKey]
            guard let value = table[key], !parents.isEmpty || key != SourceRule.table else { continue }
            if parents.isEmpty, let inner = value.table, SettingTable.fileTables.contains(key) {
                items.merge(try Self.items(in: inner, under: [key], path: path, lines: lines)) { _, new in new }
                continue
            }
            let place = line.map { "\(path):\($0)" } ?? path
            guard let setting = SettingTable.rows.first(where: { $0.fileKey == fileKey }) else {
                throw unknown(fileKey, at: place)
            }
            guard let text = text(of: value, forms: setting.forms) else {
                let forms = setting.forms.map(\.rawValue).joined(separator: " or ")
                throw CommandError(.usage, "\(place): \(fileKey.joined(separator: ".")) must be \(forms)")
            }
            items[setting.name] = Item(text: text, line: line)
        }
        return items
    }

    private static func text(of value: any TOMLValueConvertible, forms: [SettingForm]) -> String? {
        for form in forms {
            let text: String? =
                switch form {
                case .string: value.type == .string ? value.string : nil
                case .integer: value.type == .int ? value.int.map { String($0) } : nil
                case .boolean: value.type == .bool ? value.bool.map { String($0) } : nil
                }
            if let text { return text }
        }
        return nil
    }

    private static func unknown(_ fileKey: [String], at place: String) -> CommandError {
        let name = fileKey.joined(separator: ".")
        let known =
            SettingTable.rows.map { $0.fileKey.joined(separator: ".") } + SettingTable.fileTables
            + [SourceRule.table]
        let hint = Spelling.nearest(to: name, among: known).map { "Did you mean \($0)?" }
        return CommandError(
            .usage, "\(place): there is no setting \(TerminalText.escaped(name))",
            hint: hint ?? "`assay config` lists all settings.")
    }
}
