extension JSONValue {
    /// The value that `bytes` are the JSON text of.
    ///
    /// Stricter than RFC 8259 where readers differ: no byte order mark, no duplicate names, no invalid UTF-8, no
    /// unpaired surrogates, nothing but white space after the value.
    ///
    /// - Throws: `malformedJSON`, or `limitExceeded`.
    public init(parsing bytes: [UInt8], limits: Limits = Limits()) throws(SigstoreError) {
        guard bytes.count <= limits.documentSize else {
            throw .limitExceeded(what: "bytes of JSON", limit: limits.documentSize)
        }
        var parser = JSONParser(bytes: bytes, limits: limits)
        self = try parser.document()
    }
}

/// A recursive descent over bytes; recursion is bounded by `Limits.jsonDepth`.
private struct JSONParser {
    let bytes: [UInt8]
    let limits: Limits
    var position = 0
    var depth = 0
    var values = 0

    init(bytes: [UInt8], limits: Limits) {
        self.bytes = bytes
        self.limits = limits
    }

    mutating func document() throws(SigstoreError) -> JSONValue {
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { throw fault("a byte order mark") }
        skipSpace()
        let value = try value()
        skipSpace()
        if position < bytes.count { throw fault("something after the end of the value") }
        return value
    }

    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    private func fault(_ problem: String, at offset: Int? = nil) -> SigstoreError {
        .malformedJSON(problem: problem, offset: offset ?? position)
    }

    private mutating func skipSpace() {
        while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
    }

    private mutating func value() throws(SigstoreError) -> JSONValue {
        values += 1
        guard values <= limits.jsonValues else {
            throw .limitExceeded(what: "values in JSON", limit: limits.jsonValues)
        }
        switch next {
        case UInt8(ascii: "{"): return try nested { (parser) throws(SigstoreError) in try parser.object() }
        case UInt8(ascii: "["): return try nested { (parser) throws(SigstoreError) in try parser.array() }
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        case UInt8(ascii: "-"), (UInt8(ascii: "0")...UInt8(ascii: "9"))?: return try number()
        case nil: throw fault("the text ends where a value should be")
        default: throw fault("a character that begins no value")
        }
    }

    private mutating func nested(
        _ body: (inout JSONParser) throws(SigstoreError) -> JSONValue
    ) throws(SigstoreError) -> JSONValue {
        depth += 1
        guard depth <= limits.jsonDepth else {
            throw .limitExceeded(what: "levels of nesting in JSON", limit: limits.jsonDepth)
        }
        position += 1
        let value = try body(&self)
        depth -= 1
        return value
    }

    private mutating func word(_ text: String, _ value: JSONValue) throws(SigstoreError) -> JSONValue {
        guard bytes[position...].starts(with: text.utf8) else { throw fault("an unknown word") }
        position += text.utf8.count
        return value
    }

    private mutating func array() throws(SigstoreError) -> JSONValue {
        var elements: [JSONValue] = []
        skipSpace()
        if next == UInt8(ascii: "]") {
            position += 1
            return .array(elements)
        }
        while true {
            skipSpace()
            elements.append(try value())
            if try !anotherFollows(closing: UInt8(ascii: "]")) { return .array(elements) }
        }
    }

    private mutating func object() throws(SigstoreError) -> JSONValue {
        var members: [JSONObject.Member] = []
        var names: Set<[UInt8]> = []
        skipSpace()
        if next == UInt8(ascii: "}") {
            position += 1
            return .object(JSONObject(uniqueMembers: members))
        }
        while true {
            skipSpace()
            let start = position
            guard next == UInt8(ascii: "\"") else { throw fault("a member without a name") }
            let name = try string()
            guard names.insert(Array(name.utf8)).inserted else {
                throw fault("a name that was there before", at: start)
            }
            skipSpace()
            guard next == UInt8(ascii: ":") else { throw fault("a name without a colon after it") }
            position += 1
            skipSpace()
            members.append(JSONObject.Member(name: name, value: try value()))
            if try !anotherFollows(closing: UInt8(ascii: "}")) { return .object(JSONObject(uniqueMembers: members)) }
        }
    }

    /// After a member or element: whether a comma says that one more comes.
    private mutating func anotherFollows(closing: UInt8) throws(SigstoreError) -> Bool {
        skipSpace()
        guard let byte = next, byte == UInt8(ascii: ",") || byte == closing else {
            throw fault("neither a comma nor an end where one must be")
        }
        position += 1
        return byte != closing
    }

    private mutating func number() throws(SigstoreError) -> JSONValue {
        let start = position
        if next == UInt8(ascii: "-") { position += 1 }
        if next == UInt8(ascii: "0") { position += 1 } else { try digits(from: start) }
        var isInteger = true
        if next == UInt8(ascii: ".") {
            isInteger = false
            position += 1
            try digits(from: start)
        }
        if next == UInt8(ascii: "e") || next == UInt8(ascii: "E") {
            isInteger = false
            position += 1
            if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { position += 1 }
            try digits(from: start)
        }
        guard position - start <= limits.jsonNumberLength else {
            throw .limitExceeded(what: "characters of a number", limit: limits.jsonNumberLength)
        }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        if isInteger, text != "-0", let number = Int(text) { return .integer(number) }
        return .decimal(text)
    }

    private mutating func digits(from start: Int) throws(SigstoreError) {
        let first = position
        while let byte = next, byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") { position += 1 }
        if position == first { throw fault("a number that is cut short", at: start) }
    }

    private mutating func string() throws(SigstoreError) -> String {
        let start = position
        position += 1
        var content: [UInt8] = []
        var runStart = position
        while true {
            guard let byte = next else { throw fault("a string without an end", at: start) }
            switch byte {
            case UInt8(ascii: "\""):
                content.append(contentsOf: bytes[runStart..<position])
                position += 1
                guard let text = String(validating: content, as: UTF8.self) else {
                    throw fault("a string that is not UTF-8", at: start)
                }
                return text
            case UInt8(ascii: "\\"):
                content.append(contentsOf: bytes[runStart..<position])
                position += 1
                content.append(contentsOf: try escape())
                runStart = position
            case 0..<0x20: throw fault("a control character in a string")
            default: position += 1
            }
        }
    }

    private mutating func escape() throws(SigstoreError) -> [UInt8] {
        guard let byte = next else { throw fault("an escape that is cut short") }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
        case UInt8(ascii: "b"): return [0x08]
        case UInt8(ascii: "f"): return [0x0C]
        case UInt8(ascii: "n"): return [0x0A]
        case UInt8(ascii: "r"): return [0x0D]
        case UInt8(ascii: "t"): return [0x09]
        case UInt8(ascii: "u"):
            var code = try codeUnit()
            if code & 0xFC00 == 0xD800, bytes[position...].starts(with: "\\u".utf8) {
                position += 2
                let low = try codeUnit()
                guard low & 0xFC00 == 0xDC00 else { throw fault("an unpaired surrogate") }
                code = 0x10000 + ((code & 0x3FF) << 10 | low & 0x3FF)
            }
            guard let scalar = Unicode.Scalar(code) else { throw fault("an unpaired surrogate") }
            return Array(String(scalar).utf8)
        default: throw fault("an unknown escape", at: position - 1)
        }
    }

    private mutating func codeUnit() throws(SigstoreError) -> UInt32 {
        var code: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = next, let digit = Hex.value(of: byte) else { throw fault("an escape that is cut short") }
            code = code << 4 | UInt32(digit)
            position += 1
        }
        return code
    }
}
