public import Sigstore

/// A token with which an issuer (GitLab, GitHub, Kubernetes) vouches for who runs this program (OpenID Connect Core 2).
///
/// What it says is read and not trusted: whoever gets the token verifies it. Printing it shows issuer, subject and
/// expiry, never the token.
public struct IdentityToken: Sendable {
    /// Who made the token (`iss`).
    public let issuer: String
    /// Whom it is about (`sub`).
    public let subject: String
    /// The mail address of a person who logged in (`email`).
    public let email: String?
    /// The moment from which on it is worthless (`exp`).
    public let expiry: UTCTime
    /// The token as it goes to the authority (RFC 7515, 7.1), without white space around it.
    public let compact: SecretBytes

    /// What the holder of the key signs to prove that it is theirs: the mail address if there is one, else the subject.
    public var challenge: String { email ?? subject }

    /// Reads a token and checks that it is one for `audience`, and for now.
    ///
    /// - Throws: `token` with what is wrong and what to do. No part of the token but its audience and times is quoted.
    public init(
        compact bytes: SecretBytes, audience: String = "sigstore", now: UTCTime,
        limits: IdentityLimits = IdentityLimits()
    ) throws(SigningError) {
        guard bytes.count <= limits.tokenSize else {
            throw Self.refused("is larger than \(limits.tokenSize) bytes", audience)
        }
        compact = bytes.trimmed()
        let text = compact.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, parts.allSatisfy(Self.isBase64URL), let header = Self.object(parts[0]),
            header["alg"]?.string != nil, let claims = Self.object(parts[1]), Base64.bytes(of: String(parts[2])) != nil
        else { throw Self.refused("is not a JSON Web Token", audience) }

        guard let issuer = claims["iss"]?.string, !issuer.isEmpty else {
            throw Self.refused("does not say who made it (iss)", audience)
        }
        guard let subject = claims["sub"]?.string, !subject.isEmpty else {
            throw Self.refused("does not say whom it is about (sub)", audience)
        }
        guard let expiry = Self.time(claims["exp"]) else {
            throw Self.refused("does not say when it ends (exp)", audience)
        }
        self.issuer = issuer
        self.subject = subject
        self.expiry = expiry
        email = try Self.email(of: claims, audience)
        try Self.check(claims["aud"], is: audience)
        try check(claims, now: now, skew: limits.clockSkew, audience)
    }

    private func check(
        _ claims: JSONObject, now: UTCTime, skew: Int, _ audience: String
    ) throws(SigningError) {
        guard now.seconds <= expiry.seconds + skew else {
            throw .token(
                reason: "The identity token expired at \(expiry); now it is \(now)",
                advice:
                    "Get a new one. A run that outlasts its token needs a source that gives new ones: a file that is"
                    + " replaced, a command, or GitHub's own.")
        }
        for name in ["nbf", "iat"] {
            guard let claim = claims[name], claim != .null else { continue }
            guard let start = Self.time(claim) else { throw Self.refused("has no time as its '\(name)'", audience) }
            guard start.seconds <= now.seconds + skew else {
                throw .token(
                    reason: "The identity token begins only at \(start); now it is \(now)",
                    advice: "Check this machine's clock.")
            }
        }
    }

    /// - Throws: `token`, which names what the token is for, so that whoever configured it finds the mistake.
    private static func check(_ claim: JSONValue?, is audience: String) throws(SigningError) {
        let audiences: [String] =
            switch claim {
            case .string(let one): [one]
            case .array(let several): several.compactMap(\.string)
            default: []
            }
        guard audiences.contains(where: { $0.utf8.elementsEqual(audience.utf8) }) else {
            let found = audiences.prefix(3).map { "'\(TerminalText.escape(String($0.prefix(100))))'" }
            let made = found.isEmpty ? "nobody in particular" : found.joined(separator: ", ")
            throw refused("is for \(made), and needed is the audience '\(audience)'", audience)
        }
    }

    private static func email(of claims: JSONObject, _ audience: String) throws(SigningError) -> String? {
        guard let email = claims["email"]?.string, !email.isEmpty else { return nil }
        // Some issuers write the boolean as text.
        guard claims["email_verified"] == .bool(true) || claims["email_verified"] == .string("true") else {
            throw refused("has a mail address that its issuer has not verified", audience)
        }
        return email
    }

    private static func isBase64URL(_ part: Substring) -> Bool {
        !part.isEmpty
            && part.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                    true
                default: false
                }
            }
    }

    private static func object(_ part: Substring) -> JSONObject? {
        guard let bytes = Base64.bytes(of: String(part)) else { return nil }
        return (try? JSONValue(parsing: bytes))?.object
    }

    /// A NumericDate (RFC 7519, 2): seconds since 1970, perhaps with a fraction, which is dropped.
    private static func time(_ claim: JSONValue?) -> UTCTime? {
        let seconds: Int?
        switch claim {
        case .integer(let number): seconds = number
        case .decimal(let text): seconds = Double(text).flatMap { Int(exactly: $0.rounded(.down)) }
        default: seconds = nil
        }
        // Up to the year 9999: sums with the skew cannot overflow.
        guard let seconds, (0..<253_402_300_800).contains(seconds) else { return nil }
        return UTCTime(seconds: seconds)
    }

    private static func refused(_ problem: String, _ audience: String) -> SigningError {
        .token(reason: "The identity token \(problem)", advice: advice(audience: audience))
    }

    /// How to get a token, by the places that give one.
    static func advice(audience: String) -> String {
        "On GitLab, ask for one with 'id_tokens: SIGSTORE_ID_TOKEN: aud: \(audience)' in the job; on GitHub, with"
            + " 'permissions: id-token: write'; on Kubernetes, with a projected volume whose serviceAccountToken has the"
            + " audience '\(audience)'."
    }
}

extension IdentityToken: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String {
        "the identity \(TerminalText.escape(challenge)) of \(TerminalText.escape(issuer)), until \(expiry)"
    }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: ["description": description]) }
}

extension SecretBytes {
    /// The same bytes without white space before and behind them.
    func trimmed() -> SecretBytes {
        func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
        return withUnsafeBytes { bytes in
            let end = bytes.lastIndex { !isSpace($0) }.map { $0 + 1 } ?? 0
            let start = bytes.firstIndex { !isSpace($0) } ?? 0
            return start == 0 && end == bytes.count
                ? self : SecretBytes(UnsafeRawBufferPointer(rebasing: bytes[min(start, end)..<end]))
        }
    }
}
