/// Text for people, in which whatever is interpolated is escaped, so that no name from outside can steer the terminal
/// or fake a line: `"refused \(entry.name)"`.
public struct ConsoleText: Sendable, Hashable, ExpressibleByStringInterpolation {
    private struct Fragment: Sendable, Hashable {
        var text: String
        let style: TextStyle?
    }

    private var fragments: [Fragment] = []

    /// - Parameter value: text of the program's own; it is not escaped.
    public init(stringLiteral value: String) {
        fragments = [Fragment(text: value, style: nil)]
    }

    public init(stringInterpolation: Interpolation) {
        fragments = stringInterpolation.text.fragments
    }

    /// - Parameter text: from anywhere; it is escaped.
    public init(_ text: String, _ style: TextStyle? = nil) {
        fragments = [Fragment(text: TerminalText.escaped(text), style: style)]
    }

    /// - Parameter text: from anywhere, of several lines; all but its line feeds is escaped.
    public init(escaped text: String) {
        fragments = [Fragment(text: TerminalText.escaped(text, keeping: ["\n"]), style: nil)]
    }

    /// The number of columns on a terminal, for a text of one line.
    public var width: Int { fragments.reduce(0) { $0 + TerminalText.width(of: $1.text) } }

    /// The text, with escape sequences for its styles if `colored`.
    public func rendered(colored: Bool) -> String {
        fragments.map { fragment in
            guard colored, let style = fragment.style else { return fragment.text }
            return "\u{1b}[\(style.rawValue)m\(fragment.text)\u{1b}[0m"
        }.joined()
    }

    public static func + (first: ConsoleText, second: ConsoleText) -> ConsoleText {
        var sum = first
        sum.fragments += second.fragments
        return sum
    }

    public struct Interpolation: StringInterpolationProtocol {
        fileprivate var text: ConsoleText = ""

        public init(literalCapacity: Int, interpolationCount: Int) {}

        public mutating func appendLiteral(_ literal: String) {
            text = text + ConsoleText(stringLiteral: literal)
        }

        public mutating func appendInterpolation(_ value: some CustomStringConvertible, _ style: TextStyle? = nil) {
            text = text + ConsoleText(value.description, style)
        }

        public mutating func appendInterpolation(_ value: ConsoleText) {
            text = text + value
        }
    }
}

/// What a stretch of text means, shown as colour where there is colour. No meaning is in the colour alone.
public enum TextStyle: String, Sendable, Hashable {
    case heading = "1"
    case good = "32"
    case warning = "33"
    case bad = "31"
    case faint = "2"
}
