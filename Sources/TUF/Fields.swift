import Sigstore

/// One object of a metadata file on its way to a type. Fields that nobody asks for are left alone, as the
/// specification (section 4.1) wants it.
struct Fields {
    let file: String
    let path: String
    let object: JSONObject

    init(_ value: JSONValue?, file: String, path: String) throws(TUFError) {
        guard let object = value?.object else {
            throw .malformed(file: file, field: path, problem: value == nil ? "is missing" : "is not an object")
        }
        self.object = object
        self.file = file
        self.path = path
    }

    /// The error for a field.
    func fault(_ name: String, _ problem: String) -> TUFError {
        .malformed(file: file, field: path.isEmpty ? name : "\(path).\(name)", problem: problem)
    }

    func string(_ name: String) throws(TUFError) -> String {
        guard let text = object[name]?.string else { throw fault(name, "is not a string") }
        return text
    }

    /// - Parameter minimum: the least that makes sense.
    func integer(_ name: String, atLeast minimum: Int) throws(TUFError) -> Int {
        guard let number = object[name]?.integer, number >= minimum else {
            throw fault(name, "is not a whole number of \(minimum) or more")
        }
        return number
    }

    func boolean(_ name: String) throws(TUFError) -> Bool {
        guard case .bool(let value)? = object[name] else { throw fault(name, "is neither true nor false") }
        return value
    }

    /// A list of strings; nil if it is not there.
    func strings(_ name: String, limit: Int) throws(TUFError) -> [String]? {
        guard let value = object[name] else { return nil }
        guard let elements = value.array else { throw fault(name, "is not a list") }
        guard elements.count <= limit else {
            throw .limitExceeded(what: "elements of \(name) in \(file)", limit: limit)
        }
        var strings: [String] = []
        for element in elements {
            guard let text = element.string else { throw fault(name, "holds something that is not a string") }
            strings.append(text)
        }
        return strings
    }

    func fields(_ name: String) throws(TUFError) -> Fields {
        try Fields(object[name], file: file, path: path.isEmpty ? name : "\(path).\(name)")
    }

    func has(_ name: String) -> Bool { object[name] != nil }

    /// A moment as metadata writes it, `2030-01-31T12:00:00Z` (specification, 4.2.1).
    func time(_ name: String) throws(TUFError) -> UTCTime {
        let text = try string(name)
        guard text.utf8.count == 20, text.utf8.last == UInt8(ascii: "Z"), let time = UTCTime(rfc3339: text) else {
            throw fault(name, "is not a time such as 2030-01-31T12:00:00Z")
        }
        return time
    }
}
