internal import Sigstore

/// The address of a service, taken apart strictly: what different programs could read differently is refused.
struct ServiceURL: Hashable, Sendable {
    private let scheme: String
    /// In lower case; an IPv6 address with its brackets.
    let host: String
    private let port: String
    private let path: String
    private let query: String
    /// `user:password` as it was written; empty if there is none.
    private let userInformation: String

    /// Why it cannot be used, as the end of a sentence.
    struct Unusable: Error { let problem: String }

    init(_ text: String) throws(Unusable) {
        let forbidden: Set<UInt8> = Set("\\\"<>^`{|}".utf8)
        guard text.utf8.allSatisfy({ (0x21...0x7E).contains($0) && !forbidden.contains($0) }) else {
            throw Unusable(problem: "holds spaces or characters that an address cannot hold")
        }
        guard let colon = text.firstRange(of: "://") else {
            throw Unusable(problem: "begins with neither https:// nor http://")
        }
        scheme = text[..<colon.lowerBound].lowercased()
        guard scheme == "https" || scheme == "http" else {
            throw Unusable(problem: "begins with neither https:// nor http://")
        }
        let rest = text[colon.upperBound...]
        guard !rest.contains("#") else { throw Unusable(problem: "has a fragment (#)") }
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        let target = rest[authority.endIndex...]
        path = String(target.prefix { $0 != "?" })
        query = String(target.dropFirst(path.utf8.count))

        let parts = authority.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count <= 2, let place = parts.last else { throw Unusable(problem: "has more than one @") }
        userInformation = parts.count == 2 ? String(parts[0]) : ""
        let bracket = place.hasPrefix("[") ? place.firstIndex(of: "]").map { place.index(after: $0) } : nil
        let end = bracket ?? place.firstIndex(of: ":") ?? place.endIndex
        host = place[..<end].lowercased()
        guard !host.isEmpty, host.utf8.allSatisfy(bracket == nil ? Self.isNameCharacter : Self.isAddressCharacter)
        else {
            throw Unusable(problem: "has no usable host name")
        }
        let tail = place[end...]
        port = tail == ":" ? "" : String(tail)
        guard
            port.isEmpty
                || port.hasPrefix(":") && port.dropFirst().utf8.allSatisfy(Self.isDigit)
                    && Int(port.dropFirst()).map((1...65_535).contains) == true
        else { throw Unusable(problem: "has no usable port") }
    }

    /// The address for people: without user name, password and query.
    var shown: String { "\(scheme)://\(host)\(port)\(path)" }

    /// The address to ask, of what lies at `suffix` below this one.
    func appending(_ suffix: String) -> String {
        let base = suffix.isEmpty || !path.hasSuffix("/") ? path : String(path.dropLast())
        return "\(scheme)://\(host)\(port)\(base)\(suffix)\(query)"
    }

    /// The value of the header `Authorization` for the address's user name and password (RFC 7617).
    var basicAuthorization: String? {
        guard !userInformation.isEmpty else { return nil }
        return "Basic " + Base64.text(of: Self.decoded(userInformation))
    }

    private static func decoded(_ text: String) -> [UInt8] {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), let pair = Hex.bytes(of: String(decoding: rest.prefix(2), as: UTF8.self)),
                pair.count == 1
            {
                bytes += pair
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return bytes
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    private static func isNameCharacter(_ byte: UInt8) -> Bool {
        isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || "-._".utf8.contains(byte)
    }

    private static func isAddressCharacter(_ byte: UInt8) -> Bool { isNameCharacter(byte) || "[:]".utf8.contains(byte) }
}
