import Foundation
import Signing
import Sigstore

/// Identity tokens for tests: of the right shape, with a signature that nobody verifies.
enum TestToken {
    static let now = UTCTime(seconds: 1_800_000_000)
    /// Stands in every token, and must never stand anywhere else.
    static let secret = "s3cretsignature"

    /// The token's text.
    ///
    /// - Parameter changes: claims as JSON text; nil leaves one out.
    static func text(_ changes: [String: String?] = [:], header: String = #"{"alg":"RS256"}"#) -> String {
        var claims: [String: String?] = [
            "iss": #""https://gitlab.example.com""#, "sub": #""project_path:acme/widget""#, "aud": #""sigstore""#,
            "exp": "\(now.seconds + 600)", "nbf": "\(now.seconds - 10)", "iat": "\(now.seconds - 10)",
        ]
        for (name, value) in changes { claims[name] = .some(value) }
        let members = claims.sorted { $0.key < $1.key }.compactMap { name, value in value.map { "\"\(name)\":\($0)" } }
        return [header, "{\(members.joined(separator: ","))}", secret].map(encode).joined(separator: ".")
    }

    static func encode(_ text: String) -> String {
        Data(text.utf8).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing(
            "=", with: "")
    }

    static func token(
        _ changes: [String: String?] = [:], audience: String = "sigstore"
    ) throws(SigningError) -> IdentityToken {
        try IdentityToken(compact: SecretBytes(text(changes).utf8), audience: audience, now: now)
    }

    /// Whether any part of a token's secret stands in what can be shown of something.
    static func leaks(_ value: Any) -> Bool {
        var dumped = ""
        dump(value, to: &dumped)
        return ["\(value)", String(reflecting: value), dumped].contains {
            $0.contains(secret) || $0.contains(encode(secret))
        }
    }
}
