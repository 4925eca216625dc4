/// Takes the fields of a protobuf message from its JSON form, as protobuf's JSON mapping writes it: names in camelCase
/// or snake_case, null and default values left out, 64-bit numbers as numbers or strings.
struct MessageReader {
    enum UnknownFields {
        case refused
        /// For a bare envelope: DSSE asks consumers to ignore what they do not know.
        case ignored
    }

    let path: String
    private let document: String
    private let unknownFields: UnknownFields
    private var remaining: [JSONObject.Member]

    init(_ value: JSONValue, document: String, path: String = "", unknownFields: UnknownFields) throws(SigstoreError) {
        self.document = document
        self.path = path
        self.unknownFields = unknownFields
        guard let object = value.object else {
            throw .malformed(document: document, field: path, problem: "is \(value.kind) instead of an object")
        }
        remaining = object.members
    }

    /// Ends the reading: what was not taken is unknown.
    func finish() throws(SigstoreError) {
        guard unknownFields == .refused, let unknown = remaining.first else { return }
        throw fault(unknown.name, "is not known here")
    }

    func fault(_ name: String, _ problem: String) -> SigstoreError {
        .malformed(document: document, field: field(name), problem: problem)
    }

    private func field(_ name: String) -> String {
        if name.isEmpty { return path }
        return path.isEmpty ? name : path + "." + name
    }

    /// The value of a field, under either of its names; nil if absent or null.
    private mutating func take(_ name: String) throws(SigstoreError) -> JSONValue? {
        var found: JSONValue?
        for spelling in Self.spellings(of: name) {
            guard let index = remaining.firstIndex(where: { $0.name.hasSameBytes(as: spelling) }) else { continue }
            guard found == nil else { throw fault(name, "is there twice, under both of its names") }
            found = remaining.remove(at: index).value
        }
        return found == .null ? nil : found
    }

    /// A field's name in camelCase, and in snake_case where that differs. Names are the program's own, in ASCII.
    private static func spellings(of name: String) -> [String] {
        let capitals = UInt8(ascii: "A")...UInt8(ascii: "Z")
        guard name.utf8.contains(where: capitals.contains) else { return [name] }
        let snakeCase = name.utf8.reduce(into: [UInt8]()) { text, letter in
            if capitals.contains(letter) { text.append(UInt8(ascii: "_")) }
            text.append(capitals.contains(letter) ? letter + 32 : letter)
        }
        return [name, String(decoding: snakeCase, as: UTF8.self)]
    }

    private func wrongKind(_ name: String, _ value: JSONValue, expected: String) -> SigstoreError {
        fault(name, "is \(value.kind) instead of \(expected)")
    }

    mutating func string(_ name: String) throws(SigstoreError) -> String {
        guard let value = try take(name) else { return "" }
        guard let text = value.string else { throw wrongKind(name, value, expected: "a string") }
        return text
    }

    mutating func bytes(_ name: String) throws(SigstoreError) -> [UInt8] {
        guard let value = try take(name) else { return [] }
        return try bytes(value, name)
    }

    private func bytes(_ value: JSONValue, _ name: String) throws(SigstoreError) -> [UInt8] {
        guard let text = value.string else { throw wrongKind(name, value, expected: "a base64 string") }
        guard let bytes = Base64.bytes(of: text) else { throw fault(name, "is not valid base64") }
        return bytes
    }

    mutating func bytesList(_ name: String, limit: Int) throws(SigstoreError) -> [[UInt8]] {
        var list: [[UInt8]] = []
        for (index, element) in try elements(name, limit: limit).enumerated() {
            list.append(try bytes(element, "\(name)[\(index)]"))
        }
        return list
    }

    /// A count, an index or a time: never negative in these messages.
    mutating func natural(_ name: String) throws(SigstoreError) -> Int {
        guard let value = try take(name) else { return 0 }
        let number: Int
        switch value {
        case .integer(let written): number = written
        case .string(let text):
            // Int(_:) alone would take "+5" as well.
            guard let first = text.utf8.first, first != UInt8(ascii: "+"), let written = Int(text) else {
                throw fault(name, "is not a 64-bit number")
            }
            number = written
        default: throw fault(name, "is not a 64-bit number")
        }
        guard number >= 0 else { throw fault(name, "is negative") }
        return number
    }

    /// An enumeration by name or by number.
    mutating func enumeration(_ name: String, names: [String]) throws(SigstoreError) -> Int {
        switch try take(name) {
        case nil: return 0
        case .integer(let number) where names.indices.contains(number): return number
        case .string(let text):
            guard let number = names.firstIndex(where: { $0.hasSameBytes(as: text) }) else {
                throw fault(name, "is of an unknown kind")
            }
            return number
        default: throw fault(name, "is of an unknown kind")
        }
    }

    mutating func message<Message>(
        _ name: String, _ body: (inout MessageReader) throws(SigstoreError) -> Message
    ) throws(SigstoreError) -> Message? {
        guard let value = try take(name) else { return nil }
        return try message(value, name, body)
    }

    mutating func messages<Message>(
        _ name: String, limit: Int, _ body: (inout MessageReader) throws(SigstoreError) -> Message
    ) throws(SigstoreError) -> [Message] {
        var messages: [Message] = []
        for (index, element) in try elements(name, limit: limit).enumerated() {
            messages.append(try message(element, "\(name)[\(index)]", body))
        }
        return messages
    }

    private func message<Message>(
        _ value: JSONValue, _ name: String, _ body: (inout MessageReader) throws(SigstoreError) -> Message
    ) throws(SigstoreError) -> Message {
        var reader = try MessageReader(
            value, document: document, path: field(name), unknownFields: unknownFields)
        let message = try body(&reader)
        try reader.finish()
        return message
    }

    private mutating func elements(_ name: String, limit: Int) throws(SigstoreError) -> [JSONValue] {
        guard let value = try take(name) else { return [] }
        guard let elements = value.array else { throw wrongKind(name, value, expected: "an array") }
        guard elements.count <= limit else { throw .limitExceeded(what: "elements of \(field(name))", limit: limit) }
        return elements
    }
}
