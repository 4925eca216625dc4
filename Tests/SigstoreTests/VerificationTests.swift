import AssayTestSupport
import Foundation
import Testing

@testable import Sigstore

@Suite struct VerificationTests {
    static let artifact = Array("artifact".utf8)

    static func statement(
        type: String = Statement.Version.v1.rawValue, digest: String? = nil,
        predicateType: String = PredicateType.slsaProvenanceV1
    ) throws -> [UInt8] {
        let digest = try digest ?? "\"sha256\":\"\(Hex.text(of: DigestAlgorithm.sha256.digest(of: artifact)))\""
        return Array(
            """
            {"_type":"\(type)","subject":[{"name":"other","digest":{"sha1":"x"}},{"name":"a","digest":{\(digest)}}],\
            "predicateType":"\(predicateType)","predicate":{"buildDefinition":{"buildType":"t"}}}
            """.utf8)
    }

    static func rejection(_ body: () throws -> Void) -> Rejection? {
        if case .rejected(let rejection) = KeyTests.error(body) { rejection } else { nil }
    }

    let key: SigningKey
    let verifier: KeyOnlyVerifier
    let expected = VerificationPolicy.Expectation.statement(predicateType: PredicateType.slsaProvenanceV1)

    init() throws {
        key = try SigningKey.generate()
        verifier = KeyOnlyVerifier(key: key.publicKey)
    }

    func verify(_ bundle: SigstoreBundle, expecting: VerificationPolicy.Expectation? = nil) throws -> Verifier.Verified
    {
        try verifier.verify(
            bundle, artifact: ArtifactIdentity(bytes: Self.artifact), expecting: expecting ?? expected)
    }

    /// The bundle with its envelope changed.
    func changed(_ bundle: SigstoreBundle, _ change: (inout Envelope) throws -> Void) throws -> SigstoreBundle {
        guard case .envelope(var envelope) = bundle.content else { return bundle }
        try change(&envelope)
        return SigstoreBundle(signer: bundle.signer, content: .envelope(envelope))
    }

    @Test(arguments: Statement.Version.allCases)
    func whatOurKeySignedVerifies(_ version: Statement.Version) throws {
        let bundle = try key.sign(statement: Self.statement(type: version.rawValue))
        let verified = try verify(SigstoreBundle(parsing: bundle.bytes))
        #expect(verified.hint == .matches)
        #expect(verified.statement?.version == version)
        #expect(verified.subject?.name == "a")
        #expect(!String(decoding: bundle.bytes, as: UTF8.self).contains("keyid"))
    }

