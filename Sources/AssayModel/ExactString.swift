/// Text that is equal only to the same bytes.
///
/// Swift's strings are equal when they are canonically equivalent: `é` written as one scalar and as two are one key of
/// a dictionary. Names in stores and archives are bytes, and the two are two files.
public struct ExactString: Hashable, Sendable, Comparable {
    public let text: String

    public init(_ text: some StringProtocol) { self.text = String(text) }

    public static func == (a: Self, b: Self) -> Bool { a.text.utf8.elementsEqual(b.text.utf8) }

    public static func < (a: Self, b: Self) -> Bool { a.text.utf8.lexicographicallyPrecedes(b.text.utf8) }

    public func hash(into hasher: inout Hasher) {
        var text = text
        text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }
}
