import Foundation
import FoundationXML

/// Reads a small XML document as a run of elements with their texts.
///
/// Document types are refused, so that there are no entities to expand or fetch.
final class XMLReader: NSObject, XMLParserDelegate {
    private static let deepest = 16

    private let visit: (_ path: String, _ text: String) -> Void
    private var open: [(path: String, text: String)] = []

    private init(_ visit: @escaping (_ path: String, _ text: String) -> Void) { self.visit = visit }

    /// Calls `visit` at each element's end with its path (`Error/Code`) and the text directly in it.
    ///
    /// - Returns: false if the document is not well-formed, not UTF-8, too deep or has a document type.
    static func read(_ document: [UInt8], _ visit: (_ path: String, _ text: String) -> Void) -> Bool {
        guard let text = String(validating: document, as: UTF8.self), !text.utf8.contains(0),
            !text.contains("<!DOCTYPE")
        else { return false }
        return withoutActuallyEscaping(visit) { visit in
            let reader = XMLReader(visit)
            let parser = XMLParser(data: Data(document))
            parser.shouldResolveExternalEntities = false
            parser.delegate = reader
            return parser.parse()
        }
    }

    func parser(
        _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
        attributes: [String: String]
    ) {
        guard open.count < Self.deepest else { return parser.abortParsing() }
        open.append((open.last.map { "\($0.path)/\(name)" } ?? name, ""))
    }

    func parser(_ parser: XMLParser, foundCharacters string: String) {
        guard !open.isEmpty else { return }
        open[open.count - 1].text += string
    }

    func parser(_ parser: XMLParser, foundCDATA block: Data) {
        self.parser(parser, foundCharacters: String(decoding: block, as: UTF8.self))
    }

    func parser(_ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?) {
        guard let element = open.popLast() else { return }
        visit(element.path, element.text)
    }
}
