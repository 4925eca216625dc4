import AssayTestSupport
import Foundation
import Testing

@testable import Sigstore

/// What a verifier must refuse besides what the suite's names say, for every case that the suite accepts, by the
/// artifact's bytes and by its digest.
@Suite(.enabled(if: SigstoreJudge.conformanceIsRequired, "the conformance assets are not beside the package"))
struct StrictnessTests {
    private typealias Instances = [[String: Any]]

    private static func stages(
        _ suiteCase: SuiteCase, _ verifier: Verifier? = nil, _ policy: VerificationPolicy? = nil,
        _ change: (inout SigstoreBundle) -> Void = { _ in }
    ) throws -> Set<Rejection.Stage?> {
        var bundle = try suiteCase.bundle()
        change(&bundle)
        let verifier = try verifier ?? Verifier(root: suiteCase.root())
        let policy = try policy ?? suiteCase.policy()
        return Set(
            try suiteCase.artifacts().map { artifact in
                VerificationTests.rejection { [bundle] in
                    _ = try verifier.verify(bundle, artifact: artifact, policy: policy)
                }?.stage
            })
    }

    @Test(arguments: SuiteCase.accepted.filter { $0.keyFile == nil })
    func onlyTheIdentityItselfIsAccepted(_ suiteCase: SuiteCase) throws {
        let (subject, issuer) = (try suiteCase.identity(), try suiteCase.issuer())
        let verifier = Verifier(root: try suiteCase.root())
        func stages(_ subject: String, _ issuer: String) throws -> Set<Rejection.Stage?> {
            let identity = CertificateIdentity(subject: .exact(subject), issuer: .exact(issuer))
            return try Self.stages(suiteCase, verifier, suiteCase.policy([identity]))
        }
        #expect(try stages(subject, issuer) == [nil])
        for wrong in ["", String(subject.dropLast()), String(subject.dropFirst()), subject + "x", subject.uppercased()]
        {
            #expect(try stages(wrong, issuer) == [.identity], "\(wrong)")
        }
        for wrong in ["", String(issuer.dropLast()), issuer + "/", "https://gitlab.com"] {
            #expect(try stages(subject, wrong) == [.identityIssuer], "\(wrong)")
        }
    }

