@testable import Sigstore

/// A transparency log of our own whose tree is one leaf, so that a test can have recorded whatever it likes.
struct OneLeafLog {
    /// How a log writes down a signed envelope.
    enum Kind: CaseIterable {
        case dsse, intoto, hashedRekord, hashedRekordV2

        var name: String { self == .dsse ? "dsse" : self == .intoto ? "intoto" : "hashedrekord" }
        var version: String { self == .intoto || self == .hashedRekordV2 ? "0.0.2" : "0.0.1" }
    }

    let key: SigningKey
    let id: [UInt8]
    let host = "log.test"

    init() throws {
        key = try SigningKey.generate()
        id = try DigestAlgorithm.sha256.digest(of: key.publicKey.der)
    }

    /// A root that trusts the log alone.
    func root(validFor: String = #"{"start":"2020-01-01T00:00:00Z"}"#) throws -> TrustedRoot {
        let text = """
            {"mediaType":"application/vnd.dev.sigstore.trustedroot+json;version=0.1","tlogs":[{
            "baseUrl":"https://\(host)","hashAlgorithm":"SHA2_256","logId":{"keyId":"\(Base64.text(of: id))"},
            "publicKey":{"rawBytes":"\(Base64.text(of: key.publicKey.der))","keyDetails":"PKIX_ECDSA_P256_SHA_256",
            "validFor":\(validFor)}}]}
            """
        return try TrustedRoot(parsing: Array(text.utf8))
    }

    /// What the log writes down of an envelope that `signer` signed.
    static func body(of envelope: Envelope, signer: PublicKey, kind: Kind) throws -> JSONValue {
        func sha256(_ bytes: [UInt8]) throws -> [UInt8] { try DigestAlgorithm.sha256.digest(of: bytes) }
        func hex(_ bytes: [UInt8]) throws -> JSONValue {
            .object(["algorithm": .string("sha256"), "value": .string(Hex.text(of: try sha256(bytes)))])
        }
        let signature = Base64.text(of: envelope.signatures[0].bytes)
        let pem = Base64.text(of: Array(try signer.pem().utf8))
        let spec: JSONObject
        switch kind {
        case .dsse:
            spec = [
                "payloadHash": try hex(envelope.payload),
                "signatures": .array([.object(["signature": .string(signature), "verifier": .string(pem)])]),
            ]
        case .intoto:
            let twice = Base64.text(of: Array(signature.utf8))
            spec = [
                "content": .object([
                    "envelope": .object([
                        "payloadType": .string(envelope.payloadType),
                        "signatures": .array([.object(["publicKey": .string(pem), "sig": .string(twice)])]),
                    ]), "payloadHash": try hex(envelope.payload),
                ])
            ]
        case .hashedRekord:
            spec = [
                "data": .object(["hash": try hex(envelope.signedBytes)]),
                "signature": .object([
                    "content": .string(signature), "publicKey": .object(["content": .string(pem)]),
                ]),
            ]
        case .hashedRekordV2:
            spec = [
                "hashedRekordV002": .object([
                    "data": .object([
                        "algorithm": .string("SHA2_256"),
                        "digest": .string(Base64.text(of: try sha256(envelope.signedBytes))),
                    ]),
                    "signature": .object([
                        "content": .string(signature),
                        "verifier": .object([
                            "publicKey": .object(["rawBytes": .string(Base64.text(of: signer.der))]),
                            "keyDetails": .string("PKIX_ECDSA_P256_SHA_256"),
                        ]),
                    ]),
                ])
            ]
        }
        return .object([
            "apiVersion": .string(kind.version), "kind": .string(kind.name), "spec": .object(spec),
        ])
    }

    /// An entry with that body, under a checkpoint of that origin.
    func entry(_ body: [UInt8], kind: Kind, origin: String? = nil) throws -> LogEntry {
        let leaf = try DigestAlgorithm.sha256.digest(of: [0] + body)
        let note = "\(origin ?? host)\n1\n\(Base64.text(of: leaf))\n"
        let signature = Base64.text(of: Array(id.prefix(4)) + (try key.sign(Array(note.utf8))))
        return LogEntry(
            logIndex: 0, logID: id, kind: kind.name, kindVersion: kind.version, integratedTime: 0,
            signedEntryTimestamp: [],
            inclusionProof: .init(
                logIndex: 0, rootHash: leaf, treeSize: 1, hashes: [],
                checkpoint: "\(note)\n\u{2014} \(host) \(signature)\n"),
            canonicalizedBody: body)
    }

    /// Gives the entry the log's promise (SET) to have had it at that time.
    func promise(_ entry: inout LogEntry, at time: Int) throws {
        entry.integratedTime = time
        let text = """
            {"body":"\(Base64.text(of: entry.canonicalizedBody))","integratedTime":\(time),\
            "logID":"\(Hex.text(of: id))","logIndex":\(entry.logIndex)}
            """
        entry.signedEntryTimestamp = try key.sign(Array(text.utf8))
    }
}
