import CExpat

/// Reads a small XML document as a run of elements with their texts.
///
/// Document types are refused, so that there are no entities to expand or fetch.
final class XMLReader {
    private static let deepest = 16

    private let parser: XML_Parser
    private let visit: (_ path: String, _ text: String) -> Void
    private var open: [(path: String, text: String)] = []

    private init(_ parser: XML_Parser, _ visit: @escaping (_ path: String, _ text: String) -> Void) {
        self.parser = parser
        self.visit = visit
    }

    /// Calls `visit` at each element's end with its path (`Error/Code`) and the text directly in it.
    ///
    /// - Returns: false if the document is not well-formed, not UTF-8, too deep or has a document type.
    static func read(_ document: [UInt8], _ visit: (_ path: String, _ text: String) -> Void) -> Bool {
        guard let size = Int32(exactly: document.count), let parser = XML_ParserCreate("UTF-8") else { return false }
        defer { XML_ParserFree(parser) }
        return withoutActuallyEscaping(visit) { visit in
            let reader = XMLReader(parser, visit)
            XML_SetUserData(parser, Unmanaged.passUnretained(reader).toOpaque())
            XML_SetElementHandler(
                parser, { user, name, _ in XMLReader.of(user)?.begin(name) }, { user, _ in XMLReader.of(user)?.end() })
            XML_SetCharacterDataHandler(parser) { user, text, size in XMLReader.of(user)?.add(text, size) }
            XML_SetStartDoctypeDeclHandler(parser) { user, _, _, _, _ in XMLReader.of(user)?.stop() }
            return withExtendedLifetime(reader) {
                document.withUnsafeBytes {
                    XML_Parse(parser, $0.baseAddress?.assumingMemoryBound(to: CChar.self), size, 1) == XML_STATUS_OK
                }
            }
        }
    }

    /// The reader that a handler was given; it lives as long as the parser calls handlers.
    private static func of(_ user: UnsafeMutableRawPointer?) -> XMLReader? {
        user.map { Unmanaged<XMLReader>.fromOpaque($0).takeUnretainedValue() }
    }

    private func begin(_ name: UnsafePointer<CChar>?) {
        guard let name, open.count < Self.deepest else { return stop() }
        let text = String(cString: name)
        open.append((open.last.map { "\($0.path)/\(text)" } ?? text, ""))
    }

    private func add(_ text: UnsafePointer<CChar>?, _ size: Int32) {
        guard !open.isEmpty, let text else { return }
        open[open.count - 1].text += String(
            decoding: UnsafeRawBufferPointer(start: text, count: Int(size)), as: UTF8.self)
    }

    private func end() {
        guard let element = open.popLast() else { return }
        visit(element.path, element.text)
    }

    private func stop() { XML_StopParser(parser, XML_Bool(XML_FALSE)) }
}
