import AssayTestSupport
import Foundation
import Testing

@testable import Sigstore

/// A case of the conformance suite, with what it is to be verified by.
struct SuiteCase: CustomTestStringConvertible, Sendable {
    let name: String
    var testDescription: String { name }

    static let suite = SigstoreJudge.conformanceAssets
    static let all: [SuiteCase] =
        ((try? FileManager.default.contentsOfDirectory(atPath: suite.path)) ?? [])
        .filter { !$0.hasSuffix(".md") && !$0.hasSuffix(".txt") }.sorted().map(SuiteCase.init)
    static let accepted = all.filter(\.isAccepted)

    var isAccepted: Bool { !name.hasSuffix("_fail") }
    var folder: URL { Self.suite.appending(path: name) }

    private func file(_ name: String) -> URL? {
        let url = folder.appending(path: name)
        return FileManager.default.fileExists(atPath: url.path) ? url : nil
    }

    private func text(_ name: String, otherwise: String) throws -> String {
        guard let url = file(name) else { return otherwise }
        return try String(contentsOf: url, encoding: .utf8).trimmingCharacters(in: .whitespacesAndNewlines)
    }

    var artifactFile: URL { file("artifact") ?? Self.suite.appending(path: "a.txt") }
    var rootFile: URL {
        file("trusted_root.json")
            ?? Self.suite.deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "production_trusted_root.json")
    }
    var keyFile: URL? { file("key.pub") }

    func artifact() throws -> ArtifactIdentity { try ArtifactIdentity(bytes: Array(Data(contentsOf: artifactFile))) }

    /// The artifact as the suite gives it: once its bytes, once its SHA-256 alone.
    func artifacts() throws -> [ArtifactIdentity] {
        let artifact = try artifact()
        return [artifact, try ArtifactIdentity(digests: artifact.digests.filter { $0.key == .sha256 })]
    }

    func bundle() throws -> SigstoreBundle {
        try SigstoreBundle(parsing: Array(Data(contentsOf: folder.appending(path: "bundle.sigstore.json"))))
    }

    func root() throws -> TrustedRoot { try TrustedRoot(parsing: Array(Data(contentsOf: rootFile))) }

    /// The case's root after `change`, which gets its JSON.
    func root(_ change: (inout [String: Any]) -> Void) throws -> TrustedRoot {
        var json = try JSONSerialization.jsonObject(with: Data(contentsOf: rootFile)) as? [String: Any] ?? [:]
        change(&json)
        return try TrustedRoot(parsing: Array(JSONSerialization.data(withJSONObject: json)))
    }

    func identity() throws -> String {
        try text(
            "identity",
            otherwise: "https://github.com/sigstore-conformance/extremely-dangerous-public-oidc-beacon/.github/"
                + "workflows/extremely-dangerous-oidc-beacon.yml@refs/heads/main")
    }

    func issuer() throws -> String {
        try text("issuer", otherwise: "https://token.actions.githubusercontent.com")
    }

    func expectation() throws -> VerificationPolicy.Expectation {
        if case .envelope = try bundle().content { .statementOfAnyType } else { .messageSignature }
    }

    func policy(_ identities: [CertificateIdentity]? = nil) throws -> VerificationPolicy {
        if let keyFile {
            return .key(try PublicKey(pem: Array(Data(contentsOf: keyFile))), expecting: try expectation())
        }
        let exact = CertificateIdentity(subject: .exact(try identity()), issuer: .exact(try issuer()))
        return .certificate(identities ?? [exact], expecting: try expectation())
    }
}
