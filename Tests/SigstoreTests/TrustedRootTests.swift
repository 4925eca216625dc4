import AssayTestSupport
import Foundation
import Testing

@testable import Sigstore

@Suite struct TrustedRootTests {
    @Test func thePublicGoodRootIsTheOneThatSigstorePublished() throws {
        let root = try TrustedRoot.publicGood()
        #expect(root.transparencyLogs.map(\.host) == ["rekor.sigstore.dev", "log2025-1.rekor.sigstore.dev"])
        #expect(root.certificateAuthorities.count == 2)
        #expect(root.certificateAuthorities[0].validity.end?.description == "2022-12-31T23:59:59.999Z")
        #expect(root.certificateLogs.count == 2)
        #expect(root.timestampAuthorities.count == 1)
        let starts = root.transparencyLogs.map(\.validity.start)
        #expect(starts.max()?.description.hasPrefix(TrustedRoot.publicGoodDate) == true)
        #expect(TrustedRoot(merging: [root, root]).certificateLogs.count == 4)
    }

    @Test func theChainsOfThePublicGoodRootAreProvenHereAndNotByEveryProcess() throws {
        let text = TrustedRoot.publicGoodText
        #expect(throws: Never.self) { try Self.parse(text) }
        // A timestamp authority whose chain is in the wrong order is what the proof is for.
        var json = try #require(JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        var authorities = try #require(json["timestampAuthorities"] as? [[String: Any]])
        let chain = try #require(authorities[0]["certChain"] as? [String: [Any]])
        authorities[0]["certChain"] = ["certificates": Array(try #require(chain["certificates"]).reversed())]
        json["timestampAuthorities"] = authorities
        let reversed = try JSONSerialization.data(withJSONObject: json)
        #expect(throws: SigstoreError.self) { try TrustedRoot(parsing: Array(reversed)) }
    }

    private static let key = """
        "publicKey":{"rawBytes":"MCowBQYDK2VwAyEAt8rlp1knGwjfbcXAYPYAkn0XiLz1x8O4t0YkEhie244=",\
        "keyDetails":"PKIX_ED25519","validFor":{"start":"2025-09-23T00:00:00Z"}}
        """
    private static func root(_ log: String) -> String {
        #"{"mediaType":"application/vnd.dev.sigstore.trustedroot+json;version=0.1","tlogs":[{\#(log)}]}"#
    }
    private static let good = root(#""baseUrl":"https://log.example:1/x","logId":{"keyId":"AQIDBAU="},"# + key)

    private static func parse(_ text: String) throws -> TrustedRoot { try TrustedRoot(parsing: Array(text.utf8)) }

    @Test func aLogIsFoundByItsId() throws {
        let log = try #require(try Self.parse(Self.good).transparencyLogs.first)
        #expect(log.id == [1, 2, 3, 4, 5])
        #expect(log.host == "log.example")
        #expect(log.hostAndPort == "log.example:1")
        #expect(log.checkpointKeyHint == [1, 2, 3, 4])
        #expect(log.validity.description == "2025-09-23T00:00:00Z or later")
    }

    @Test(arguments: [
        ("unknown field", #""baseUrl""#, #""more":1,"baseUrl""#), ("no log id", #""logId":{"keyId":"AQIDBAU="},"#, ""),
        ("no window", #","validFor":{"start":"2025-09-23T00:00:00Z"}"#, ""),
        ("no start", #""start":"2025-09-23T00:00:00Z""#, ""), ("no such month", "2025-09", "2025-13"),
        ("no such day", "2025-09-23", "2025-09-31"), ("no zone", "00:00:00Z", "00:00:00"),
        ("end before start", #"00:00Z"}"#, #"00:00Z","end":"2025-09-22T23:59:59Z"}"#),
        ("key of another kind", "PKIX_ED25519", "PKIX_ECDSA_P256_SHA_256"), ("unknown kind", "PKIX_ED25519", "X"),
        ("damaged key", "MCow", "MCov"), ("unknown media type", "version=0.1", "version=0.9"),
        ("authority without certificates", #""tlogs""#, #""certificateAuthorities":[{}],"tlogs""#),
    ])
    func refuses(_ case: (why: String, from: String, to: String)) throws {
        let changed = Self.good.replacing(`case`.from, with: `case`.to)
        try #require(changed != Self.good)
        #expect(throws: SigstoreError.self, "\(`case`.why)") { try Self.parse(changed) }
    }

    @Test func anEndMayBeNullOrHaveAFraction() throws {
        let null = Self.good.replacing("00:00Z\"}", with: "00:00Z\",\"end\":null}")
        #expect(try Self.parse(null).transparencyLogs[0].validity.end == nil)
        let fraction = Self.good.replacing("00:00Z\"}", with: "00:00Z\",\"end\":\"2026-01-01T01:00:00.5+01:00\"}")
        let window = try Self.parse(fraction).transparencyLogs[0].validity
        #expect(window.description == "2025-09-23T00:00:00Z to 2026-01-01T00:00:00.5Z")
    }

    @Test func windowsAreClosed() {
        let window = ValidityWindow(start: UTCTime(seconds: 10), end: UTCTime(seconds: 20))
        #expect(window.contains(UTCTime(seconds: 10)) && window.contains(UTCTime(seconds: 20)))
        #expect(!window.contains(UTCTime(seconds: 9)) && !window.contains(UTCTime(seconds: 21)))
    }

    @Test(arguments: [
        (0, "1970-01-01T00:00:00Z"), (951_782_400, "2000-02-29T00:00:00Z"), (1_734_374_575, "2024-12-16T18:42:55Z"),
        (4_107_542_400, "2100-03-01T00:00:00Z"), (253_402_300_799, "9999-12-31T23:59:59Z"),
    ])
    func timesAreWrittenAsTheyAreRead(_ time: (seconds: Int, text: String)) {
        #expect(UTCTime(seconds: time.seconds).description == time.text)
        #expect(UTCTime(rfc3339: time.text) == UTCTime(seconds: time.seconds))
        #expect(UTCTime(seconds: Int.max).description.hasPrefix("9223372036854775807 seconds"))
    }

    @Test(.enabled(if: SigstoreJudge.conformanceIsRequired, "the conformance assets are not beside the package"))
    func theEmbeddedRootVerifies() throws {
        let suiteCase = SuiteCase(name: "happy-path-v0.3")
        let verified = try Verifier(root: .publicGood()).verify(
            suiteCase.bundle(), artifact: suiteCase.artifact(), policy: suiteCase.policy())
        #expect(verified.logRecords.first?.log == "https://rekor.sigstore.dev")
        guard case .certificate(let certificate, let authority, let logs) = verified.signer else {
            Issue.record("not a certificate")
            return
        }
        #expect(certificate.extensions[.sourceRepositoryRef] == "refs/heads/main")
        #expect(authority == "https://fulcio.sigstore.dev")
        #expect(logs == ["https://ctfe.sigstore.dev/2022"])
    }
}

/// A root that does not trust what a good bundle needs.
@Suite(.enabled(if: SigstoreJudge.conformanceIsRequired, "the conformance assets are not beside the package"))
struct DistrustTests {
    private typealias Instances = [[String: Any]]

    private static func stage(_ suiteCase: SuiteCase, _ root: TrustedRoot) throws -> Rejection.Stage? {
        VerificationTests.rejection {
            _ = try Verifier(root: root)
                .verify(suiteCase.bundle(), artifact: suiteCase.artifact(), policy: suiteCase.policy())
        }?.stage
    }

    /// What a bundle needs: the part of the root, and the step that misses it.
    private static func needs(_ suiteCase: SuiteCase) throws -> [(part: String, missing: Rejection.Stage)] {
        var needs: [(String, Rejection.Stage)] = [("tlogs", .transparencyLog)]
        if suiteCase.keyFile == nil {
            needs += [("certificateAuthorities", .certificate), ("ctlogs", .certificateLog)]
        }
        let hasPromise = try suiteCase.bundle().logEntries.contains { !$0.signedEntryTimestamp.isEmpty }
        if suiteCase.keyFile == nil, !hasPromise { needs.append(("timestampAuthorities", .time)) }
        return needs
    }

    @Test(arguments: SuiteCase.accepted) func anEmptyRootTrustsNobody(_ suiteCase: SuiteCase) throws {
        #expect(try Self.stage(suiteCase, .empty) == .transparencyLog)
        for need in try Self.needs(suiteCase) {
            #expect(try Self.stage(suiteCase, suiteCase.root { $0[need.part] = nil }) == need.missing, "\(need.part)")
        }
    }

    @Test(arguments: SuiteCase.accepted) func nobodyIsTrustedOutsideTheirWindow(_ suiteCase: SuiteCase) throws {
        let windows = [
            ["start": "2001-01-01T00:00:00Z", "end": "2001-01-02T00:00:00Z"], ["start": "2101-01-01T00:00:00Z"],
        ]
        for need in try Self.needs(suiteCase) {
            // Where nobody tells a time, only an end is held against a log.
            let isTimeless = try suiteCase.keyFile != nil && suiteCase.bundle().logEntries[0].integratedTime == 0
            for window in isTimeless ? Array(windows.prefix(1)) : windows {
                let root = try suiteCase.root { json in
                    json[need.part] = (json[need.part] as? Instances ?? []).map { instance in
                        var instance = instance
                        if var key = instance["publicKey"] as? [String: Any] {
                            key["validFor"] = window
                            instance["publicKey"] = key
                        } else {
                            instance["validFor"] = window
                        }
                        return instance
                    }
                }
                let expected = need.part == "timestampAuthorities" ? .timestamp : need.missing
                #expect(try Self.stage(suiteCase, root) == expected, "\(need.part) \(window)")
            }
        }
    }

    @Test(arguments: SuiteCase.accepted) func logsAreKnownByIdAndKey(_ suiteCase: SuiteCase) throws {
        let other = try Base64.text(of: SigningKey.generate().publicKey.der)
        for need in try Self.needs(suiteCase) where need.part.hasSuffix("logs") {
            let renamed = try suiteCase.root { json in
                json[need.part] = (json[need.part] as? Instances ?? [])
                    .map { $0.merging(["logId": ["keyId": "AAAA"]]) { $1 } }
            }
            #expect(try Self.stage(suiteCase, renamed) == need.missing, "\(need.part)")
            let rekeyed = try suiteCase.root { json in
                json[need.part] = (json[need.part] as? Instances ?? []).map { instance in
                    var key = instance["publicKey"] as? [String: Any] ?? [:]
                    key["rawBytes"] = other
                    key["keyDetails"] = "PKIX_ECDSA_P256_SHA_256"
                    return instance.merging(["publicKey": key]) { $1 }
                }
            }
            let stage = try Self.stage(suiteCase, rekeyed)
            let expected: Set<Rejection.Stage> =
                need.part == "ctlogs" ? [.certificateLog] : [.logPromise, .checkpoint]
            #expect(stage.map(expected.contains) == true, "\(need.part): \(stage?.rawValue ?? "accepted")")
        }
    }

    @Test func aRootOfSeveralTrustsWhatAnyOfThemTrusts() throws {
        for name in ["happy-path-v0.3", "rekor2-happy-path", "intoto-with-custom-trust-root"] {
            let suiteCase = SuiteCase(name: name)
            let retired = try suiteCase.root { json in
                for part in ["tlogs", "ctlogs"] {
                    json[part] = (json[part] as? Instances ?? []).map { instance in
                        var key = instance["publicKey"] as? [String: Any] ?? [:]
                        key["validFor"] = ["start": "2001-01-01T00:00:00Z", "end": "2001-01-02T00:00:00Z"]
                        return instance.merging(["publicKey": key]) { $1 }
                    }
                }
            }
            #expect(try Self.stage(suiteCase, retired) != nil)
            let merged = TrustedRoot(merging: [retired, try suiteCase.root(), try .publicGood()])
            #expect(try Self.stage(suiteCase, merged) == nil)
        }
    }
}
