import Foundation
import Testing

@testable import Sigstore

@Suite struct JSONTests {
    static func parse(_ text: String, _ limits: Limits = Limits()) throws(SigstoreError) -> JSONValue {
        try JSONValue(parsing: Array(text.utf8), limits: limits)
    }

    @Test func keepsOrderNumbersAndEscapes() throws {
        let text =
            #"{"b":1,"a":[true,false,null,-0,1.50,1e9,9223372036854775807,9223372036854775808],"é/":"\"\\\n\u0001"}"#
        #expect(String(decoding: try Self.parse(text).bytes, as: UTF8.self) == text)
    }

    @Test func readsEscapedText() throws {
        #expect(try Self.parse(#" "\u0041\/\ud83d\ude00\b\f\r\t" "#) == .string("A/😀\u{8}\u{c}\r\t"))
    }

    @Test func sortsMembersAtEveryDepth() throws {
        let value = try Self.parse(#"{"b":{"z":1,"a":2},"a":[{"d":1,"c":2}]}"#)
        #expect(String(decoding: value.sorted.bytes, as: UTF8.self) == #"{"a":[{"c":2,"d":1}],"b":{"a":2,"z":1}}"#)
    }

    @Test(arguments: [
        "", " ", "{", "[", "[1", "[1,", "[1,]", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,}", "{a:1}", "{1:2}",
        "nul", "tru", "NaN", "+1", "01", "1.", ".5", "1e", "-", "0x1", "1 2", "{} x", "[]]", "\"", "\"\\", "\"\\x\"",
        "\"\\u12\"", "\"\\u00g0\"", "\"\\ud800\"", "\"\\udc00\"", "\"\\ud800\\u0041\"", "\"\u{1}\"", "\"\n\"", "'a'",
        "/* */1", "\u{FEFF}1", "[1}", "{\"a\":1]",
    ])
    func refusesWhatIsNotStrictJSON(_ text: String) {
        #expect(throws: SigstoreError.self) { try Self.parse(text) }
    }

    @Test func refusesBytesThatAreNotUTF8() {
        for bytes: [UInt8] in [[0xFF], [0xC0, 0xAF], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xC3]] {
            #expect(throws: SigstoreError.malformedJSON(problem: "a string that is not UTF-8", offset: 0)) {
                try JSONValue(parsing: [0x22] + bytes + [0x22])
            }
        }
    }

    @Test func refusesDuplicateNamesHoweverTheyAreSpelled() {
        #expect(throws: SigstoreError.malformedJSON(problem: "a name that was there before", offset: 7)) {
            try Self.parse(#"{"a":1,"\u0061":2}"#)
        }
    }

    @Test func tellsNamesApartThatOnlyLookEqual() throws {
        // U+212A is the Kelvin sign, which Swift's own comparison takes for a K.
        let value = try Self.parse("{\"\u{212A}\":1,\"K\":2}")
        #expect(value["K"] == .integer(2))
    }

    @Test func boundsDepthValuesNumbersAndSize() throws {
        var limits = Limits()
        limits.jsonDepth = 3
        #expect(throws: Never.self) { try Self.parse("[[[1]]]", limits) }
        #expect(throws: SigstoreError.limitExceeded(what: "levels of nesting in JSON", limit: 3)) {
            try Self.parse("[[[[1]]]]", limits)
        }
        #expect(throws: SigstoreError.limitExceeded(what: "levels of nesting in JSON", limit: 64)) {
            try Self.parse(String(repeating: "[", count: 1_000_000))
        }
        limits.jsonValues = 3
        #expect(throws: Never.self) { try Self.parse("[1,2]", limits) }
        #expect(throws: SigstoreError.limitExceeded(what: "values in JSON", limit: 3)) {
            try Self.parse("[1,2,3]", limits)
        }
        #expect(throws: SigstoreError.limitExceeded(what: "characters of a number", limit: 64)) {
            try Self.parse(String(repeating: "1", count: 65))
        }
        limits.documentSize = 4
        #expect(throws: SigstoreError.limitExceeded(what: "bytes of JSON", limit: 4)) {
            try Self.parse("12345", limits)
        }
    }

    @Test func prettyTextShowsNothingThatATerminalObeys() throws {
        let hostile = JSONValue.object([
            "k": .array([.string("\u{1B}[2J\u{202E}\u{9B}\u{7F}\u{E0041}é")]), "e": .array([]),
        ])
        #expect(
            hostile.prettyText == """
                {
                  "k": [
                    "\\u001b[2J\\u202e\\u009b\\u007f\\udb40\\udc41é"
                  ],
                  "e": []
                }
                """)
        #expect(try Self.parse(hostile.prettyText) == hostile)
    }
}

@Suite struct EncodingTests {
    // RFC 4648, section 10.
    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
    ])
    func base64IsTheRFCs(_ plain: String, _ encoded: String) {
        #expect(Base64.text(of: Array(plain.utf8)) == encoded)
        #expect(Base64.bytes(of: encoded) == Array(plain.utf8))
        #expect(Base64.bytes(of: encoded.filter { $0 != "=" }) == Array(plain.utf8))
    }

    @Test(arguments: 0..<70) func bytesOfEveryLengthComeBack(_ count: Int) {
        let bytes = (0..<count).map { UInt8(($0 * 37 + count) & 255) }
        #expect(Base64.text(of: bytes) == Data(bytes).base64EncodedString())
        #expect(Base64.bytes(of: Base64.text(of: bytes)) == bytes)
        let digits = bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
        #expect(Hex.text(of: bytes) == digits)
        #expect(Hex.bytes(of: digits) == bytes)
    }

    @Test func base64ReadsBothAlphabets() {
        #expect(Base64.bytes(of: "+/+/") == [0xFB, 0xFF, 0xBF])
        #expect(Base64.bytes(of: "-_-_") == [0xFB, 0xFF, 0xBF])
    }

    @Test(arguments: [
        "Z", "Zg=", "Zg===", "Z===", "====", "=", "Zm9v\n", " Zm9v", "Zh==", "+_+_", "Zg==Zg==", "Zm9vY", "Zé==",
    ])
    func base64RefusesOtherText(_ text: String) {
        #expect(Base64.bytes(of: text) == nil)
    }

    @Test func hexReadsBothCasesAndWholeBytes() {
        #expect(Hex.bytes(of: "00fFA0") == [0, 255, 160])
        #expect(Hex.bytes(of: "0") == nil)
        #expect(Hex.bytes(of: "0g") == nil)
    }
}
