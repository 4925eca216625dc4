import Foundation

/// A named set of settings in the files that Amazon's tools share, `~/.aws/config` and `~/.aws/credentials`.
struct AWSProfile: Sendable {
    let name: String
    private let settings: [String: String]

    subscript(key: String) -> String? { settings.setting(key) }

    /// The profile of that name, of `AWS_PROFILE`, or `default`; nil if there is no default.
    ///
    /// - Throws: `configuration` if a profile was named but is in neither file, or a file cannot be read.
    static func load(
        environment: [String: String], name: String?, limit: Int
    ) throws(ObjectStorageError) -> AWSProfile? {
        let home = environment.setting("HOME") ?? ""
        let config = environment.setting("AWS_CONFIG_FILE") ?? "\(home)/.aws/config"
        let secrets = environment.setting("AWS_SHARED_CREDENTIALS_FILE") ?? "\(home)/.aws/credentials"
        let asked = name ?? environment.setting("AWS_PROFILE")
        let name = asked ?? "default"

        var settings: [String: String]?
        if let text = try SettingsFile.read(config, limit: limit) {
            let sections = sections(of: text)
            // Only the default one may stand without the word "profile" there.
            settings = sections["profile \(name)"] ?? (name == "default" ? sections[name] : nil)
        }
        if let text = try SettingsFile.read(secrets, limit: limit), let section = sections(of: text)[name] {
            settings = (settings ?? [:]).merging(section) { _, secret in secret }
        }
        guard let settings else {
            guard let asked else { return nil }
            throw .configuration("There is no profile '\(asked)' in '\(config)' or '\(secrets)'.")
        }
        return AWSProfile(name: name, settings: settings)
    }

    /// `[name]` and, below it, `key = value`; indented lines belong to nested settings, which none of ours are.
    static func sections(of text: String) -> [String: [String: String]] {
        var sections: [String: [String: String]] = [:]
        var current: String?
        for line in text.split(whereSeparator: \.isNewline) {
            let trimmed = line.trimmingCharacters(in: .whitespaces)
            guard let first = trimmed.first, first != "#", first != ";" else { continue }
            if first == "[" {
                guard let end = trimmed.firstIndex(of: "]") else {
                    current = nil
                    continue
                }
                let words = trimmed[..<end].dropFirst().split(whereSeparator: \.isWhitespace)
                let name = words.joined(separator: " ")
                current = name
                sections[name, default: [:]] = sections[name] ?? [:]
            } else if let current, line.first?.isWhitespace == false, let equals = trimmed.firstIndex(of: "=") {
                let key = trimmed[..<equals].trimmingCharacters(in: .whitespaces).lowercased()
                let value = trimmed[trimmed.index(after: equals)...].trimmingCharacters(in: .whitespaces)
                sections[current]?[key] = value
            }
        }
        return sections
    }
}
