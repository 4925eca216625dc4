/// The path of a file or folder in a setting. `~`, `$XDG_CONFIG_HOME` and `$XDG_DATA_HOME` at its start are filled in.
public struct SettingPath: SettingValue, Hashable {
    public let path: String

    public static var placeholder: String { "path" }

    init(_ path: String) { self.path = path }

    public init(settingText text: String) throws(SettingSyntaxError) {
        guard !text.utf8.contains(0) else { throw SettingSyntaxError("is not a path: it holds a NUL character") }
        self.path = text
    }

    public var settingText: String { path }

    public func resolved(in folders: UserFolders) -> SettingPath {
        let variables = [
            ("~", folders.home), ("$XDG_CONFIG_HOME", folders.configuration), ("$XDG_DATA_HOME", folders.data),
        ]
        for (variable, folder) in variables where path == variable || path.hasPrefix(variable + "/") {
            let filledIn = folder + path.dropFirst(variable.count)
            return SettingPath(filledIn.isEmpty ? "/" : filledIn)
        }
        return self
    }
}

/// Where a user keeps things, by the XDG Base Directory Specification.
public struct UserFolders: Sendable, Hashable {
    /// Without a slash at its end, so the root folder is empty.
    let home: String
    let configuration: String
    let data: String

    /// - Parameter environment: HOME, XDG_CONFIG_HOME and XDG_DATA_HOME are used. As the specification says, the
    ///   latter two count only if they are absolute.
    public init(environment: [String: String]) {
        func folder(_ name: String) -> String? {
            environment[name].flatMap { $0.hasPrefix("/") ? $0 : nil }
        }
        let home = folder("HOME") ?? ""
        self.home = home == "/" ? "" : home
        self.configuration = folder("XDG_CONFIG_HOME") ?? self.home + "/.config"
        self.data = folder("XDG_DATA_HOME") ?? self.home + "/.local/share"
    }
}
