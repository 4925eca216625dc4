import Foundation
import Testing

/// Every sentence of docs/SEMANTICS.md that promises something is quoted by a test.
@Suite struct SemanticsCoverageTests {
    @Test func everyPromiseIsQuotedByATest() throws {
        let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let document = try String(contentsOf: tests.appending(path: "../docs/SEMANTICS.md"), encoding: .utf8)
        var sources = ""
        for target in ["ArtifactViewTests", "AssayFUSETests"] {
            let folder = tests.appending(path: target)
            for name in try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() {
                sources += try String(contentsOf: folder.appending(path: name), encoding: .utf8)
            }
        }
        let quotes = Self.words(sources.replacing("///", with: " "))
        var promises = 0
        for section in document.components(separatedBy: "\n## ").dropFirst() {
            guard ["Tree\n", "Names\n", "Files\n"].contains(where: { section.hasPrefix($0) }) else { continue }
            for line in section.split(separator: "\n") where line.hasPrefix("- ") {
                promises += 1
                // The whole of the tests need not be printed where a quote is missing.
                let isQuoted = quotes.contains(Self.words(String(line)))
                #expect(isQuoted, "no test quotes: \(line)")
            }
        }
        #expect(promises >= 30)
    }

    private static func words(_ text: String) -> String {
        text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }
}
