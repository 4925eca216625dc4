import AssayTestSupport
import Foundation
import Sigstore
import Testing

@testable import TrustPolicy

@Suite struct PolicyFileTests {
    private let folder: TemporaryFolder
    private let key: SigningKey

    init() throws {
        folder = try TemporaryFolder()
        key = try SigningKey.generate()
        try folder.write(key.publicKey.pem().utf8, to: "signer.pub.pem")
    }

    private func policy(_ text: String) throws -> PolicyFile {
        try folder.write(text.utf8, to: "policy.toml")
        return try PolicyFile(path: folder.path + "/policy.toml")
    }

    /// What is wrong with a text, without the folder's path.
    private func complaint(_ text: String) throws -> String? {
        do {
            _ = try policy(text)
            return nil
        } catch let error as TrustPolicyError {
            let hint = if case .malformed(_, _, let hint?) = error { " " + hint } else { "" }
            return (error.description + hint).replacing(folder.path + "/", with: "")
        }
    }

    private let signer = """
        [[signer]]
        identity = "ci@example.com"
        issuer = "https://accounts.example.com"

        """

    @Test func theExampleIsAPolicyWithEveryKeyThatThereIs() throws {
        let example = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "config/policy.toml")
        // What is commented out is part of what it shows.
        let lines = try String(contentsOf: example, encoding: .utf8).split(separator: "\n").map { line in
            line.hasPrefix("#:") ? String(line.dropFirst(2)) : String(line)
        }
        let root = #"{"mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1"}"#
        try folder.write(root.utf8, to: "trusted_root.json")
        try folder.write(key.publicKey.pem().utf8, to: "release.pub.pem")
        let file = try policy(lines.joined(separator: "\n"))
        #expect(file.terms.identities.count == 2 && file.terms.keys.count == 1 && file.root != nil)
        #expect(file.terms.earliest != nil && file.terms.ignored.isEmpty)
        for key in ["insecure-ignore-tlog", "insecure-ignore-sct", "insecure-ignore-time", "extensions-regexp"] {
            #expect(lines.contains { $0.contains(key) }, "\(key)")
        }
    }

    @Test func signersAreKeysBesideTheFileAndIdentities() throws {
        let file = try policy(
            signer + """
                [[signer]]
                key = "signer.pub.pem"
                [[signer]]
                identity-regexp = "^https://github\\\\.com/example/"
                issuer = "https://token.actions.githubusercontent.com"
                [signer.extensions]
                source-repository-ref = "refs/heads/main"
                [signer.extensions-regexp]
                build-trigger = "^(push|release)$"
                """)
        #expect(
            file.terms.keys.map(\.hint) == [key.publicKey.hint] && file.terms.identities.count == 2 && file.root == nil)
        #expect(!file.terms.keysNeedLog)
    }

    @Test func whatIsNotSaidIsStrict() throws {
        let terms = try policy(signer).terms
        #expect(terms.ignored.isEmpty && terms.earliest == nil)
        #expect(terms.expectation == .statement(predicateType: PredicateType.slsaProvenanceV1))
    }

    @Test func insecureChoicesAreMadeOneByOne() throws {
        for (key, check) in [
            ("tlog", VerificationPolicy.Check.transparencyLog), ("sct", .certificateLog), ("time", .time),
        ] {
            #expect(try policy("insecure-ignore-\(key) = true\n" + signer).terms.ignored == [check])
            #expect(try policy("insecure-ignore-\(key) = false\n" + signer).terms.ignored.isEmpty)
        }
    }

    @Test func typesAreNamedAsOnTheCommandLine() throws {
        #expect(try policy("types = [\"signature\"]\n" + signer).terms.expectation == .messageSignature)
        #expect(
            try policy("types = [\"spdx\", \"https://example.com/p\"]\n" + signer).terms.expectation
                == .statement(predicateTypes: ["https://spdx.dev/Document", "https://example.com/p"]))
        #expect(try complaint("types = [\"any\", \"spdx\"]\n" + signer)?.contains("stands alone") == true)
        #expect(try complaint("types = [\"slsa\"]\n" + signer)?.contains("“slsa” is no type") == true)
        #expect(try complaint("types = []\n" + signer)?.contains("no type is named") == true)
    }

    @Test func aPolicyThatAcceptsNobodyIsRefused() throws {
        #expect(try complaint("")?.contains("nobody's signature is accepted") == true)
        #expect(try complaint("signer = []")?.contains("[[signer]]") == true)
    }

    @Test(arguments: [
        ("signer = 3", "policy.toml:1: signer must be written as [[signer]]"),
        ("types = \"spdx\"", "policy.toml:1: types must be a list of texts"),
        ("types = [1]", "types must be a list of texts that are not empty"),
        ("\n\ninsecure-ignore-tlog = \"yes\"", "policy.toml:3: insecure-ignore-tlog must be true or false"),
        ("not-before = 2025", "not-before must be a text"),
        ("not-before = \"yesterday\"", "not-before must be a time such as"),
        ("trusted-roots = []", "trusted-roots is empty"),
        ("trusted-roots = [\"signer.pub.pem\"]", "names signer.pub.pem, which cannot be used"),
        ("trusted-roots = [\"nowhere.json\"]", "cannot read nowhere.json"),
        ("singer = []", "policy.toml:1: there is no key singer here Did you mean signer?"),
        ("a = ", "policy.toml:1"),
        (
            "insecure-ignore-tlog = true\ninsecure-ignore-time = true\nnot-before = \"2025-01-31T00:00:00Z\"",
            "minimum time"
        ),
    ]) func whatIsWrongAtTheTopIsToldWithItsLine(_ text: String, _ words: String) throws {
        let told = try #require(
            try complaint(text + (text.contains("sign") && !text.contains("pem") ? "" : "\n" + signer)))
        #expect(told.contains(words), "\(told)")
    }

    @Test(arguments: [
        ("identity = \"a\"", "policy.toml:4: the signer has neither issuer nor issuer-regexp"),
        ("issuer = \"a\"", "the signer has neither identity nor identity-regexp"),
        ("identity = \"\"\nissuer = \"a\"", "policy.toml:5: identity must be a text that is not empty"),
        (
            "identity = \"a\"\nidentity-regexp = \"a\"\nissuer = \"b\"",
            "identity and identity-regexp exclude each other"
        ),
        ("identity-regexp = \"(\"\nissuer = \"b\"", "policy.toml:5: "),
        ("identity = \"a\"\nissuer = \"b\"\nissuers = \"c\"", "policy.toml:7: there is no key issuers here"),
        ("key = \"signer.pub.pem\"\nissuer = \"b\"", "key stands alone"),
        ("key = \"policy.toml\"", "policy.toml:5: key names policy.toml, which cannot be used"),
        ("key = \"nowhere\"", "cannot read nowhere"),
        ("identity = \"a\"\nissuer = \"b\"\nextensions = 1", "policy.toml:7: extensions must be a table"),
        (
            "identity = \"a\"\nissuer = \"b\"\n[signer.extensions]\nsource-repository-url = \"c\"",
            "policy.toml:8: certificates have no extension source-repository-url Did you mean source-repository-uri?"
        ),
        (
            "identity = \"a\"\nissuer = \"b\"\nextensions = {build-trigger = \"a\"}\nextensions-regexp = {build-trigger = \"b\"}",
            "build-trigger is there twice"
        ),
    ]) func whatIsWrongWithASignerIsToldWithItsLine(_ text: String, _ words: String) throws {
        let told = try #require(try complaint(signer + "[[signer]]\n" + text))
        #expect(told.contains(words), "\(told)")
    }

    @Test func aFileThatIsNoTextOrTooLargeIsRefused() throws {
        try folder.write([0xFF, 0xFE], to: "policy.toml")
        #expect(throws: TrustPolicyError.self) { try PolicyFile(path: folder.path + "/policy.toml") }
        try folder.write([UInt8](repeating: 0x23, count: PolicyLimits.fileSize + 1), to: "policy.toml")
        #expect(throws: TrustPolicyError.self) { try PolicyFile(path: folder.path + "/policy.toml") }
        #expect(throws: TrustPolicyError.self) { try PolicyFile(path: folder.path + "/nowhere.toml") }
    }
}
