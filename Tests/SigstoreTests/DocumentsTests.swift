import AssayTestSupport
import Testing

@testable import Sigstore

/// Files that hold one document or several, in all the forms that people have them in.
@Suite struct DocumentsTests {
    private static let bundle = BundleTests.bundle()
    private static let envelope = #"{"payloadType":"t","payload":"YQ==","signatures":[{"sig":"AQ=="}]}"#

    private static func parse(_ text: String, limits: Limits = Limits()) throws(SigstoreError) -> SigstoreDocuments {
        try SigstoreDocuments(parsing: Array(text.utf8), limits: limits)
    }

    private static func attested(predicateType: String, declared: String) throws -> String {
        let statement = try VerificationTests.statement(predicateType: predicateType)
        let bundle = try SigningKey.generate().sign(statement: statement).bytes
        return #"{"predicateType":\#(declared),"bundle":\#(String(decoding: bundle, as: UTF8.self))}"#
    }

    private func error(_ entry: SigstoreDocuments.Entry) -> String {
        if case .failure(let error) = entry.document { error.description } else { "" }
    }

    @Test func aFileIsOneDocument() throws {
        for (text, isBundle) in [(Self.bundle, true), (Self.envelope, false), ("\n " + Self.bundle + "\n\n", true)] {
            let documents = try Self.parse(text)
            #expect(documents.entries.map(\.place) == [nil])
            #expect(try documents.documents == [SigstoreDocument(parsing: Array(text.utf8))])
            if case .bundle? = try documents.documents.first { #expect(isBundle) } else { #expect(!isBundle) }
        }
        let pretty = try JSONValue(parsing: Array(Self.bundle.utf8)).prettyText
        #expect(try Self.parse(pretty).documents.count == 1)
    }

    @Test(arguments: ["\n", "\r\n", "\n\n  \n"]) func linesAreDocuments(_ separator: String) throws {
        let documents = try Self.parse(
            separator + [Self.bundle, Self.envelope, Self.bundle].joined(separator: separator))
        let bundle = try SigstoreDocument(parsing: Array(Self.bundle.utf8))
        let envelope = try SigstoreDocument(parsing: Array(Self.envelope.utf8))
        #expect(try documents.documents == [bundle, envelope, bundle])
    }

    @Test func aBadLineDoesNotHideTheOthers() throws {
        let documents = try Self.parse("\n\(Self.bundle)\n{\"payload\n\n{}\n\(Self.envelope)\n")
        #expect(documents.entries.map(\.place) == ["line 2", "line 3", "line 5", "line 6"])
        #expect(documents.entries.map { (try? $0.document.get()) != nil } == [true, false, false, true])
        #expect(error(documents.entries[1]).hasPrefix("line 3: This is not valid JSON"))
        #expect(error(documents.entries[2]).hasPrefix("line 5: The document is malformed"))
        #expect(throws: SigstoreError.self) { try documents.documents }
        // Nor does a first one.
        let first = try Self.parse("nonsense\n\(Self.bundle)")
        #expect(error(first.entries[0]).hasPrefix("line 1: "))
        #expect((try? first.entries[1].document.get()) != nil)
    }

    @Test func aMistakeInOneDocumentIsItsOwn() throws {
        let pretty = try JSONValue(parsing: Array(Self.bundle.utf8)).prettyText
        let cut = String(pretty.dropLast(2))
        #expect(
            throws: SigstoreError.malformedJSON(
                problem: "neither a comma nor an end where one must be", offset: cut.utf8.count)
        ) { try Self.parse(cut) }
        #expect(throws: SigstoreError.self) { try Self.parse(Self.bundle + "x") }
    }

    @Test func registriesWrapTheirBundles() throws {
        let npm = #"""
            {"attestations":[\#(try Self.attested(predicateType: "p", declared: "\"p\"")),
            \#(try Self.attested(predicateType: "p", declared: "\"q\"")),
            \#(try Self.attested(predicateType: "p", declared: "1")),
            {"predicateType":"p","bundle":\#(Self.bundle)},
            {"predicateType":"p"}, [], {"bundle":null,"bundle_url":"https://example.org"}],"more":1}
            """#
        let documents = try Self.parse(npm)
        #expect(documents.entries.map(\.place) == (1...7).map { "attestation \($0)" })
        #expect((try? documents.entries[0].document.get()) != nil)
        #expect(
            error(documents.entries[1])
                == "attestation 2: The attestation is malformed: predicateType is \"q\", and the statement's \"p\".")
        #expect(error(documents.entries[2]).contains("predicateType is a number"))
        #expect(error(documents.entries[3]).contains("has no statement"))
        for entry in documents.entries[4...] { #expect(error(entry).contains("bundle is missing")) }
        let gitHub = #"{"attestations":[{"bundle":\#(Self.bundle),"repository_id":1,"bundle_url":""}]}"#
        #expect(try Self.parse(gitHub).documents == [SigstoreDocument(parsing: Array(Self.bundle.utf8))])
    }

    @Test func arraysAreLists() throws {
        let documents = try Self.parse("[\(Self.bundle),1,\(Self.envelope)]")
        #expect(documents.entries.map(\.place) == ["element 1", "element 2", "element 3"])
        #expect(error(documents.entries[1]).hasPrefix("element 2: "))
    }

    @Test(arguments: [
        "", " \n", "[]", #"{"attestations":[]}"#, #"{"attestations":{}}"#, "{}", "{\n}", "1\n2", "\u{FEFF}{}",
    ])
    func nothingIsNoDocument(_ text: String) {
        #expect(throws: SigstoreError.self) { try Self.parse(text) }
    }

    @Test func theirNumberIsBounded() throws {
        var limits = Limits()
        limits.documents = 2
        let tooMany = SigstoreError.limitExceeded(what: "documents in one file", limit: 2)
        let three = [Self.bundle, Self.bundle, Self.bundle]
        for text in [
            three.joined(separator: "\n"), "[\(three.joined(separator: ","))]", #"{"attestations":[1,2,3]}"#,
        ] {
            #expect(throws: tooMany) { try Self.parse(text, limits: limits) }
        }
        #expect(try Self.parse(three.dropLast().joined(separator: "\n"), limits: limits).documents.count == 2)
        // One document may have more lines than that.
        let pretty = try JSONValue(parsing: Array(Self.bundle.utf8)).prettyText
        #expect(try Self.parse(pretty, limits: limits).documents.count == 1)
        limits.documentSize = 10
        #expect(throws: SigstoreError.limitExceeded(what: "bytes of JSON", limit: 10)) {
            try Self.parse(Self.bundle, limits: limits)
        }
    }
}
