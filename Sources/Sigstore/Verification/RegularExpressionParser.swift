/// The text of a regular expression taken apart, by the syntax of RE2.
///
/// What RE2 knows and this does not is refused, never taken for something else: classes of Unicode (`\pL`), `\Q...\E`,
/// octal numbers, the flags `m` and `U`, and letters beyond ASCII where case does not count.
struct RegularExpressionParser {
    private typealias Node = RegularExpression.Node

    private struct Flags {
        var ignoresCase = false
        var dotTakesLineFeeds = false
    }

    private let text: String
    let scalars: [Unicode.Scalar]
    let limits: Limits
    var position = 0
    private var flags = Flags()
    private var depth = 0

    private init(_ text: String, limits: Limits) {
        self.text = text
        scalars = Array(text.unicodeScalars)
        self.limits = limits
    }

    static func node(of text: String, limits: Limits) throws(SigstoreError) -> RegularExpression.Node {
        guard text.utf8.count <= limits.expressionSize else {
            throw .limitExceeded(what: "bytes of a regular expression", limit: limits.expressionSize)
        }
        guard !text.isEmpty else {
            throw .malformed(
                document: "policy", field: "\"\"", problem: "is not a regular expression that can be used: it is empty")
        }
        var parser = Self(text, limits: limits)
        let node = try parser.alternatives()
        guard parser.next == nil else { throw parser.fault("closes a group that is not open") }
        return node
    }

    var next: Unicode.Scalar? { position < scalars.count ? scalars[position] : nil }

    /// Whether the text goes on like this; then it is behind the position.
    mutating func skip(_ expected: String) -> Bool {
        guard scalars[position...].starts(with: expected.unicodeScalars) else { return false }
        position += expected.unicodeScalars.count
        return true
    }

    /// - Parameter place: the position if not given.
    func fault(_ problem: String, at place: Int? = nil) -> SigstoreError {
        let place = place ?? position
        let found = place < scalars.count ? "'\(TerminalText.escape(String(scalars[place])))'" : "the end"
        return .malformed(
            document: "policy", field: "\"\(text)\"",
            problem: "is not a regular expression that can be used: \(found) at character \(place + 1) \(problem)")
    }

    /// In lower and upper case, if case does not count.
    func folded(_ set: ScalarSet, at place: Int) throws(SigstoreError) -> ScalarSet {
        guard flags.ignoresCase else { return set }
        guard let folded = set.foldedASCII else {
            throw fault("is not ASCII, which is needed where case does not count", at: place)
        }
        return folded
    }

    private mutating func alternatives() throws(SigstoreError) -> Node {
        var branches = [try sequence()]
        while skip("|") { branches.append(try sequence()) }
        return branches.count == 1 ? branches[0] : .alternatives(branches)
    }

    private mutating func sequence() throws(SigstoreError) -> Node {
        var nodes: [Node] = []
        while let scalar = next, scalar != "|", scalar != ")" {
            if scalar == "(", skipFlags() {
                // Nothing that could be repeated.
                let place = position
                guard try repetition() == nil else { throw fault("repeats nothing", at: place) }
                continue
            }
            let node = try atom()
            guard let (minimum, maximum) = try repetition() else {
                nodes.append(node)
                continue
            }
            nodes.append(.repetition(node, minimum: minimum, maximum: maximum))
            let place = position
            guard try repetition() == nil else { throw fault("repeats a repetition", at: place) }
        }
        return nodes.isEmpty ? .empty : .sequence(nodes)
    }

    private mutating func atom() throws(SigstoreError) -> Node {
        let place = position
        guard try repetition() == nil else { throw fault("repeats nothing", at: place) }
        guard let scalar = next else { return .empty }
        switch scalar {
        case "(": return try group()
        case "[": return .set(try bracket())
        case "\\": return try escape()
        default: position += 1
        }
        switch scalar {
        case "^": return .assertion(.start)
        case "$": return .assertion(.end)
        case ".": return .set(flags.dotTakesLineFeeds ? .all : ScalarSet("\n").inverted)
        default: return .set(try folded(ScalarSet(scalar), at: place))
        }
    }

