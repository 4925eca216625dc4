import Testing

@testable import Sigstore

@Suite struct RegularExpressionTests {
    /// An expression, texts that it is found in, and texts that it is not.
    struct Example: Sendable, CustomStringConvertible {
        let description: String
        let found: [String]
        let missing: [String]

        init(_ expression: String, _ found: [String], _ missing: [String]) {
            (description, self.found, self.missing) = (expression, found, missing)
        }
    }

    @Test(arguments: [
        Example("abc", ["abc", "xabcx"], ["", "ab", "abd", "ABC"]),
        Example("^abc", ["abc", "abcd"], ["xabc"]),
        Example("abc$", ["abc", "xabc"], ["abcd", "abc\n"]),
        Example("\\Aabc\\z", ["abc"], ["abcd", "xabc"]),
        Example("^a.c$", ["abc", "a.c", "a\u{E9}c"], ["ac", "abbc", "a\nc"]),
        Example("(?s)^a.c$", ["a\nc"], []),
        Example("^a\\.c$", ["a.c"], ["abc"]),
        Example("^ab*$", ["a", "ab", "abbb"], ["", "abc"]),
        Example("^ab+$", ["ab", "abbb"], ["a"]),
        Example("^ab?$", ["a", "ab"], ["abb"]),
        Example("^ab*?c+?d??$", ["acd", "abbcc"], ["abd"]),
        Example("^a{3}$", ["aaa"], ["aa", "aaaa"]),
        Example("^a{2,}$", ["aa", "aaaaa"], ["a"]),
        Example("^(ab){1,3}$", ["ab", "ababab"], ["", "abababab", "aba"]),
        Example("^a{0}b{0,1}$", ["", "b"], ["a", "bb"]),
        Example("^a{,3}$", ["a{,3}"], ["aaa"]),
        Example("^{x}]$", ["{x}]"], ["x"]),
        Example("^(cat|dog|)$", ["cat", "dog", ""], ["cow", "catdog"]),
        Example("cat|^dog$", ["a cat", "dog"], ["a dog"]),
        Example("^(?:a|b)+$", ["abba"], ["abc"]),
        Example("^(?P<one>a)(?<two>b)$", ["ab"], ["a"]),
        Example("^()*$", [""], ["a"]),
        Example("^(a*)*$", ["", "aaa"], ["ab"]),
        Example("^(a|b*)*c$", ["c", "abac"], ["abad"]),
        Example("^[a-c_]+$", ["abc_"], ["d", "-"]),
        Example("^[^a-c]$", ["d", "\n"], ["a", ""]),
        Example("^[]a]+$", ["]a"], ["["]),
        Example("^[^]a]$", ["b"], ["]", "a"]),
        Example("^[a-]+$", ["a-"], ["b"]),
        Example("^[-a]+$", ["a-"], ["b"]),
        Example("^[a-c-e]+$", ["a-e"], ["d"]),
        Example("^[+--]+$", ["+,-"], ["."]),
        Example("^[\\d.\\]-]+$", ["1.2-]"], ["a", "\\"]),
        Example("^[\\D]$", ["a"], ["1"]),
        Example("^[[:alpha:][:^word:]]+$", ["a-b"], ["1", "_"]),
        Example("^[[a]+$", ["[a"], [":"]),
        Example("^\\d\\D\\w\\W\\s\\S$", ["1a_- x"], ["aa_- x", "1aa_ x", "\u{661}a_- x"]),
        Example("\\bcat\\b", ["a cat.", "cat"], ["cats", "_cat"]),
        Example("\\Bcat", ["tomcat"], ["cat", "a cat"]),
        Example("^\\x41\\x{1F600}\\t\\/\\_$", ["A\u{1F600}\t/_"], ["A"]),
        Example("(?i)^HTTPS://k[a-c]$", ["https://KB", "HTTPS://\u{212A}b", "HTTP\u{17F}://kc"], ["https://kd"]),
        Example("^(?i:a)b$", ["Ab", "ab"], ["aB"]),
        Example("^(x(?i)a|b)b$", ["xAb", "Bb"], ["xaB"]),
        Example("^(?i)a(?-i)b$", ["Ab"], ["AB"]),
        Example("^(?i)[^k]$", ["j"], ["k", "K", "\u{212A}"]),
        // Characters are scalars, and two spellings of one are not the same.
        Example("^\u{E9}$", ["\u{E9}"], ["e\u{301}"]),
        Example("^..$", ["e\u{301}"], ["\u{E9}"]),
    ]) func isFoundWhereRE2FindsIt(_ example: Example) throws {
        let expression = try RegularExpression(parsing: example.description)
        for text in example.found { #expect(expression.isFound(in: text), "\(text)") }
        for text in example.missing { #expect(!expression.isFound(in: text), "\(text)") }
    }

    @Test(arguments: [
        ("(", 1), ("a(b", 2), ("(?:a", 1), ("a)", 2), ("[a", 1), ("x[^]", 2), ("[b-a]", 2), ("[a-\\d]", 5),
        ("[[:no:]]", 2),
        ("*a", 1), ("a|+", 3), ("(?)", 3), ("(*)", 2), ("a**", 3), ("a+?*", 4), ("a{2}{3}", 5), ("{2}", 1),
        ("a{3,2}", 2),
        ("(?i)*?", 5), ("\\", 2), ("\\pL", 2), ("\\Qa", 2), ("\\1", 2), ("\\Z", 2), ("\\C", 2), ("\\\u{E9}", 2),
        ("\\x4", 3), ("\\x{110000}", 3), ("\\x{}", 3), ("(?m)^a", 3), ("(?U)a", 3), ("(?=a)", 3), ("(?!a)", 3),
        ("(?<!a)", 4),
        ("(?P<>a)", 5), ("(?P=a)", 3), ("(?i-)a", 5), ("(?i)\u{E9}", 5), ("(?i)[a-\u{E9}]", 6), ("a\u{0}(", 3),
    ]) func whatCannotBeUsedIsRefusedWithItsPlace(_ text: String, _ place: Int) throws {
        let error = try #require(throws: SigstoreError.self) { _ = try RegularExpression(parsing: text) }
        #expect(error.description.contains("at character \(place) "), "\(error)")
    }

    /// Expressions that people write, and texts that a search with steps back would never end on.
    @Test(arguments: [
        (
            "^https://github\\.com/(.*/)*release\\.yml@refs/heads/main$",
            "https://github.com/" + String(repeating: "a/", count: 60) + "b"
        ),
        ("^https://github\\.com/([\\w.-]+/?)+$", "https://github.com/" + String(repeating: "a", count: 400) + "!"),
        ("^https://x/(a+)+$", "https://x/" + String(repeating: "a", count: 4000) + "!"),
        ("^https://x/(.*)(.*)(.*)(.*)z$", "https://x/" + String(repeating: "a", count: 4000)),
        ("^(a?){500}a{500}$", String(repeating: "a", count: 499)),
    ]) func noTextMakesTheSearchLong(_ expression: String, _ text: String) throws {
        let expression = try RegularExpression(parsing: expression)
        let (isFound, steps) = expression.search(Array(text.unicodeScalars))
        #expect(!isFound)
        #expect(steps <= expression.size * (text.unicodeScalars.count + 1), "\(steps) steps")
    }

    @Test func whatGrowsBeyondTheLimitsIsRefused() throws {
        func limit(_ text: String) throws -> Int? {
            let error = try #require(throws: SigstoreError.self) { _ = try RegularExpression(parsing: text) }
            if case .limitExceeded(_, let limit) = error { return limit }
            return nil
        }
        let limits = Limits()
        #expect(try limit(String(repeating: "a", count: 4097)) == limits.expressionSize)
        #expect(try limit("a{1001}") == limits.expressionRepetitions)
        #expect(try limit("a{99999999999999999999}") == limits.expressionRepetitions)
        #expect(try limit("((a{100}){100}){100}") == limits.expressionInstructions)
        #expect(try limit("(((){1000}){1000}){1000}") == limits.expressionInstructions)
        #expect(try limit("(((a{0}){1000}){1000}){1000}") == limits.expressionInstructions)
        let deep = { String(repeating: "(", count: $0) + "a" + String(repeating: ")", count: $0) }
        #expect(try limit(deep(65)) == limits.expressionDepth)
        #expect(throws: Never.self) { try RegularExpression(parsing: deep(64) + "a{1000}") }
    }
}
