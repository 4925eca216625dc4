/// Removes from URLs what nobody but their owner may read: provenance is published.
public enum URLScrubber {
    /// What stands in place of a removed value.
    public static let mask = "[MASKED]"

    // Over scalars: to Swift a "=" with a combining mark behind it is another character than "=", and to whoever uses
    // the URL it is not.
    private typealias Text = Substring.UnicodeScalarView

    /// `url` without user name and password, and with the values of secret-looking parameters replaced by `mask`, in
    /// the query and in the fragment. Text that is no URL comes back as it is.
    public static func scrub(_ url: String) -> String { scrub(url, depth: 0) }

    /// URLs may hold URLs; this deep nobody means it.
    private static let maximumDepth = 8

    private static func scrub(_ url: String, depth: Int) -> String {
        let text = url[...].unicodeScalars
        guard let schemeEnd = text.firstRange(of: "://".unicodeScalars)?.upperBound else { return url }
        let rest = withoutUserInfo(text[schemeEnd...])
        let hierarchy = rest.prefix { $0 != "?" && $0 != "#" }
        return String(Substring(text[..<schemeEnd])) + String(Substring(hierarchy))
            + scrubParameters(rest[hierarchy.endIndex...], depth: depth)
    }

    /// `url` scrubbed, and without query and fragment altogether.
    static func location(of url: String) -> String {
        String(Substring(scrub(url)[...].unicodeScalars.prefix { $0 != "?" && $0 != "#" }))
    }

    private static func withoutUserInfo(_ rest: Text) -> Text {
        let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        if let at = authority.lastIndex(of: "@") { return rest[rest.index(after: at)...] }
        // A password with a slash or the like inside ends the authority too early: "user:pa/ss@host". What follows the
        // colon is then no port, and everything up to the last "@" is taken for the password.
        if let colon = authority.lastIndex(of: ":"), authority.first != "[",
            !authority[authority.index(after: colon)...].allSatisfy({ ("0"..."9").contains($0) }),
            let at = rest.lastIndex(of: "@")
        {
            return rest[rest.index(after: at)...]
        }
        return rest
    }

    private static func scrubParameters(_ tail: Text, depth: Int) -> String {
        var scrubbed = ""
        var rest = tail
        while let separator = rest.popFirst() {
            scrubbed.unicodeScalars.append(separator)
            let parameter = rest.prefix { $0 != "&" && $0 != ";" && $0 != "#" }
            scrubbed += scrubParameter(parameter, depth: depth)
            rest = rest[parameter.endIndex...]
        }
        return scrubbed
    }

    private static func scrubParameter(_ parameter: Text, depth: Int) -> String {
        let text = String(Substring(parameter))
        guard let equals = parameter.firstIndex(of: "=") else {
            return isScrubbed(decode(parameter), depth: depth) ? text : mask
        }
        let name = parameter[..<equals]
        let value = parameter[parameter.index(after: equals)...]
        // A URL as a value may hold secrets of its own.
        let isSecret = !value.isEmpty && (isSecretName(decode(name)) || !isScrubbed(decode(value), depth: depth))
        return isSecret ? "\(Substring(name))=\(mask)" : text
    }

    private static func isScrubbed(_ text: String, depth: Int) -> Bool {
        depth < maximumDepth && scrub(text, depth: depth + 1).utf8.elementsEqual(text.utf8)
    }

    private static func isSecretName(_ name: String) -> Bool {
        let letters = name.lowercased().filter { $0.isLetter || $0.isNumber }
        if exactSecretNames.contains(letters) { return true }
        return secretParts.contains { letters.contains($0) }
    }

    /// Names that are secret only as a whole: as parts they are in harmless words such as "design".
    private static let exactSecretNames: Set = [
        "sig", "se", "sv", "sp", "key", "pass", "pat", "code", "jwt", "sid", "auth",
    ]

    private static let secretParts = [
        "token", "secret", "password", "passwd", "passphrase", "signature", "credential", "apikey", "accesskey",
        "privatekey", "authorization", "session", "xamz", "xgoog",
    ]

    /// Percent-encoding undone; bytes that are not UTF-8 then are replaced, since the result only is looked at.
    private static func decode(_ text: Text) -> String {
        var bytes: [UInt8] = []
        var rest = Array(Substring(text).utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), rest.count >= 2,
                let code = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
            {
                bytes.append(code)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
