extension JSONValue {
    /// The JSON text without white space, members in their order, slashes as they are.
    public var bytes: [UInt8] { Array(JSONWriter(pretty: false).text(of: self).utf8) }

    /// The JSON text over many lines for a person to read: what a terminal could take for a command, or what would
    /// change the order in which text is shown, is written as an escape.
    public var prettyText: String { JSONWriter(pretty: true).text(of: self) }

    /// The same value with the members of every object sorted by the bytes of their names.
    public var sorted: JSONValue {
        switch self {
        case .array(let elements): .array(elements.map(\.sorted))
        case .object(let object):
            .object(
                JSONObject(
                    uniqueMembers: object.members
                        .map { JSONObject.Member(name: $0.name, value: $0.value.sorted) }
                        .sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }))
        default: self
        }
    }
}

private struct JSONWriter {
    let pretty: Bool

    func text(of value: JSONValue) -> String {
        var text = ""
        write(value, to: &text, depth: 0)
        return text
    }

    private func write(_ value: JSONValue, to text: inout String, depth: Int) {
        switch value {
        case .null: text += "null"
        case .bool(let value): text += value ? "true" : "false"
        case .integer(let number): text += String(number)
        case .decimal(let number): text += number
        case .string(let string): write(string, to: &text)
        case .array(let elements):
            list("[", elements, "]", to: &text, depth: depth) { element, text in
                write(element, to: &text, depth: depth + 1)
            }
        case .object(let object):
            list("{", object.members, "}", to: &text, depth: depth) { member, text in
                write(member.name, to: &text)
                text += pretty ? ": " : ":"
                write(member.value, to: &text, depth: depth + 1)
            }
        }
    }

    private func list<Item>(
        _ open: String, _ items: [Item], _ close: String, to text: inout String, depth: Int,
        write: (Item, inout String) -> Void
    ) {
        func lineBreak(_ depth: Int) {
            guard pretty, !items.isEmpty else { return }
            text += "\n" + String(repeating: "  ", count: depth)
        }
        text += open
        for (index, item) in items.enumerated() {
            if index > 0 { text += "," }
            lineBreak(depth + 1)
            write(item, &text)
        }
        lineBreak(depth)
        text += close
    }

    private func write(_ string: String, to text: inout String) {
        text += "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            case _ where scalar.value < 0x20 || pretty && TerminalText.isUnsafe(scalar):
                for unit in String(scalar).utf16 {
                    text += "\\u" + Hex.text(of: [UInt8(unit >> 8), UInt8(unit & 0xFF)])
                }
            default: text.unicodeScalars.append(scalar)
            }
        }
        text += "\""
    }
}