    /// Text of a bundle with one change, none of which is a bundle any more.
    static let notBundles: [(why: String, change: @Sendable (String) -> String)] = [
        ("unknown version", { $0.replacing(#/version=0\.\d|\.v0\.\d/#, with: "version=0.9") }),
        ("no version", { $0.replacing(#/"mediaType":"[^"]*",/#, with: "") }),
        ("unknown field", { $0.replacing(#"{"mediaType""#, with: #"{"more":1,"mediaType""#) }),
        ("unknown field inside", { $0.replacing(#""keyId":"#, with: #""more":1,"keyId":"#) }),
        ("field twice", { $0.replacing(#""keyId":"#, with: #""keyId":"AA==","keyId":"#) }),
        ("field under both names", { $0.replacing(#""keyId":"#, with: #""key_id":"AA==","keyId":"#) }),
        ("byte order mark", { "\u{FEFF}" + $0 }),
        ("something behind it", { $0 + "{}" }),
        ("line feed in base64", { $0.replacing(#""canonicalizedBody":""#, with: #""canonicalizedBody":"\n"#) }),
        ("negative index", { $0.replacing(#""logIndex":""#, with: #""logIndex":"-"#) }),
        (
            "signer twice",
            {
                $0.replacing(
                    #""tlogEntries""#,
                    with: #""publicKey":{"hint":"x"},"certificate":{"rawBytes":"AA=="},"tlogEntries""#)
            }
        ),
        (
            "content twice",
            { $0.dropLast() + #","messageSignature":{"signature":"AA=="},"dsseEnvelope":{"payloadType":"x"}}"# }
        ),
        ("no checkpoint", { $0.replacing(#/,"checkpoint":\{"envelope":"[^"]*"\}/#, with: "") }),
        (
            "neither promise nor proof",
            {
                $0.replacing(#/"inclusionPromise":\{[^}]*\},/#, with: "").replacing(
                    #/"inclusionProof":\{.*?\}\},/#, with: "")
            }
        ),
        (
            "entry twice",
            { text in
                guard let entry = text.firstMatch(of: #/"tlogEntries":\[(\{.*?\})\]/#)?.1 else { return text }
                return text.replacing(entry, with: "\(entry),\(entry)")
            }
        ),
    ]

    @Test(arguments: SuiteCase.accepted) func aChangedFormIsNoBundle(_ suiteCase: SuiteCase) throws {
        let original = String(decoding: try suiteCase.bundle().bytes, as: UTF8.self)
        for (why, change) in Self.notBundles {
            let text = change(original)
            try #require(text != original, "\(why) changes nothing")
            switch KeyTests.error({ _ = try SigstoreBundle(parsing: Array(text.utf8)) }) {
            case .malformed, .malformedJSON: break
            case let other: Issue.record("\(why): \(other?.description ?? "parsed")")
            }
        }
    }

    private typealias Change = (path: String, value: JSONValue)

    /// Every text in the JSON, changed one at a time.
    private static func changes(of value: JSONValue, at path: String = "") -> [Change] {
        var changes: [Change] = []
        switch value {
        case .null, .bool, .integer, .decimal: break
        case .string(let text):
            var scalars = Array(text.unicodeScalars)
            let middle = scalars.count / 2
            guard middle < scalars.count else { break }
            scalars[middle] = scalars[middle] == "1" ? "2" : "1"
            changes.append((path, .string(String(String.UnicodeScalarView(scalars)))))
        case .array(var elements):
            for (index, element) in elements.enumerated() {
                for change in Self.changes(of: element, at: "\(path)[\(index)]") {
                    elements[index] = change.value
                    changes.append((change.path, .array(elements)))
                }
                elements[index] = element
            }
        case .object(let object):
            var members = object.members
            for (index, member) in object.members.enumerated() {
                for change in Self.changes(of: member.value, at: path + "." + member.name) {
                    members[index] = JSONObject.Member(name: member.name, value: change.value)
                    changes.append((change.path, .object(JSONObject(uniqueMembers: members))))
                }
                members[index] = member
            }
        }
        return changes
    }

    @Test(arguments: SuiteCase.accepted) func everyValueOfABundleHasASay(_ suiteCase: SuiteCase) throws {
        let original = try suiteCase.bundle()
        let verifier = Verifier(root: try suiteCase.root())
        let (artifact, policy) = (try suiteCase.artifact(), try suiteCase.policy())
        var accepted: [String] = []
        let changes = Self.changes(of: try JSONValue(parsing: original.bytes))
        for (path, json) in changes {
            guard let bundle = try? SigstoreBundle(parsing: json.bytes), bundle != original else { continue }
            if (try? verifier.verify(bundle, artifact: artifact, policy: policy)) != nil { accepted.append(path) }
        }
        #expect(changes.count >= 12)
        accepted.removeAll { path in
            // A hint is one; other signers of a log's checkpoint are not asked; and what stands in the middle of a
            // timestamp is a certificate that nobody signed and the trusted root's own stands in for.
            path.hasSuffix(".hint") || path.hasSuffix(".keyid") || path.hasSuffix(".signedTimestamp")
                || path.hasSuffix(".checkpoint.envelope") && suiteCase.name.contains("rekor2")
        }
        #expect(accepted.isEmpty)
    }

    private static func window(_ start: Int, _ end: Int) -> [String: String] {
        ["start": UTCTime(seconds: start).description, "end": UTCTime(seconds: end).description]
    }

    @Test(arguments: SuiteCase.accepted) func everyWindowIsHeldToTheSecond(_ suiteCase: SuiteCase) throws {
        let (artifact, policy) = (try suiteCase.artifact(), try suiteCase.policy())
        let times = try Verifier(root: suiteCase.root())
            .verify(suiteCase.bundle(), artifact: artifact, policy: policy).times.map(\.time.seconds)
        guard let first = times.min(), let last = times.max(), try suiteCase.bundle().timestamps.count <= 1 else {
            return
        }
        func stages(_ part: String, _ window: [String: String]) throws -> Set<Rejection.Stage?> {
            let root = try suiteCase.root { json in
                json[part] = (json[part] as? Instances ?? []).map { instance in
                    guard var key = instance["publicKey"] as? [String: Any] else {
                        return instance.merging(["validFor": window]) { $1 }
                    }
                    key["validFor"] = window
                    return instance.merging(["publicKey": key]) { $1 }
                }
            }
            return try Self.stages(suiteCase, Verifier(root: root))
        }
        // Fractions of a second in a timestamp lie behind its whole second.
        let whole = try Verifier(root: suiteCase.root())
            .verify(suiteCase.bundle(), artifact: artifact, policy: policy).times.allSatisfy {
                $0.time.nanoseconds == 0
            }
        let parts: [(String, Rejection.Stage)] =
            suiteCase.keyFile == nil
            ? [("tlogs", .transparencyLog), ("certificateAuthorities", .certificate)] : [("tlogs", .transparencyLog)]
        for (part, stage) in parts {
            #expect(try stages(part, Self.window(first, whole ? last : last + 1)) == [nil], "\(part)")
            #expect(try stages(part, Self.window(last + 1, last + 9)) == [stage], "\(part)")
            #expect(try stages(part, Self.window(first - 9, first - 1)) == [stage], "\(part)")
        }
    }

    @Test func aRootHasNoBusinessInAChain() throws {
        let suiteCase = SuiteCase(name: "happy-path-v0.1")
        let authority = try #require(try suiteCase.root().certificateAuthorities.last { $0.certificates.count > 1 })
        guard case .certificateChain(let chain) = try suiteCase.bundle().signer else { return }
        let (issuer, root) = (authority.certificates[0], authority.certificates[1])
        #expect(try Self.stages(suiteCase) { $0.signer = .certificateChain(chain + [issuer]) } == [nil])
        #expect(try Self.stages(suiteCase) { $0.signer = .certificateChain(chain + [issuer, root]) } == [.signer])
        #expect(try Self.stages(suiteCase) { $0.signer = .certificateChain(chain + [root]) } == [.signer])
        #expect(try Self.stages(suiteCase) { $0.signer = .certificateChain([issuer] + chain) } == [.certificate])
    }

    @Test func everyTimeCountsNotOnlyTheEarliest() throws {
        let suiteCase = SuiteCase(name: "rekor2-happy-path")
        let file = SuiteCase.suite.appending(path: "rekor2-timestamp-with-incorrect-time_fail/bundle.sigstore.json")
        // Its timestamp is over the same signature, later than the certificate's end, and written in lines.
        let late = try String(contentsOf: file, encoding: .utf8).replacing("\\n", with: "")
        let json = try JSONValue(parsing: Array(late.utf8))
        let text = json["verificationMaterial"]?["timestampVerificationData"]?["rfc3161Timestamps"]?.array?.first?[
            "signedTimestamp"]?.string
        let timestamp = try #require(text.flatMap(Base64.bytes))
        #expect(try Self.stages(suiteCase) { $0.timestamps.append(timestamp) } == [.certificate])
        #expect(try Self.stages(suiteCase) { $0.timestamps.insert(timestamp, at: 0) } == [.certificate])
        #expect(try Self.stages(suiteCase) { $0.timestamps = [timestamp] } == [.certificate])
    }
}
