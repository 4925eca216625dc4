/// A place that metadata or target files are fetched from; nothing it sends is trusted.
public protocol Mirror: Sendable {
    /// The bytes of a file.
    ///
    /// - Parameters:
    ///   - path: parts that slashes separate, each already percent-encoded where it must be.
    ///   - limit: the most bytes that are taken.
    /// - Returns: nil if the mirror says that there is no such file.
    /// - Throws: `limitExceeded` if there are more bytes, `mirror` if the mirror fails, `location`, `cancelled`.
    func file(_ path: String, limit: Int) async throws(TUFError) -> [UInt8]?
}

/// Names of roles and targets as parts of addresses and names of files.
package enum FileNames {
    /// All but letters, digits, `-`, `_`, `.` and `~` as percent signs with two digits, so that no name leaves its
    /// folder; `.` and `..`, which would, too.
    package static func encoded(_ name: String) -> String {
        if name == "." || name == ".." { return String(repeating: "%2E", count: name.utf8.count) }
        var text = ""
        for byte in name.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."),
                UInt8(ascii: "~"):
                text.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                text += (digits.utf8.count == 1 ? "%0" : "%") + digits
            }
        }
        return text
    }

    /// A target's path for an address: each part encoded.
    static func encodedPath(_ path: String) -> String {
        path.split(separator: "/", omittingEmptySubsequences: false).map { encoded(String($0)) }
            .joined(separator: "/")
    }
}
