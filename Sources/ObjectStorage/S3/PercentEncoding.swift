/// Percent-encoding as the signature of S3 wants it: everything but RFC 3986's unreserved characters, once.
package enum PercentEncoding {
    /// `text` with `%XX`, upper case, for all bytes but `A-Z a-z 0-9 - . _ ~` and, if wished, `/`.
    package static func encode(_ text: String, keepingSlashes: Bool = false) -> String {
        var result: [UInt8] = []
        result.reserveCapacity(text.utf8.count)
        for byte in text.utf8 {
            if isUnreserved(byte) || (keepingSlashes && byte == UInt8(ascii: "/")) {
                result.append(byte)
            } else {
                result += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// What was encoded in a listing with `encoding-type=url`, where a `+` is a space and every byte may be `%XX`.
    ///
    /// Nil if a `%` has no two digits behind it, or the bytes are not UTF-8.
    static func decode(_ text: String) -> String? {
        var result: [UInt8] = []
        var bytes = text.utf8.makeIterator()
        while let byte = bytes.next() {
            switch byte {
            case UInt8(ascii: "+"): result.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                guard let high = bytes.next().flatMap(value(ofHexDigit:)),
                    let low = bytes.next().flatMap(value(ofHexDigit:))
                else { return nil }
                result.append(high << 4 | low)
            default: result.append(byte)
            }
        }
        return String(validating: result, as: UTF8.self)
    }

    /// The pairs as a query in the order of their encoded names, then values: the canonical form, sent as it is signed.
    static func query(_ pairs: [(name: String, value: String)]) -> String {
        pairs.map { (encode($0.name), encode($0.value)) }
            .sorted { ($0.0, $0.1) < ($1.0, $1.1) }
            .map { "\($0.0)=\($0.1)" }
            .joined(separator: "&")
    }

    private static let digits = Array("0123456789ABCDEF".utf8)

    private static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "~"):
            true
        default: false
        }
    }

    private static func value(ofHexDigit digit: UInt8) -> UInt8? {
        Character(Unicode.Scalar(digit)).hexDigitValue.map(UInt8.init)
    }
}
