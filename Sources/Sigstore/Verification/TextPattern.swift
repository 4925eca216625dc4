internal import _StringProcessing

/// What a text of a certificate must be.
public struct TextPattern: Hashable, Sendable {
    private enum Kind: Hashable {
        case exact, expression
    }

    private let kind: Kind
    private let text: String

    /// That text, byte for byte.
    public static func exact(_ text: String) -> TextPattern { TextPattern(kind: .exact, text: text) }

    /// A text in which the regular expression is found.
    ///
    /// It is searched for, as cosign and sigstore-go do: begin it with `^` and end it with `$`, and escape its dots,
    /// or it also finds names that somebody else could register. A text with control characters is never matched, so
    /// that `$` is the end.
    ///
    /// - Throws: `malformed` if it is no regular expression, or an empty one.
    public static func regularExpression(_ text: String) throws(SigstoreError) -> TextPattern {
        guard !text.isEmpty, (try? Regex(text)) != nil else {
            throw .malformed(
                document: "policy", field: "\"\(text)\"", problem: "is not a regular expression that can be used")
        }
        return TextPattern(kind: .expression, text: text)
    }

    func matches(_ candidate: String) -> Bool {
        switch kind {
        case .exact: return text.hasSameBytes(as: candidate)
        case .expression:
            guard !candidate.unicodeScalars.contains(where: TerminalText.isUnsafe) else { return false }
            // Regex is not Sendable, so it is made anew; no two spellings of a character are the same to it.
            guard let expression = try? Regex(text).matchingSemantics(.unicodeScalar) else { return false }
            return candidate.firstMatch(of: expression) != nil
        }
    }
}

extension TextPattern: CustomStringConvertible {
    public var description: String { kind == .exact ? text : "a match of /\(text)/" }
}
