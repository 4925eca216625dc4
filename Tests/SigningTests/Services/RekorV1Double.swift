import AssayTestSupport
import Foundation
import Synchronization

@testable import Sigstore

/// A log that speaks Rekor's first version: it signs promises and checkpoints as the real one, and each of its trees has
/// one entry.
final class RekorV1Double: Sendable {
    enum Manner: Sendable {
        case honest
        /// Loses the first answer to each entry, and answers the second time that it has it.
        case losesAnswers
        /// Promises first, and has a proof when it is asked for the third time.
        case isSlow
        /// Has no proof, however often it is asked.
        case neverProves
        /// Gives the first entry it got to everybody.
        case repeatsItself
        case breaksProofs
        case withholdsPromises
        /// Says that it has the entry, and not where.
        case hidesEntries
    }

    private struct State {
        var entries: [String: String] = [:]
        var asked: [String: Int] = [:]
        var first: String?
    }

    private let manner: Manner
    private let key: SigningKey
    private let id: [UInt8]
    private let state = Mutex(State())

    init(_ manner: Manner) throws {
        self.manner = manner
        key = try SigningKey.generate()
        id = try DigestAlgorithm.sha256.digest(of: key.publicKey.der)
    }

    /// What verifiers of its entries trust.
    func root(at address: String) throws -> TrustedRoot {
        let text = """
            {"mediaType":"application/vnd.dev.sigstore.trustedroot+json;version=0.1","tlogs":[{"baseUrl":"\(address)",\
            "hashAlgorithm":"SHA2_256","publicKey":{"rawBytes":"\(Base64.text(of: key.publicKey.der))",\
            "keyDetails":"PKIX_ECDSA_P256_SHA_256","validFor":{"start":"2020-01-01T00:00:00Z"}},\
            "logId":{"keyId":"\(Base64.text(of: id))"}}]}
            """
        return try TrustedRoot(parsing: Array(text.utf8))
    }

    var entryCount: Int { state.withLock { $0.entries.count } }

    func answer(_ request: LoopbackServer.Request) -> LoopbackServer.Reply {
        do {
            let path = "/api/v1/log/entries"
            switch request.target {
            case "POST \(path)": return try add(JSONValue(parsing: Array(request.body.utf8)))
            case "POST \(path)/retrieve":
                let proposals = try JSONValue(parsing: Array(request.body.utf8))["entries"]?.array ?? []
                let found = try proposals.compactMap { proposal in
                    let name = try name(of: body(of: proposal))
                    return state.withLock { $0.entries[name] }
                }
                return .status("200 OK", [], "[" + found.joined(separator: ",") + "]")
            default:
                let name = request.target.split(separator: "/").last.map(String.init) ?? ""
                let (entry, asked) = state.withLock { state in
                    state.asked[name, default: 0] += 1
                    return (state.entries[name], state.asked[name] ?? 0)
                }
                guard let entry else { return .status("404 Not Found") }
                let hidesProof = manner == .neverProves || manner == .isSlow && asked < 3
                return .status("200 OK", [], hidesProof ? Self.withoutProof(entry) : entry)
            }
        } catch {
            return .status("400 Bad Request", [], "\(error)")
        }
    }

    private func add(_ proposal: JSONValue) throws -> LoopbackServer.Reply {
        let body = try body(of: proposal)
        let name = try name(of: body)
        let entry = try entry(name, body)
        let (isNew, first) = state.withLock { state in
            state.first = state.first ?? entry
            return (state.entries.updateValue(entry, forKey: name) == nil, state.first ?? entry)
        }
        switch manner {
        case .hidesEntries: return .status("409 Conflict", [], #"{"code":409,"message":"an equivalent entry"}"#)
        case .losesAnswers where isNew: return .hangUp
        case _ where !isNew: return .status("409 Conflict", ["Location: /api/v1/log/entries/\(name)"])
        case .repeatsItself: return .status("201 Created", [], first)
        case .isSlow, .neverProves: return .status("201 Created", [], Self.withoutProof(entry))
        default: return .status("201 Created", [], entry)
        }
    }

    private func name(of body: [UInt8]) throws -> String {
        try "1234567890abcdef" + Hex.text(of: DigestAlgorithm.sha256.digest(of: [0] + body))
    }

    /// What the log makes of a proposal: canonical JSON.
    private func body(of proposal: JSONValue) throws -> [UInt8] {
        guard proposal["kind"]?.string == "dsse" else { return proposal.sorted.bytes }
        let content = proposal["spec"]?["proposedContent"]
        let text = content?["envelope"]?.string ?? ""
        let envelope = try JSONValue(parsing: Array(text.utf8))
        func hash(_ bytes: [UInt8]) throws -> JSONValue {
            .object(
                [
                    "algorithm": .string("sha256"),
                    "value": .string(Hex.text(of: try DigestAlgorithm.sha256.digest(of: bytes))),
                ])
        }
        let signature: JSONObject = [
            "signature": envelope["signatures"]?.array?.first?["sig"], "verifier": content?["verifiers"]?.array?.first,
        ]
        let payload = Base64.bytes(of: envelope["payload"]?.string ?? "") ?? []
        return JSONValue.object(
            [
                "apiVersion": .string("0.0.1"), "kind": .string("dsse"),
                "spec": .object(
                    [
                        "envelopeHash": try hash(Array(text.utf8)), "payloadHash": try hash(payload),
                        "signatures": .array([.object(signature)]),
                    ]),
            ]
        ).bytes
    }

    private func entry(_ name: String, _ body: [UInt8]) throws -> String {
        var root = try DigestAlgorithm.sha256.digest(of: [0] + body)
        if manner == .breaksProofs { root[0] ^= 1 }
        let note = "127.0.0.1 - 42\n1\n\(Base64.text(of: root))\n"
        let mark = Base64.text(of: try id.prefix(4) + key.sign(Array(note.utf8)))
        let checkpoint = JSONValue.string("\(note)\n\u{2014} 127.0.0.1 \(mark)\n")
        let (text, time, logID) = (Base64.text(of: body), 1_760_000_000, Hex.text(of: id))
        let promised = #"{"body":"\#(text)","integratedTime":\#(time),"logID":"\#(logID)","logIndex":77}"#
        let promise = manner == .withholdsPromises ? "" : Base64.text(of: try key.sign(Array(promised.utf8)))
        return """
            {"\(name)":{"body":"\(text)","integratedTime":\(time),"logID":"\(logID)","logIndex":77,"verification":\
            {"inclusionProof":{"checkpoint":\(String(decoding: checkpoint.bytes, as: UTF8.self)),"hashes":[],"logIndex":0,\
            "rootHash":"\(Hex.text(of: root))","treeSize":1},"signedEntryTimestamp":"\(promise)"}}}
            """
    }

    private static func withoutProof(_ entry: String) -> String {
        entry.replacing(/"inclusionProof":\{.*?\},/, with: "")
    }
}
