import Foundation
import Sigstore
import Testing

@testable import TrustPolicy

@Suite struct SubjectVerifierTests {
    private let key: SigningKey
    private let other: SigningKey
    private let digest = [UInt8](repeating: 7, count: 32)

    init() throws {
        key = try SigningKey.generate()
        other = try SigningKey.generate()
    }

    private func statement(_ digests: String, type: String = PredicateType.slsaProvenanceV1) -> [UInt8] {
        Array(
            #"{"_type": "https://in-toto.io/Statement/v1", "predicateType": "\#(type)", "predicate": {}, "subject": [{"name": "a", "digest": {\#(digests)}}]}"#
                .utf8)
    }

    private var sha256: String { #""sha256": "\#(String(repeating: "07", count: 32))""# }

    private func offer(_ key: SigningKey, _ name: String, type: String = PredicateType.slsaProvenanceV1) throws
        -> SubjectVerifier.Offer
    {
        SubjectVerifier.Offer(name: name, bundle: .success(try key.sign(statement: statement(sha256, type: type))))
    }

    private func terms(_ keys: [SigningKey]) -> TrustTerms {
        var terms = TrustTerms(expecting: .statement(predicateType: PredicateType.slsaProvenanceV1))
        terms.keys = keys.map(\.publicKey)
        return terms
    }

    private func verdict(_ terms: TrustTerms, _ offers: [SubjectVerifier.Offer]) throws -> SubjectVerifier.Verdict {
        try SubjectVerifier(terms: terms, root: .empty)
            .verdict(on: ArtifactIdentity(digests: [.sha256: digest]), by: offers)
    }

    @Test func theFirstOfferThatMeetsTheTermsIsTheAnswer() throws {
        let broken = SubjectVerifier.Offer(name: "broken", bundle: .failure(.key(.damaged)))
        let offers = try [
            broken, offer(other, "foreign"), offer(key, "other type", type: "https://example.com/p"),
            offer(key, "good"), offer(key, "good, too"),
        ]
        guard case .accepted(let acceptance) = try verdict(terms([key]), offers) else {
            Issue.record("rejected")
            return
        }
        #expect(acceptance.bundle == "good" && acceptance.key?.hint == key.publicKey.hint)
        #expect(acceptance.notChecked.count == 2)
        guard case .rejected(let refusals) = try verdict(terms([key]), Array(offers[..<3])) else {
            Issue.record("accepted")
            return
        }
        #expect(refusals.map(\.bundle) == ["broken", "foreign", "other type"])
    }

    @Test func anyOfSeveralKeysMayHaveSigned() throws {
        let third = try SigningKey.generate()
        for signer in [key, other] {
            guard case .accepted(let acceptance) = try verdict(terms([key, other]), [offer(signer, "a")]) else {
                Issue.record("rejected")
                continue
            }
            #expect(acceptance.key?.hint == signer.publicKey.hint)
        }
        guard case .rejected = try verdict(terms([key, other]), [offer(third, "a")]) else {
            Issue.record("accepted")
            return
        }
    }

    @Test func theOtherKindOfSignerIsToldClearly() throws {
        var terms = terms([])
        terms.identities = [CertificateIdentity(subject: .exact("a"), issuer: .exact("b"))]
        guard case .rejected(let refusals) = try verdict(terms, [offer(key, "a")]),
            case .rejected(let rejection) = refusals.first?.reason
        else {
            Issue.record("accepted")
            return
        }
        #expect(rejection.stage == .signer && rejection.found.contains("name the key"))
    }

    @Test func nobodyIsAcceptedWhereNobodyIsNamed() throws {
        guard case .rejected = try verdict(terms([]), [offer(key, "a")]) else {
            Issue.record("accepted")
            return
        }
        guard case .rejected(let none) = try verdict(terms([key]), []) else {
            Issue.record("accepted")
            return
        }
        #expect(none.isEmpty)
    }

    @Test func aKeyThatNeedsALogIsNotEnoughByItself() throws {
        var terms = terms([key])
        terms.keysNeedLog = true
        guard case .rejected = try verdict(terms, [offer(key, "a")]) else {
            Issue.record("accepted")
            return
        }
        // Nor does a minimum time hold without anybody's word for it.
        terms.keysNeedLog = false
        terms.earliest = UTCTime(seconds: 0)
        guard case .rejected = try verdict(terms, [offer(key, "a")]) else {
            Issue.record("accepted")
            return
        }
    }

    @Test func contradictionsAreFound() throws {
        #expect(terms([key]).contradiction == nil)
        #expect(terms([]).contradiction != nil)
        var timed = terms([key])
        timed.earliest = UTCTime(seconds: 0)
        #expect(timed.contradiction != nil)
        timed.keysNeedLog = true
        #expect(timed.contradiction == nil)
        timed.ignored = [.time, .transparencyLog]
        #expect(timed.contradiction != nil)
    }

    @Test func anOfferSaysWhichDigestsItAsksFor() throws {
        func algorithms(_ digests: String) throws -> Set<DigestAlgorithm> {
            SubjectVerifier.Offer(name: "", bundle: .success(try key.sign(statement: statement(digests)))).algorithms
        }
        #expect(try algorithms(sha256).isEmpty)
        #expect(try algorithms(#""sha512": "\#(String(repeating: "07", count: 64))""#) == [.sha512])
        #expect(try algorithms(sha256 + #", "sha384": "\#(String(repeating: "07", count: 48))""#) == [.sha384])
    }

    @Test func aFileOfSeveralOffersEachByItsPlace() throws {
        let bundle = String(decoding: try key.sign(statement: statement(sha256)).bytes, as: UTF8.self)
        let offers = SubjectVerifier.Offer.all(in: Array("\(bundle)\nnonsense\n\(bundle)\n".utf8), named: "f")
        #expect(offers.map(\.name) == ["f, line 1", "f", "f, line 3"])
        #expect(SubjectVerifier.refusals(of: offers).count == 1)
        #expect(SubjectVerifier.refusals(of: SubjectVerifier.Offer.all(in: [], named: "f")).count == 1)
    }
}
