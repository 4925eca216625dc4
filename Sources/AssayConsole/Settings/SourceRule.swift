import TOMLKit

/// What the configuration file says of the sources at a location and below it: the table `[sources."LOCATION"]`.
///
/// These are not settings. A flag or a variable is too easily set by whoever may start a job, and what is public once is
/// public for good.
public struct SourceRule: Sendable, Hashable {
    /// Who may learn of what is in a source.
    public enum Visibility: String, Sendable, CaseIterable {
        case `public`, `private`
    }

    /// As it is written in the file.
    public let location: String
    public let visibility: Visibility
    /// The file and line, for messages.
    public let place: String

    /// The table of the file that holds them.
    static let table = "sources"
    private static let key = "visibility"

    /// - Parameter value: what stands under `sources`.
    /// - Throws: `usage` for anything but tables with exactly the known keys.
    static func rules(
        _ value: any TOMLValueConvertible, path: String, lines: KeyLines
    ) throws(CommandError) -> [SourceRule] {
        let place = lines[[table]].map { "\(path):\($0)" } ?? path
        func wrong(_ what: String) -> CommandError {
            CommandError(
                .usage, "\(place): \(TerminalText.escaped(what))",
                hint: "Write [sources.\"s3://bucket/prefix\"] and below it visibility = \"public\" or \"private\".")
        }
        guard let tables = value.table else { throw wrong("\(table) must be a table of locations") }
        var rules: [SourceRule] = []
        for location in tables.keys.sorted() {
            guard let rule = tables[location]?.table else { throw wrong("sources.\"\(location)\" must be a table") }
            if let unknown = rule.keys.sorted().first(where: { $0 != key }) {
                throw wrong("there is no key \(unknown) for the source \"\(location)\"")
            }
            guard let text = rule[key]?.string, let visibility = Visibility(rawValue: text) else {
                throw wrong("the visibility of the source \"\(location)\" must be \"public\" or \"private\"")
            }
            rules.append(SourceRule(location: location, visibility: visibility, place: place))
        }
        return rules
    }
}