    @Test func everyDigestOfTheArtifactIdentifiesIt() throws {
        for algorithm in DigestAlgorithm.allCases {
            let hex = Hex.text(of: try algorithm.digest(of: Self.artifact)).uppercased()
            let bundle = try key.sign(statement: Self.statement(digest: "\"\(algorithm)\":\"\(hex)\""))
            #expect(throws: Never.self) { try verify(bundle) }
            var hasher = try ArtifactHasher([algorithm])
            for byte in Self.artifact { withUnsafeBytes(of: byte) { hasher.update($0) } }
            let artifact = try hasher.finish()
            #expect(throws: Never.self) {
                try verifier.verify(bundle, artifact: artifact, expecting: expected)
            }
        }
    }

    @Test func aSubjectThatContradictsItselfIsNotTheArtifact() throws {
        let right = Hex.text(of: try DigestAlgorithm.sha256.digest(of: Self.artifact))
        let wrong = Hex.text(of: try DigestAlgorithm.sha512.digest(of: []))
        let bundle = try key.sign(statement: Self.statement(digest: "\"sha256\":\"\(right)\",\"sha512\":\"\(wrong)\""))
        #expect(Self.rejection { _ = try verify(bundle) }?.stage == .subject)
    }

    @Test func anotherArtifactIsRefused() throws {
        let bundle = try key.sign(
            statement: Self.statement(digest: "\"sha256\":\"\(String(repeating: "0", count: 64))\""))
        let rejection = Self.rejection { _ = try verify(bundle) }
        #expect(rejection?.stage == .subject)
        #expect(rejection?.found.contains(String(repeating: "0", count: 64)) == true)
    }

    @Test func theSignatureCoversPayloadAndType() throws {
        let bundle = try key.sign(statement: Self.statement())
        let flipped = try changed(bundle) { $0.payload[10] ^= 1 }
        #expect(Self.rejection { _ = try verify(flipped) }?.stage == .signature)
        let otherSignature = try changed(bundle) { $0.signatures[0].bytes = try key.sign([]) }
        #expect(Self.rejection { _ = try verify(otherSignature) }?.stage == .signature)
        let otherType = try changed(bundle) {
            $0.payloadType = "text/plain"
            $0.signatures = [.init(bytes: try key.sign($0.signedBytes))]
        }
        #expect(Self.rejection { _ = try verify(otherType) }?.stage == .payloadType)
    }

    @Test func exactlyOneSignatureIsTaken() throws {
        let bundle = try key.sign(statement: Self.statement())
        let none = try changed(bundle) { $0.signatures = [] }
        let two = try changed(bundle) { $0.signatures += $0.signatures }
        #expect(
            Self.rejection { _ = try verify(none) } == Rejection(.signatureCount, expected: "exactly one", found: "0"))
        #expect(
            Self.rejection { _ = try verify(two) } == Rejection(.signatureCount, expected: "exactly one", found: "2"))
    }

    @Test func thePredicateTypeIsTheCallersChoice() throws {
        let bundle = try key.sign(statement: Self.statement(predicateType: "https://example.org/other"))
        #expect(
            Self.rejection { _ = try verify(bundle) }
                == Rejection(
                    .predicateType, expected: PredicateType.slsaProvenanceV1, found: "https://example.org/other"))
        #expect(throws: Never.self) { try verify(bundle, expecting: .statementOfAnyType) }
        let types = [PredicateType.slsaProvenanceV1, "https://example.org/other"]
        #expect(throws: Never.self) { try verify(bundle, expecting: .statement(predicateTypes: types)) }
        #expect(
            Self.rejection { _ = try verify(bundle, expecting: .statement(predicateTypes: [])) }?.stage
                == .predicateType)
        #expect(Self.rejection { _ = try verify(bundle, expecting: .messageSignature) }?.stage == .content)
    }

    @Test func aHintIsToldAndDoesNotDecide() throws {
        var bundle = try key.sign(statement: Self.statement())
        bundle.signer = .publicKey(hint: "another")
        #expect(try verify(bundle).hint == .differs("another"))
        bundle.signer = .publicKey(hint: "")
        #expect(try verify(bundle).hint == .absent)
        let foreign = try SigningKey.generate().sign(statement: Self.statement())
        let rejection = Self.rejection { _ = try verify(foreign) }
        #expect(rejection?.stage == .signature)
        #expect(rejection?.found.contains("the bundle names another key") == true)
    }

    @Test func certificatesAreNotTheKeyVerifiersBusiness() throws {
        var bundle = try key.sign(statement: Self.statement())
        bundle.signer = .certificate([1])
        #expect(Self.rejection { _ = try verify(bundle) }?.stage == .signer)
    }

    @Test func messageSignaturesCoverTheArtifact() throws {
        func bundle(digest: MessageSignature.MessageDigest?, signature: [UInt8]) -> SigstoreBundle {
            SigstoreBundle(
                signer: .publicKey(hint: ""),
                content: .messageSignature(MessageSignature(digest: digest, signature: signature)))
        }
        let signature = try key.sign(Self.artifact)
        let digest = try DigestAlgorithm.sha256.digest(of: Self.artifact)
        let good = bundle(digest: .init(algorithm: .sha256, digest: digest), signature: signature)
        #expect(throws: Never.self) { try verify(good, expecting: .messageSignature) }
        #expect(Self.rejection { _ = try verify(good) }?.stage == .content)
        #expect(throws: Never.self) {
            try verify(bundle(digest: nil, signature: signature), expecting: .messageSignature)
        }
        let wrongDigest = bundle(digest: .init(algorithm: .sha256, digest: [1]), signature: signature)
        #expect(Self.rejection { _ = try verify(wrongDigest, expecting: .messageSignature) }?.stage == .messageDigest)
        let unknown = bundle(digest: .init(algorithm: .sha3Width256, digest: digest), signature: signature)
        #expect(Self.rejection { _ = try verify(unknown, expecting: .messageSignature) }?.stage == .messageDigest)
        let wrong = bundle(digest: .init(algorithm: .sha256, digest: digest), signature: try key.sign([]))
        #expect(Self.rejection { _ = try verify(wrong, expecting: .messageSignature) }?.stage == .signature)
    }

    static let malformedStatements = [
        "", "[]", "{}",
        #"{"_type":"https://in-toto.io/Statement/v2","subject":[{"digest":{"a":"b"}}],"predicateType":"p"}"#,
        #"{"_type":"https://in-toto.io/Statement/v1","subject":[],"predicateType":"p"}"#,
        #"{"_type":"https://in-toto.io/Statement/v1","subject":[{"name":"a"}],"predicateType":"p"}"#,
        #"{"_type":"https://in-toto.io/Statement/v1","subject":[{"digest":{}}],"predicateType":"p"}"#,
        #"{"_type":"https://in-toto.io/Statement/v1","subject":[{"digest":{"sha256":"00"}}],"predicateType":"p"}"#,
        #"{"_type":"https://in-toto.io/Statement/v1","subject":[{"digest":{"a":1}}],"predicateType":"p"}"#,
        #"{"_type":"https://in-toto.io/Statement/v1","subject":[{"name":1,"digest":{"a":"b"}}],"predicateType":"p"}"#,
        #"{"_type":"https://in-toto.io/Statement/v1","subject":[{"digest":{"a":"b"}}]}"#,
    ]

    @Test(arguments: malformedStatements)
    func nothingIsSignedThatIsNoStatement(_ text: String) {
        #expect(throws: SigstoreError.self) { try key.sign(statement: Array(text.utf8)) }
    }

    @Test func subjectsAndDigestsAreBounded() throws {
        var limits = Limits()
        limits.subjects = 1
        #expect(throws: SigstoreError.limitExceeded(what: "subjects of a statement", limit: 1)) {
            try Statement(parsing: Self.statement(), limits: limits)
        }
        let digests = (0..<33).map { "\"a\($0)\":\"b\"" }.joined(separator: ",")
        #expect(throws: SigstoreError.limitExceeded(what: "digests of a subject", limit: 32)) {
            try Statement(parsing: Self.statement(digest: digests))
        }
    }
}
