/// An in-toto statement: what is said (the predicate) about which artifacts (the subjects).
public struct Statement: Equatable, Sendable {
    /// The versions of the statement, by their `_type`.
    public enum Version: String, CaseIterable, Sendable {
        case v01 = "https://in-toto.io/Statement/v0.1"
        case v1 = "https://in-toto.io/Statement/v1"
    }

    /// A digest as it is written: the algorithm's name, and its value, in lower-case hexadecimal for SHA-2.
    public struct Digest: Hashable, Sendable {
        /// The name, such as `sha256` or `gitCommit`.
        public let algorithm: String
        /// The value as text.
        public let value: String
    }

    /// An artifact that the statement is about.
    public struct Subject: Hashable, Sendable {
        /// Empty if the statement gives none.
        public let name: String
        /// At least one, in the statement's order.
        public let digests: [Digest]
    }

    /// The version of the statement's form.
    public let version: Version
    /// What the statement is about: at least one.
    public let subjects: [Subject]
    /// What kind of thing is said: a URI, never empty.
    public let predicateType: String
    /// Null if the statement has none.
    public let predicate: JSONValue

    /// The statement that `payload` is the JSON text of. Unknown fields are ignored, as in-toto asks.
    ///
    /// - Throws: `malformedJSON`, `malformed`, or `limitExceeded`.
    public init(parsing payload: [UInt8], limits: Limits = Limits()) throws(SigstoreError) {
        let json = try JSONValue(parsing: payload, limits: limits)
        guard json.object != nil else { throw Self.fault("", "is \(json.kind) instead of an object") }
        let type = try Self.text(json, "_type")
        guard let version = Version.allCases.first(where: { $0.rawValue.hasSameBytes(as: type) }) else {
            throw Self.fault("_type", "\"\(TerminalText.excerpt(type))\" is not a version that is known")
        }
        self.version = version
        predicateType = try Self.text(json, "predicateType")
        predicate = json["predicate"] ?? .null
        guard let elements = json["subject"]?.array, !elements.isEmpty else {
            throw Self.fault("subject", "is missing or empty")
        }
        guard elements.count <= limits.subjects else {
            throw .limitExceeded(what: "subjects of a statement", limit: limits.subjects)
        }
        var subjects: [Subject] = []
        for (index, element) in elements.enumerated() {
            subjects.append(try Self.subject(element, at: "subject[\(index)]", limits: limits))
        }
        self.subjects = subjects
    }

    private static func subject(_ json: JSONValue, at field: String, limits: Limits) throws(SigstoreError) -> Subject {
        let name: String
        switch json["name"] {
        case nil, .null: name = ""
        case .string(let text): name = text
        default: throw fault(field + ".name", "is not a string")
        }
        guard let members = json["digest"]?.object?.members, !members.isEmpty else {
            throw fault(field + ".digest", "is missing or empty")
        }
        guard members.count <= limits.digestsPerSubject else {
            throw .limitExceeded(what: "digests of a subject", limit: limits.digestsPerSubject)
        }
        var digests: [Digest] = []
        for member in members {
            let digestField = "\(field).digest.\(member.name)"
            guard var value = member.value.string else { throw fault(digestField, "is not a string") }
            if let algorithm = DigestAlgorithm(rawValue: member.name) {
                guard let bytes = Hex.bytes(of: value), bytes.count == algorithm.byteCount else {
                    throw fault(digestField, "is not \(algorithm.byteCount) bytes in hexadecimal")
                }
                value = Hex.text(of: bytes)
            }
            digests.append(Digest(algorithm: member.name, value: value))
        }
        return Subject(name: name, digests: digests)
    }

    private static func text(_ json: JSONValue, _ name: String) throws(SigstoreError) -> String {
        guard let text = json[name]?.string, !text.isEmpty else { throw fault(name, "is missing or not a string") }
        return text
    }

    private static func fault(_ field: String, _ problem: String) -> SigstoreError {
        .malformed(document: "statement", field: field, problem: problem)
    }
}
