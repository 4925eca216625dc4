/// A JSON value (RFC 8259) that keeps what was written: the order of members, and every number exactly.
public enum JSONValue: Equatable, Sendable {
    case null
    case bool(Bool)
    /// A number without fraction and exponent that fits.
    case integer(Int)
    /// Any other number, as it was written.
    case decimal(String)
    case string(String)
    case array([JSONValue])
    case object(JSONObject)

    /// The text, if this is a string.
    public var string: String? {
        if case .string(let text) = self { text } else { nil }
    }

    /// The number, if this is an integer that fits.
    public var integer: Int? {
        if case .integer(let number) = self { number } else { nil }
    }

    /// The elements, if this is an array.
    public var array: [JSONValue]? {
        if case .array(let elements) = self { elements } else { nil }
    }

    /// The members, if this is an object.
    public var object: JSONObject? {
        if case .object(let object) = self { object } else { nil }
    }

    /// The member of that name, if this is an object that has it.
    public subscript(name: String) -> JSONValue? { object?[name] }

    /// What kind of value this is, with an article, for messages.
    var kind: String {
        switch self {
        case .null: "null"
        case .bool: "a boolean"
        case .integer, .decimal: "a number"
        case .string: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }
}

/// The members of a JSON object in their order, each name once.
public struct JSONObject: Equatable, Sendable {
    /// A name and its value.
    public struct Member: Equatable, Sendable {
        public let name: String
        public let value: JSONValue
    }

    public let members: [Member]

    init(uniqueMembers: [Member]) { members = uniqueMembers }

    /// An object of these members, without those whose value is nil. The names are the program's own and differ.
    package init(_ members: KeyValuePairs<String, JSONValue?>) {
        self.members = members.compactMap { name, value in value.map { Member(name: name, value: $0) } }
    }

    /// The value of that name. Names are equal if their bytes are.
    public subscript(name: String) -> JSONValue? {
        members.first { $0.name.hasSameBytes(as: name) }?.value
    }
}

extension String {
    /// Whether both are the same bytes. `==` also takes other spellings of a character for equal (the Kelvin sign and
    /// the letter K, for example), which other readers of the same document do not.
    func hasSameBytes(as other: String) -> Bool { utf8.elementsEqual(other.utf8) }
}
