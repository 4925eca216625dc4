import AssayTestSupport
import Foundation
import Testing

@testable import Sigstore

/// Authorities that openssl makes: what no public one would do.
@Suite(.enabled(if: SigstoreJudge.openssl.isRequired, "openssl is not installed"))
struct OpenSSLAuthorityTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func openssl(_ arguments: String...) throws {
        let outcome = try SigstoreJudge.openssl.run(arguments, in: folder.url)
        try #require(outcome.status == 0, "\(outcome.output)")
    }

    /// A root certificate with a new P-256 key and these extensions, DER.
    private func certificate(_ subject: String, _ extensions: [String]) throws -> [UInt8] {
        try openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", "key.pem")
        let config = """
            [req]
            distinguished_name = name
            prompt = no
            string_mask = nombstr
            x509_extensions = extensions
            [name]
            \(subject)
            [extensions]
            subjectKeyIdentifier = hash
            \(extensions.joined(separator: "\n"))
            """
        try folder.write(config.utf8, to: "cert.cnf")
        try openssl(
            "req", "-x509", "-new", "-key", "key.pem", "-days", "3650", "-config", "cert.cnf", "-out", "cert.pem")
        try openssl("x509", "-in", "cert.pem", "-outform", "DER", "-out", "cert.der")
        return try folder.read("cert.der")
    }

    private static func authority(_ certificate: [UInt8]) -> [String: Any] {
        [
            "uri": "https://authority.test", "validFor": ["start": "2020-01-01T00:00:00Z"],
            "certChain": ["certificates": [["rawBytes": Base64.text(of: certificate)]]],
        ]
    }

    @Test(.enabled(if: SigstoreJudge.conformanceIsRequired, "the conformance assets are not beside the package"))
    func anAuthorityOfTheSameNameDoesNotStandInTheWay() throws {
        let decoy = try certificate(
            "O = sigstore.dev\nCN = sigstore-intermediate",
            ["basicConstraints = critical,CA:TRUE,pathlen:0", "keyUsage = critical,keyCertSign,cRLSign"])
        for name in ["happy-path-v0.3", "rekor2-dsse-happy-path"] {
            let suiteCase = SuiteCase(name: name)
            func verify(_ change: ([Any]) -> [Any]) throws {
                let root = try suiteCase.root { json in
                    json["certificateAuthorities"] = change(json["certificateAuthorities"] as? [Any] ?? [])
                }
                _ = try Verifier(root: root).verify(
                    suiteCase.bundle(), artifact: suiteCase.artifact(), policy: suiteCase.policy())
            }
            #expect(throws: Never.self) { try verify { [Self.authority(decoy)] + $0 } }
            #expect(throws: Never.self) { try verify { $0 + [Self.authority(decoy)] } }
            // Its name alone is worth nothing.
            let rejection = VerificationTests.rejection { try verify { _ in [Self.authority(decoy)] } }
            #expect(rejection?.stage == .certificate)
        }
    }

    /// A timestamp over the signature of a bundle that our own authority makes, and what verifying it says.
    private func stage(hash: String, uses: String = "timeStamping") throws -> Rejection.Stage? {
        let authority = try certificate(
            "O = authority.test",
            [
                "basicConstraints = critical,CA:FALSE", "keyUsage = critical,digitalSignature",
                "extendedKeyUsage = critical,\(uses)",
            ])
        let key = try SigningKey.generate()
        var bundle = try key.sign(statement: VerificationTests.statement())
        guard case .envelope(let envelope) = bundle.content else { return nil }
        try folder.write(envelope.signatures[0].bytes, to: "signature")
        try folder.write("01\n".utf8, to: "serial")
        let config = """
            [tsa]
            default_tsa = one
            [one]
            serial = serial
            default_policy = 1.2.3
            digests = sha1, sha256, sha384, sha512
            signer_digest = sha256
            ess_cert_id_alg = sha256
            tsa_name = yes
            """
        try folder.write(config.utf8, to: "tsa.cnf")
        try openssl("ts", "-query", "-data", "signature", "-\(hash)", "-cert", "-out", "query")
        try openssl(
            "ts", "-reply", "-config", "tsa.cnf", "-queryfile", "query", "-signer", "cert.pem", "-inkey", "key.pem",
            "-out", "reply")
        bundle.timestamps = [try folder.read("reply")]
        let root = try TrustedRoot(
            parsing: Array(
                JSONSerialization.data(withJSONObject: [
                    "mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
                    "timestampAuthorities": [Self.authority(authority)],
                ])))
        let policy = VerificationPolicy.key(key.publicKey, expecting: .statementOfAnyType)
            .insecureIgnoringTransparencyLog()
        return VerificationTests.rejection { [bundle] in
            let verified = try Verifier(root: root).verify(
                bundle, artifact: ArtifactIdentity(bytes: VerificationTests.artifact), policy: policy)
            #expect(verified.times.map(\.source) == ["https://authority.test"])
            #expect(BundleReport(.bundle(bundle)).text.contains("    Authority: O=authority.test\n"))
        }?.stage
    }

    @Test func timestampsAreOverAStrongHash() throws {
        for hash in ["sha256", "sha384", "sha512"] { #expect(try stage(hash: hash) == nil, "\(hash)") }
        #expect(try stage(hash: "sha1") == .timestamp)
    }

    /// Policies are held against them, and who signs chooses them.
    @Test func textsOfASignersCertificateAreOfABoundedLength() throws {
        let root = try TrustedRoot(
            parsing: Array(
                JSONSerialization.data(withJSONObject: [
                    "mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1"
                ])))
        let limit = Limits().certificateText
        func outcome(_ name: Int, _ issuer: Int) throws -> SigstoreError? {
            func uri(_ length: Int) -> String { "https://x/" + String(repeating: "a", count: length - 10) }
            let signer = try certificate(
                "O = signer.test",
                [
                    "basicConstraints = critical,CA:FALSE", "keyUsage = critical,digitalSignature",
                    "extendedKeyUsage = critical,codeSigning", "subjectAltName = URI:\(uri(name))",
                    "1.3.6.1.4.1.57264.1.8 = ASN1:UTF8String:\(uri(issuer))",
                ])
            do throws(SigstoreError) {
                _ = try SignerCertificate(der: signer, root: root, limits: Limits())
                return nil
            } catch { return error }
        }
        guard case .rejected = try outcome(limit, limit) else {
            Issue.record("no authority issued it")
            return
        }
        for (name, issuer) in [(limit + 1, limit), (limit, limit + 1)] {
            guard case .limitExceeded(_, limit) = try outcome(name, issuer) else {
                Issue.record("\(name) and \(issuer) bytes are taken")
                continue
            }
        }
    }
}
