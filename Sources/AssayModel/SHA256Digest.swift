/// The SHA-256 of an artifact: what identifies it everywhere in Assay.
public struct SHA256Digest: Hashable, Sendable {
    /// 32, the length in bytes.
    public static let byteCount = 32

    // Four words, so that a digest needs no heap and compares in four instructions.
    private var words: (UInt64, UInt64, UInt64, UInt64)

    /// The digest whose 32 bytes are given; nil for any other number of bytes.
    public init?(_ bytes: some Collection<UInt8>) {
        guard bytes.count == Self.byteCount else { return nil }
        var filled = (UInt64(0), UInt64(0), UInt64(0), UInt64(0))
        withUnsafeMutableBytes(of: &filled) { $0.copyBytes(from: bytes) }
        words = filled
    }

    init(filling body: (UnsafeMutableRawBufferPointer) -> Void) {
        words = (0, 0, 0, 0)
        withUnsafeMutableBytes(of: &words, body)
    }

    /// The digest written as 64 hexadecimal digits, upper or lower case, with or without `sha256:` before them.
    public init?(hex text: some StringProtocol) {
        var digits = text.utf8[...]
        if text.hasPrefix("sha256:") { digits = digits.dropFirst(7) }
        guard digits.count == 2 * Self.byteCount else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Self.byteCount)
        var high: UInt8?
        for digit in digits {
            guard let value = Self.value(ofHexDigit: digit) else { return nil }
            if let first = high {
                bytes.append(first << 4 | value)
                high = nil
            } else {
                high = value
            }
        }
        self.init(bytes)
    }

    /// 64 lower-case hexadecimal digits, without a prefix.
    public var hex: String {
        let digits = Array("0123456789abcdef".utf8)
        return withUnsafeBytes { bytes in
            String(unsafeUninitializedCapacity: 2 * Self.byteCount) { text in
                for (index, byte) in bytes.enumerated() {
                    text[2 * index] = digits[Int(byte >> 4)]
                    text[2 * index + 1] = digits[Int(byte & 15)]
                }
                return 2 * Self.byteCount
            }
        }
    }

    /// Calls `body` with the 32 bytes.
    public func withUnsafeBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
        try Swift.withUnsafeBytes(of: words, body)
    }

    /// The 32 bytes.
    public var bytes: [UInt8] { withUnsafeBytes { Array($0) } }

    public static func == (a: Self, b: Self) -> Bool { a.words == b.words }

    public func hash(into hasher: inout Hasher) {
        // The bytes are uniform already: one word tells as much as four.
        hasher.combine(words.0)
    }

    private static func value(ofHexDigit digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}

extension SHA256Digest: Comparable {
    /// The order of the hexadecimal forms.
    public static func < (a: Self, b: Self) -> Bool {
        a.withUnsafeBytes { a in b.withUnsafeBytes { b in a.lexicographicallyPrecedes(b) } }
    }
}

extension SHA256Digest: CustomStringConvertible {
    /// `sha256:` and 64 hexadecimal digits.
    public var description: String { "sha256:" + hex }
}
