/// A type that a setting can have: it reads itself from the text of a flag, of an environment variable and of the
/// configuration file, and writes itself back for `assay config`.
public protocol SettingValue: Sendable {
    /// What stands for the value in the help: `--jobs <count>`.
    static var placeholder: String { get }
    /// The kinds of TOML values that the configuration file may hold for it.
    static var forms: [SettingForm] { get }

    /// - Throws: what is wrong with `text`, to be shown after the setting's name.
    init(settingText text: String) throws(SettingSyntaxError)

    /// The value as a person would write it; empty if it is not set.
    var settingText: String { get }

    /// The value with everything filled in that depends on the user, such as the home folder.
    func resolved(in folders: UserFolders) -> Self
}

extension SettingValue {
    public static var forms: [SettingForm] { [.string] }
    public func resolved(in folders: UserFolders) -> Self { self }
}

/// A kind of TOML value.
public enum SettingForm: String, Sendable {
    case string = "a string"
    case integer = "an integer"
    case boolean = "true or false"
}

/// Why a text is not a value of a setting's type.
public struct SettingSyntaxError: Error, CustomStringConvertible {
    /// The sentence's end: "is not a size such as 64MiB".
    public let description: String

    public init(_ description: String) {
        self.description = description
    }
}

extension String: SettingValue {
    public static var placeholder: String { "text" }
    public init(settingText text: String) throws(SettingSyntaxError) { self = text }
    public var settingText: String { self }
}

/// A whole number of one or more; there is no setting for which zero or less has a meaning.
public struct PositiveCount: SettingValue, Hashable {
    public let value: Int

    public static var placeholder: String { "count" }
    public static var forms: [SettingForm] { [.integer] }

    public init(settingText text: String) throws(SettingSyntaxError) {
        guard let value = Int(text), value > 0 else {
            throw SettingSyntaxError("is not a whole number of 1 or more")
        }
        self.value = value
    }

    init(_ value: Int) { self.value = max(1, value) }

    public var settingText: String { String(value) }
}

extension Bool: SettingValue {
    public static var placeholder: String { "true|false" }
    public static var forms: [SettingForm] { [.boolean] }

    public init(settingText text: String) throws(SettingSyntaxError) {
        switch text.lowercased() {
        case "true", "yes", "on", "1": self = true
        case "false", "no", "off", "0": self = false
        default: throw SettingSyntaxError("is neither true nor false")
        }
    }

    public var settingText: String { self ? "true" : "false" }
}

extension Optional: SettingValue where Wrapped: SettingValue {
    public static var placeholder: String { Wrapped.placeholder }
    public static var forms: [SettingForm] { Wrapped.forms }

    public init(settingText text: String) throws(SettingSyntaxError) {
        self = .some(try Wrapped(settingText: text))
    }

    public var settingText: String { self?.settingText ?? "" }

    public func resolved(in folders: UserFolders) -> Self {
        switch self {
        case .some(let value): value.resolved(in: folders)
        case .none: nil
        }
    }
}

/// A setting that is one word of a few.
public protocol SettingChoice: SettingValue, RawRepresentable<String>, CaseIterable {}

extension SettingChoice {
    public static var placeholder: String { allCases.map(\.rawValue).joined(separator: "|") }

    public init(settingText text: String) throws(SettingSyntaxError) {
        guard let choice = Self(rawValue: text) else {
            throw SettingSyntaxError("is not one of \(Self.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        self = choice
    }

    public var settingText: String { rawValue }
}

/// When to use colour.
public enum ColorChoice: String, SettingChoice {
    /// On a terminal, unless NO_COLOR is set.
    case auto, always, never
}

/// How a bucket's name stands in a request.
public enum BucketAddressing: String, SettingChoice {
    /// `virtual` for the default endpoint, `path` for one of the user's own.
    case auto
    /// `https://endpoint/bucket/key`
    case path
    /// `https://bucket.endpoint/key`
    case virtual
}

/// A version of the API of Sigstore's transparency log.
public enum RekorVersion: String, SettingChoice {
    case one = "1"
    case two = "2"

    public static var forms: [SettingForm] { [.integer, .string] }
}
