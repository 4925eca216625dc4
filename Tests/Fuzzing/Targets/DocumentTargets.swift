@testable import Sigstore

/// Texts that say something, before anything of it is verified.
enum DocumentTargets {
    static func json(_ bytes: [UInt8]) throws {
        guard let value = try accepted({ () throws(SigstoreError) in try JSONValue(parsing: bytes) }) else { return }
        // Compared as bytes: values are equal to Swift if their texts are written with other marks.
        for written in [value.bytes, Array(value.prettyText.utf8)] {
            try promise("what is written is what was read", JSONValue(parsing: written).bytes == value.bytes)
        }
        try promise("pretty text is safe to show", areLinesSafeToShow(value.prettyText))
        try promise("what is sorted stays", value.sorted.sorted.bytes == value.sorted.bytes)
    }

    static func bundle(_ bytes: [UInt8]) throws {
        guard let document = try accepted({ () throws(SigstoreError) in try SigstoreDocument(parsing: bytes) })
        else { return }
        try checkReport(of: document)
        switch document {
        case .bundle(let bundle):
            let again = try SigstoreBundle(parsing: bundle.bytes)
            try promise("a bundle that is written is the one that was read", again == bundle)
            try promise("a bundle has one spelling", again.bytes == bundle.bytes)
        case .envelope(let envelope):
            try promise(
                "an envelope that is written is the one that was read",
                SigstoreDocument(parsing: envelope.json.bytes) == document)
        }
    }

    static func statement(_ bytes: [UInt8]) throws {
        try checkReport(
            of: .envelope(Envelope(payload: bytes, payloadType: Envelope.inTotoPayloadType, signatures: [])))
        guard let statement = try accepted({ () throws(SigstoreError) in try Statement(parsing: bytes) })
        else { return }
        try promise("a statement has subjects", !statement.subjects.isEmpty)
        try promise("subjects have digests", statement.subjects.allSatisfy { !$0.digests.isEmpty })
        try promise(
            "a predicate that is written is the one that was read",
            JSONValue(parsing: statement.predicate.bytes) == statement.predicate)
    }

    static func encodings(_ bytes: [UInt8]) throws {
        try promise("base64 that is written is read", Base64.bytes(of: Base64.text(of: bytes)) == bytes)
        try promise("hexadecimal that is written is read", Hex.bytes(of: Hex.text(of: bytes)) == bytes)
        let text = String(decoding: bytes, as: UTF8.self)
        if let decoded = Base64.bytes(of: text) {
            let padding = String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
            let standard = text.replacing("-", with: "+").replacing("_", with: "/") + padding
            try promise("bytes have one base64 but for alphabet and padding", Base64.text(of: decoded) == standard)
        }
        if let decoded = Hex.bytes(of: text) {
            try promise("hexadecimal that is read is written", Hex.text(of: decoded) == text.lowercased())
        }
        try promise("an excerpt is safe to show", isSafeToShow(TerminalText.excerpt(text)))
    }

    static func time(_ bytes: [UInt8]) throws {
        guard let time = UTCTime(rfc3339: String(decoding: bytes, as: UTF8.self)) else { return }
        // Before 1970 times are shown as a number, not as a date.
        guard time.seconds >= 0, time.seconds < 253_402_300_800 else { return }
        try promise("a time that is written is the one that was read", UTCTime(rfc3339: time.description) == time)
    }

    /// Files of several documents.
    static func documents(_ bytes: [UInt8]) throws {
        let parsed = try accepted { () throws(SigstoreError) in try SigstoreDocuments(parsing: bytes) }
        guard let parsed else { return }
        try promise("there is a document", !parsed.entries.isEmpty)
        for entry in parsed.entries {
            let document = try accepted { () throws(SigstoreError) in try entry.document.get() }
            if let document { try checkReport(of: document) }
            try promise("what is refused has a place", document != nil || entry.place != nil)
        }
    }

    /// The expression is the first line, and the rest the text.
    static func regularExpression(_ bytes: [UInt8]) throws {
        let parts = bytes.split(separator: UInt8(ascii: "\n"), maxSplits: 1, omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
        let parsed = try accepted { () throws(SigstoreError) in try RegularExpression(parsing: parts[0]) }
        guard let parsed, parts.count == 2 else { return }
        let text = Array(parts[1].unicodeScalars.prefix(Limits().certificateText))
        let (isFound, steps) = parsed.search(text)
        try promise("a search takes linear time: \(steps) steps", steps <= parsed.size * (text.count + 1))
        // A group changes nothing, and neither does a choice between twice the same.
        for spelling in ["(?:\(parts[0]))", "\(parts[0])|(?:\(parts[0]))"] {
            guard let other = try? RegularExpression(parsing: spelling) else { continue }
            try promise("another spelling finds the same: \(spelling)", other.search(text).isFound == isFound)
        }
    }

    private static func checkReport(of document: SigstoreDocument) throws {
        let report = BundleReport(document)
        try promise("a report is safe to show", areLinesSafeToShow(report.text))
        try promise("a predicate is safe to show", areLinesSafeToShow(report.statementText ?? ""))
    }

    private static func areLinesSafeToShow(_ text: String) -> Bool {
        isSafeToShow(String(decoding: text.utf8.filter { $0 != UInt8(ascii: "\n") }, as: UTF8.self))
    }
}
