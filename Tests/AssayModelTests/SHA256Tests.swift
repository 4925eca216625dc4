import AssayModel
import Testing

@Suite struct SHA256Tests {
    // FIPS 180-2, appendix B.1.
    static let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

    @Test func hashesTheStandardsExample() {
        #expect(SHA256Digest(of: "abc".utf8).hex == Self.abc)
    }

    @Test func hashesPiecesLikeTheWhole() {
        var hasher = SHA256Hasher()
        for byte in "abc".utf8 { withUnsafeBytes(of: byte) { hasher.update($0) } }
        #expect(hasher.finish().hex == Self.abc)
        // After finish it starts anew.
        #expect(hasher.finish() == SHA256Digest(of: []))
    }

    @Test func readsHexWithAndWithoutPrefix() {
        let digest = SHA256Digest(of: "abc".utf8)
        #expect(SHA256Digest(hex: Self.abc) == digest)
        #expect(SHA256Digest(hex: "sha256:" + Self.abc.uppercased()) == digest)
        #expect(digest.description == "sha256:" + Self.abc)
    }

    @Test(arguments: ["", "abc", String(repeating: "g", count: 64), String(repeating: "a", count: 63), "sha512:" + abc])
    func refusesWhatIsNoDigest(_ text: String) {
        #expect(SHA256Digest(hex: text) == nil)
    }

    // RFC 4231, test case 2.
    @Test func authenticatesLikeTheRFC() {
        let code = SHA256Digest.authenticationCode(for: "what do ya want for nothing?".utf8, key: Array("Jefe".utf8))
        #expect(code.hex == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
    }

    @Test func ordersByHex() throws {
        let digests = (0..<100).map { SHA256Digest(of: String($0).utf8) }
        #expect(digests.sorted().map(\.hex) == digests.map(\.hex).sorted())
    }
}
