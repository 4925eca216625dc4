import AssayTestSupport
import Foundation
import Testing

@testable import Sigstore

/// A small generator with a seed, so that a failure can be repeated (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

@Suite struct MutationTests {
    private static let words = [
        "{", "}", "[", "]", "\"", ",", ":", "null", "0", "-1", "9223372036854775808", "\\u0000", "\\ud800", "1e999",
        "\"publicKey\":{},", "=", "AA==", "\u{FEFF}",
    ].map { Array($0.utf8) }

    static func mutate(_ bytes: [UInt8], using random: inout SeededGenerator) -> [UInt8] {
        var bytes = bytes
        for _ in 0...Int.random(in: 0..<3, using: &random) {
            guard !bytes.isEmpty else { return bytes }
            let place = Int.random(in: 0..<bytes.count, using: &random)
            switch Int.random(in: 0..<5, using: &random) {
            case 0: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            case 1: bytes.removeSubrange(place..<min(bytes.count, place + Int.random(in: 1..<40, using: &random)))
            case 2: bytes.insert(contentsOf: words.randomElement(using: &random) ?? [], at: place)
            case 3: bytes.removeSubrange(place...)
            default: bytes.insert(contentsOf: bytes[place...].prefix(60), at: place)
            }
        }
        return bytes
    }

    /// Everything that is done with a document from outside. It may refuse; the process must live.
    /// Returns whether it parsed.
    static func exercise(_ bytes: [UInt8], verifier: KeyOnlyVerifier, artifact: ArtifactIdentity) -> (
        parsed: Bool, verified: Bool
    ) {
        guard let document = try? SigstoreDocument(parsing: bytes) else { return (false, false) }
        _ = BundleReport(document).text
        guard case .bundle(let bundle) = document else { return (true, false) }
        let verified = try? verifier.verify(
            bundle, artifact: artifact, expecting: .statement(predicateType: PredicateType.slsaProvenanceV1))
        return (true, verified != nil)
    }

    @Test func changedBundlesNeverCrashNorSayOtherThings() throws {
        let key = try SigningKey.generate()
        let verifier = KeyOnlyVerifier(key: key.publicKey)
        let artifact = try ArtifactIdentity(bytes: VerificationTests.artifact)
        let original = try key.sign(statement: VerificationTests.statement())
        var random = SeededGenerator(state: 1)
        var (parsed, refused) = (0, 0)
        for _ in 0..<3000 {
            let bytes = Self.mutate(original.bytes, using: &random)
            let outcome = Self.exercise(bytes, verifier: verifier, artifact: artifact)
            if outcome.parsed { parsed += 1 } else { refused += 1 }
            if outcome.verified, let bundle = try? SigstoreBundle(parsing: bytes),
                case .envelope(let envelope) = bundle.content,
                case .envelope(let signed) = original.content
            {
                #expect(envelope.payload == signed.payload)
            }
        }
        // Both ends are reached, or the mutations would be too weak or too strong to tell anything.
        #expect(parsed > 30 && refused > 300)
    }

    @Test func changedStatementsUnderAGoodSignatureNeverCrash() throws {
        let statement = try VerificationTests.statement()
        var random = SeededGenerator(state: 2)
        for _ in 0..<1500 {
            let payload = Self.mutate(statement, using: &random)
            let envelope = Envelope(payload: payload, payloadType: Envelope.inTotoPayloadType, signatures: [])
            _ = BundleReport(.envelope(envelope)).text
            guard let parsed = try? Statement(parsing: payload) else { continue }
            #expect(try JSONValue(parsing: parsed.predicate.bytes) == parsed.predicate)
        }
    }

    @Test(.enabled(if: SigstoreJudge.conformanceIsRequired, "the conformance assets are not beside the package"))
    func changedBundlesOfOthersNeverCrash() throws {
        let verifier = KeyOnlyVerifier(key: try SigningKey.generate().publicKey)
        let artifact = try ArtifactIdentity(bytes: [])
        var random = SeededGenerator(state: 3)
        for name in ["happy-path-v0.1", "happy-path-v0.3", "rekor2-dsse-happy-path", "managed-key-happy-path"] {
            let file = SigstoreJudge.conformanceAssets.appending(path: "\(name)/bundle.sigstore.json")
            let original = try Array(Data(contentsOf: file))
            for _ in 0..<300 {
                let outcome = Self.exercise(
                    Self.mutate(original, using: &random), verifier: verifier, artifact: artifact)
                #expect(!outcome.verified)
            }
        }
    }

    @Test(.enabled(if: SigstoreJudge.conformanceIsRequired, "the conformance assets are not beside the package"))
    func changedCertificatesNeverCrash() throws {
        let file = SigstoreJudge.conformanceAssets.appending(path: "happy-path-v0.3/bundle.sigstore.json")
        let bundle = try SigstoreBundle(parsing: Array(Data(contentsOf: file)))
        guard case .certificate(let der) = bundle.signer else {
            Issue.record("the asset has no certificate")
            return
        }
        var random = SeededGenerator(state: 4)
        var readable = 0
        for _ in 0..<3000 {
            var changed = der
            changed[Int.random(in: 0..<changed.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            if (try? Certificate(der: changed)) != nil { readable += 1 }
        }
        #expect(readable > 100)
    }
}
