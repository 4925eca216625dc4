/// What a text of a certificate must be.
public struct TextPattern: Hashable, Sendable {
    private enum Kind: Hashable {
        case exact
        case expression(RegularExpression)
    }

    private let kind: Kind
    private let text: String

    /// That text, byte for byte.
    public static func exact(_ text: String) -> TextPattern { TextPattern(kind: .exact, text: text) }

    /// A text in which the regular expression is found.
    ///
    /// It is searched for, as cosign and sigstore-go do: begin it with `^` and end it with `$`, and escape its dots,
    /// or it also finds names that somebody else could register. A text with control characters is never matched.
    ///
    /// The syntax is RE2's, without classes of Unicode (`\pL`), `\Q...\E`, octal numbers, the flags `m` and `U`, and
    /// characters beyond ASCII under `(?i)`. The search takes time in proportion to the text, whatever the expression.
    ///
    /// - Throws: `malformed` if it is no regular expression that can be used, with the place in it, or an empty one;
    ///   `limitExceeded` if it is too long, or becomes so by what it repeats.
    public static func regularExpression(
        _ text: String, limits: Limits = Limits()
    ) throws(SigstoreError) -> TextPattern {
        TextPattern(kind: .expression(try RegularExpression(parsing: text, limits: limits)), text: text)
    }

    func matches(_ candidate: String) -> Bool {
        switch kind {
        case .exact: text.hasSameBytes(as: candidate)
        case .expression(let expression):
            !candidate.unicodeScalars.contains(where: TerminalText.isUnsafe) && expression.isFound(in: candidate)
        }
    }
}

extension TextPattern: CustomStringConvertible {
    public var description: String { kind == .exact ? text : "a match of /\(text)/" }
}
