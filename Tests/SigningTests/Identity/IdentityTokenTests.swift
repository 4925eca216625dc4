import Signing
import Sigstore
import Testing

@Suite struct IdentityTokenTests {
    @Test func tellsWhoItIsAboutAndUntilWhen() throws {
        let token = try TestToken.token()
        #expect(token.issuer == "https://gitlab.example.com")
        #expect(token.subject == "project_path:acme/widget")
        #expect(token.challenge == token.subject)
        #expect(token.expiry == UTCTime(seconds: TestToken.now.seconds + 600))
    }

    @Test func whiteSpaceAroundItDoesNotCount() throws {
        let bytes = SecretBytes(" \(TestToken.text())\r\n".utf8)
        let token = try IdentityToken(compact: bytes, now: TestToken.now)
        #expect(token.compact.withUnsafeBytes { $0.elementsEqual(TestToken.text().utf8) })
    }

    @Test func aPersonIsProvenByAVerifiedMailAddress() throws {
        let mail = ["email": #""jo@example.com""#]
        #expect(try TestToken.token(mail.merging(["email_verified": "true"]) { $1 }).challenge == "jo@example.com")
        #expect(try TestToken.token(mail.merging(["email_verified": #""true""#]) { $1 }).challenge == "jo@example.com")
        expectRefusal("mail address") { () throws(SigningError) in try TestToken.token(mail) }
    }

    @Test func theAudienceMayBeOneOfSeveral() throws {
        _ = try TestToken.token(["aud": #"["other","sigstore"]"#])
        _ = try TestToken.token(["aud": #""private""#], audience: "private")
    }

    @Test(arguments: [
        ("aud", #""https://vault.example.com""#, "'https://vault.example.com'"),
        ("aud", #"["a","b"]"#, "'a', 'b'"),
        ("aud", #""sigstore2""#, "'sigstore2'"),
        ("aud", "7", "nobody"),
        ("aud", nil, "nobody"),
    ])
    func anotherAudienceIsRefusedWithWhatToDo(claim: String, value: String?, words: String) {
        expectRefusal(words) { () throws(SigningError) in try TestToken.token([claim: value]) }
        expectRefusal("id_tokens: SIGSTORE_ID_TOKEN: aud: sigstore") { () throws(SigningError) in
            try TestToken.token([claim: value])
        }
    }

    @Test(arguments: [
        ("exp", "\(TestToken.now.seconds - 61)", "expired at 2027-01-15T07:58:59Z"),
        ("exp", nil, "(exp)"), ("exp", #""soon""#, "(exp)"), ("exp", "1e400", "(exp)"), ("exp", "-1", "(exp)"),
        ("exp", "99999999999999999", "(exp)"),
        ("nbf", "\(TestToken.now.seconds + 61)", "clock"),
        ("iat", "\(TestToken.now.seconds + 61)", "clock"),
        ("nbf", #""now""#, "'nbf'"),
        ("iss", nil, "(iss)"), ("iss", #""""#, "(iss)"), ("sub", nil, "(sub)"), ("sub", "[]", "(sub)"),
    ])
    func aTokenThatIsNotForNowOrSaysTooLittleIsRefused(claim: String, value: String?, words: String) {
        expectRefusal(words) { () throws(SigningError) in try TestToken.token([claim: value]) }
    }

    @Test func clocksMayDifferByAMinute() throws {
        _ = try TestToken.token(["exp": "\(TestToken.now.seconds - 60)"])
        _ = try TestToken.token(["nbf": "\(TestToken.now.seconds + 60)", "iat": nil])
        _ = try TestToken.token(["exp": "\(TestToken.now.seconds).75", "nbf": "null"])
    }

    @Test(arguments: [
        "", "x", "a.b", "a.b.c", "a.b.c.d", "..", TestToken.text() + ".x", TestToken.text() + "=",
        TestToken.text().replacing(".", with: " ."), "\u{feff}" + TestToken.text(),
        TestToken.text(header: "{}"), TestToken.text(header: "[]"), TestToken.text(header: #"{"alg":"a","alg":"b"}"#),
        TestToken.text(["sub": #""x","sub":"y""#]), TestToken.text(["sub": "\"x\"}garbage"]),
    ])
    func garbageIsRefused(text: String) {
        expectRefusal("JSON Web Token") { () throws(SigningError) in
            try IdentityToken(compact: SecretBytes(text.utf8), now: TestToken.now)
        }
    }

    @Test func aTokenThatIsTooLargeIsRefused() {
        var limits = IdentityLimits()
        limits.tokenSize = 100
        expectRefusal("100 bytes") { () throws(SigningError) in
            try IdentityToken(compact: SecretBytes(TestToken.text().utf8), now: TestToken.now, limits: limits)
        }
    }

    @Test func isNeverShown() throws {
        let token = try TestToken.token()
        #expect("\(token)".contains("project_path:acme/widget") && "\(token)".contains("2027"))
        #expect(!TestToken.leaks(token) && !TestToken.leaks([token]))
    }

    /// Expects an error about the token with these words, and without the token.
    private func expectRefusal(_ words: String, _ body: () throws(SigningError) -> IdentityToken) {
        do throws(SigningError) {
            _ = try body()
            Issue.record("It was accepted.")
        } catch {
            guard case .token = error else {
                Issue.record("\(error)")
                return
            }
            #expect("\(error)".contains(words), "\(error)")
            #expect(!TestToken.leaks(error))
        }
    }
}
