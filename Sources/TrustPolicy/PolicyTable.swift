import AssayConsole
import TOMLKit

/// A table of a policy file, read strictly: a key that nobody asks for is an error, and so is a value of a wrong type.
struct PolicyTable {
    /// The file that the table is of.
    struct Source {
        let path: String
        let lines: KeyLines
    }

    let source: Source
    private let keys: [String]
    private let table: TOMLTable

    init(text: String, path: String) throws(TrustPolicyError) {
        do {
            table = try TOMLTable(string: text)
        } catch let error as TOMLParseError {
            throw .malformed(
                place: "\(path):\(error.source.begin.line)", problem: error.description,
                hint: "The file is not valid TOML.")
        } catch {
            throw .malformed(place: path, problem: "it is not valid TOML: \(error)", hint: nil)
        }
        source = Source(path: path, lines: KeyLines(text))
        keys = []
    }

    private init(_ table: TOMLTable, keys: [String], source: Source) {
        self.table = table
        self.keys = keys
        self.source = source
    }

    /// - Throws: `malformed` if there is a key that is none of `known`.
    func check(known: [String]) throws(TrustPolicyError) {
        for key in table.keys.sorted() where !known.contains(key) {
            let hint = Spelling.nearest(to: key, among: known).map { "Did you mean \($0)?" }
            throw .malformed(
                place: place(key), problem: "there is no key \(TerminalText.escaped(key)) here",
                hint: hint ?? "The keys are \(known.joined(separator: ", ")).")
        }
    }

    func hasAny(_ keys: [String]) -> Bool { keys.contains { table[$0] != nil } }

    func text(_ key: String) throws(TrustPolicyError) -> String? {
        guard let value = table[key] else { return nil }
        guard value.type == .string, let text = value.string, !text.isEmpty else {
            throw fault(key, "must be a text that is not empty")
        }
        return text
    }

    func texts(_ key: String) throws(TrustPolicyError) -> [String]? {
        guard let value = table[key] else { return nil }
        guard value.type == .array, let array = value.array else { throw fault(key, "must be a list of texts") }
        var texts: [String] = []
        for element in array {
            guard element.type == .string, let text = element.string, !text.isEmpty else {
                throw fault(key, "must be a list of texts that are not empty")
            }
            texts.append(text)
        }
        return texts
    }

    func flag(_ key: String) throws(TrustPolicyError) -> Bool {
        guard let value = table[key] else { return false }
        guard value.type == .bool, let flag = value.bool else { throw fault(key, "must be true or false") }
        return flag
    }

    /// The texts of a table by their keys, sorted.
    func textTable(_ key: String) throws(TrustPolicyError) -> [(key: String, value: String, place: String)] {
        guard let value = table[key] else { return [] }
        guard value.type == .table, let inner = value.table else { throw fault(key, "must be a table") }
        let table = PolicyTable(inner, keys: keys + [key], source: source)
        var texts: [(key: String, value: String, place: String)] = []
        for name in inner.keys.sorted() {
            if let text = try table.text(name) { texts.append((name, text, table.place(name))) }
        }
        return texts
    }

    /// The tables of an array of tables.
    func tables(_ key: String) throws(TrustPolicyError) -> [PolicyTable] {
        guard let value = table[key] else { return [] }
        guard value.type == .array, let array = value.array else {
            throw fault(key, "must be written as [[\(key)]], once for each")
        }
        var tables: [PolicyTable] = []
        for (index, element) in array.enumerated() {
            guard element.type == .table, let inner = element.table else {
                throw fault(key, "must be written as [[\(key)]], once for each")
            }
            tables.append(PolicyTable(inner, keys: keys + [key, String(index)], source: source))
        }
        return tables
    }

    /// The file and, where it is known, the line of a key, or of the table itself.
    func place(_ key: String? = nil) -> String {
        let line = source.lines[keys + (key.map { [$0] } ?? [])] ?? source.lines[keys]
        return line.map { "\(source.path):\($0)" } ?? source.path
    }

    func fault(_ key: String? = nil, _ problem: String, hint: String? = nil) -> TrustPolicyError {
        .malformed(
            place: place(key), problem: key.map { "\(TerminalText.escaped($0)) \(problem)" } ?? problem, hint: hint)
    }
}
