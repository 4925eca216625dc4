/// The line on which each key of a TOML text stands, for messages. The TOML library tells lines only for text that it
/// cannot parse, so this looks for headers and keys by itself; a key written in an unusual way just has no line.
package struct KeyLines {
    private var lines: [[String]: Int] = [:]

    package init(_ text: String) {
        var table: [String] = []
        /// How many tables each array of tables has so far.
        var counts: [String: Int] = [:]
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let code = line.drop(while: \.isWhitespace)
            if code.first == "[" {
                table = Self.words(in: code.drop(while: { $0 == "[" }).prefix(while: { $0 != "]" }))
                note(table, line: index + 1)
                guard let first = table.first else { continue }
                if code.hasPrefix("[[") { counts[first, default: 0] += 1 }
                // The name of what stands in an array of tables has its number there: signer.0.identity.
                if let count = counts[first] {
                    table.insert(String(count - 1), at: 1)
                    note(table, line: index + 1)
                }
            } else if code.first != "#", let sign = code.firstIndex(of: "=") {
                note(table + Self.words(in: code[..<sign]), line: index + 1)
            }
        }
    }

    package subscript(key: [String]) -> Int? { lines[key] }

    private mutating func note(_ key: [String], line: Int) {
        // The first place wins, so that what looks like a key inside a text of several lines changes less.
        if lines[key] == nil { lines[key] = line }
    }

    /// The parts of a dotted key, without quotes and blanks.
    private static func words(in text: Substring) -> [String] {
        text.split(separator: ".").map { part in
            String(part.filter { !$0.isWhitespace && $0 != "\"" && $0 != "'" })
        }
    }
}