    private mutating func escape() throws(SigstoreError) -> Node {
        if skip("\\A") { return .assertion(.start) }
        if skip("\\z") { return .assertion(.end) }
        if skip("\\b") { return .assertion(.wordBoundary) }
        if skip("\\B") { return .assertion(.noWordBoundary) }
        let place = position
        if let set = try escapedSet() { return .set(set) }
        return .set(try folded(ScalarSet(try escapedScalar()), at: place))
    }
}

// Groups and repetitions.
extension RegularExpressionParser {
    private mutating func group() throws(SigstoreError) -> Node {
        let start = position
        depth += 1
        defer { depth -= 1 }
        guard depth <= limits.expressionDepth else {
            throw .limitExceeded(what: "groups within groups of a regular expression", limit: limits.expressionDepth)
        }
        let outer = flags
        if skip("(?P<") || skip("(?<") {
            try skipName()
        } else if skip("(?") {
            flags = try changedFlags()
            guard skip(":") else { throw fault("is no flag that is known (i, s), nor the ':' behind them") }
        } else {
            position += 1
        }
        let node = try alternatives()
        guard skip(")") else { throw fault("opens a group that is not closed", at: start) }
        flags = outer
        return node
    }

    private mutating func skipName() throws(SigstoreError) {
        let start = position
        while let scalar = next, ScalarSet.word.contains(scalar) { position += 1 }
        guard position > start, skip(">") else { throw fault("is not the name of a group, nor the '>' behind it") }
    }

    /// `(?i)`, which is for the rest of the group that it stands in; false if something else is here.
    private mutating func skipFlags() -> Bool {
        let start = position
        guard skip("(?"), let changed = try? changedFlags(), skip(")") else {
            position = start
            return false
        }
        flags = changed
        return true
    }

    private mutating func changedFlags() throws(SigstoreError) -> Flags {
        let start = position
        var changed = flags
        var value = true
        while let scalar = next, scalar != ")", scalar != ":" {
            switch scalar {
            case "i": changed.ignoresCase = value
            case "s": changed.dotTakesLineFeeds = value
            case "-" where value: value = false
            default: throw fault("is no flag that is known (i, s), nor the ':' behind them")
            }
            position += 1
        }
        // "(?-)", and "(?)".
        guard next == ":" && position == start || position > start && scalars[position - 1] != "-" else {
            throw fault("stands where a flag (i, s) is needed")
        }
        return changed
    }

    /// `*`, `+`, `?`, `{2}`, `{2,}` or `{2,3}`; nil if none is here: a brace with something else in it is itself.
    ///
    /// Behind it a `?` asks for as few as possible, which does not change whether something is found.
    private mutating func repetition() throws(SigstoreError) -> (minimum: Int, maximum: Int?)? {
        let bounds: (minimum: Int, maximum: Int?)
        if skip("*") {
            bounds = (0, nil)
        } else if skip("+") {
            bounds = (1, nil)
        } else if skip("?") {
            bounds = (0, 1)
        } else if let counts = try counts() {
            bounds = counts
        } else {
            return nil
        }
        _ = skip("?")
        return bounds
    }

    private mutating func counts() throws(SigstoreError) -> (minimum: Int, maximum: Int?)? {
        let start = position
        guard skip("{"), let minimum = try count() else {
            position = start
            return nil
        }
        var maximum: Int? = minimum
        if skip(",") { maximum = try count() }
        guard skip("}") else {
            position = start
            return nil
        }
        guard minimum <= maximum ?? minimum else { throw fault("repeats at least more than at most", at: start) }
        return (minimum, maximum)
    }

    /// A decimal number without zeros before it; nil if none is here.
    private mutating func count() throws(SigstoreError) -> Int? {
        let start = position
        while let scalar = next, ScalarSet.digits.contains(scalar) { position += 1 }
        guard position > start, position == start + 1 || scalars[start] != "0" else { return nil }
        let digits = String(String.UnicodeScalarView(scalars[start..<position]))
        guard let number = Int(digits), number <= limits.expressionRepetitions else {
            throw .limitExceeded(what: "repetitions in a regular expression", limit: limits.expressionRepetitions)
        }
        return number
    }
}
