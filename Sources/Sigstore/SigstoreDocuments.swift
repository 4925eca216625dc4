/// The signed documents of one file, whatever the file is called and however it holds them.
///
/// | content | who writes it |
/// |---|---|
/// | one Sigstore bundle, one DSSE envelope | every Sigstore client; older builders |
/// | JSON lines: a bundle or an envelope a line, blank lines between them or not | `gh attestation download`; `.intoto.jsonl` |
/// | an object with `attestations`: `[{"predicateType": ..., "bundle": {...}}, ...]` | npm's registry, GitHub's API |
/// | an array of bundles or envelopes | |
///
/// Every document stands for itself: one that cannot be read does not hide the others.
public struct SigstoreDocuments: Sendable {
    /// A document, or why it cannot be read.
    public struct Entry: Sendable {
        /// Where it stands in a file of several: `line 3`, counted from 1 with the blank ones, `attestation 2` or
        /// `element 2`. Nil for a file that is the document.
        public let place: String?
        /// The document, or `part` with the place and what is wrong there.
        public let document: Result<SigstoreDocument, SigstoreError>
    }

    /// At least one, in the file's order.
    public let entries: [Entry]

    /// Every document, in the file's order.
    ///
    /// - Throws: the error of the first that cannot be read.
    public var documents: [SigstoreDocument] {
        get throws(SigstoreError) {
            var documents: [SigstoreDocument] = []
            for entry in entries { documents.append(try entry.document.get()) }
            return documents
        }
    }

    /// The documents that `bytes` are the text of.
    ///
    /// - Throws: `malformedJSON`, `malformed` (also if there is no document at all), or `limitExceeded`, if the file as
    ///   a whole cannot be read, or is one document that cannot.
    public init(parsing bytes: [UInt8], limits: Limits = Limits()) throws(SigstoreError) {
        let json: JSONValue
        do throws(SigstoreError) {
            json = try JSONValue(parsing: bytes, limits: limits)
        } catch {
            guard bytes.count <= limits.documentSize, let lines = try Self.lines(of: bytes, limits: limits) else {
                throw error
            }
            entries = lines
            return
        }
        if let elements = json.array {
            entries = try Self.entries(elements, of: "array", each: "element", limits: limits) {
                (element) throws(SigstoreError) in try SigstoreDocument(element, limits: limits)
            }
        } else if let attestations = json["attestations"] {
            guard let elements = attestations.array else {
                throw .malformed(
                    document: "list of attestations", field: "attestations",
                    problem: "is \(attestations.kind) instead of an array")
            }
            entries = try Self.entries(elements, of: "list of attestations", each: "attestation", limits: limits) {
                (element) throws(SigstoreError) in try Self.attestation(element, limits: limits)
            }
        } else {
            entries = [Entry(place: nil, document: .success(try SigstoreDocument(json, limits: limits)))]
        }
    }

    private static func entries(
        _ elements: [JSONValue], of list: String, each name: String, limits: Limits,
        _ read: (JSONValue) throws(SigstoreError) -> SigstoreDocument
    ) throws(SigstoreError) -> [Entry] {
        guard elements.count <= limits.documents else { throw tooMany(limits) }
        // Whoever verifies everything in an empty list has verified nothing.
        guard !elements.isEmpty else { throw .malformed(document: list, field: "", problem: "is empty") }
        return elements.enumerated().map { index, element in
            Self.entry("\(name) \(index + 1)") { () throws(SigstoreError) in try read(element) }
        }
    }

    private static func entry(
        _ place: String, _ read: () throws(SigstoreError) -> SigstoreDocument
    ) -> Entry {
        do throws(SigstoreError) {
            return Entry(place: place, document: .success(try read()))
        } catch {
            return Entry(place: place, document: .failure(.part(place, error)))
        }
    }

    /// The documents of JSON lines; nil if the text is not that: fewer than two lines have something on them, or none
    /// of them is JSON, as in one document over many lines that has a mistake.
    private static func lines(of bytes: [UInt8], limits: Limits) throws(SigstoreError) -> [Entry]? {
        var entries: [Entry] = []
        var hasJSON = false
        var rest = bytes[...]
        var number = 0
        while !rest.isEmpty {
            let line = rest.prefix { $0 != UInt8(ascii: "\n") }
            rest = rest.dropFirst(line.count + 1)
            number += 1
            if line.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) { continue }
            let entry = entry("line \(number)") { () throws(SigstoreError) in
                let json = try JSONValue(parsing: Array(line), limits: limits)
                if json.object != nil { hasJSON = true }
                return try SigstoreDocument(json, limits: limits)
            }
            entries.append(entry)
            // One document over many lines has more of them; it is told by its having none that is JSON.
            if entries.count > limits.documents {
                if hasJSON { throw tooMany(limits) }
                return nil
            }
        }
        return hasJSON && entries.count > 1 ? entries : nil
    }

    /// An element of npm's or GitHub's answer. What else it says is not signed, and not looked at.
    private static func attestation(_ json: JSONValue, limits: Limits) throws(SigstoreError) -> SigstoreDocument {
        func fault(_ field: String, _ problem: String) -> SigstoreError {
            .malformed(document: "attestation", field: field, problem: problem)
        }
        guard let inner = json["bundle"], inner != .null else { throw fault("bundle", "is missing") }
        let document = try SigstoreDocument(inner, limits: limits)
        guard let declared = json["predicateType"], declared != .null else { return document }
        guard let type = declared.string else {
            throw fault("predicateType", "is \(declared.kind) instead of a string")
        }
        guard let envelope = document.envelope else {
            throw fault("predicateType", "is \"\(TerminalText.excerpt(type))\", and the bundle has no statement")
        }
        let statement = try Statement(parsing: envelope.payload, limits: limits)
        guard statement.predicateType.hasSameBytes(as: type) else {
            throw fault(
                "predicateType",
                "is \"\(TerminalText.excerpt(type))\", and the statement's \""
                    + "\(TerminalText.excerpt(statement.predicateType))\"")
        }
        return document
    }

    private static func tooMany(_ limits: Limits) -> SigstoreError {
        .limitExceeded(what: "documents in one file", limit: limits.documents)
    }
}
