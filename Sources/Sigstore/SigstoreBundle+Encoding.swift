extension SigstoreBundle {
    /// The bundle as JSON text, under its own media type; made by this program, that is version 0.3.
    public var bytes: [UInt8] { json.bytes }

    var json: JSONValue {
        var members: [JSONObject.Member] = [
            .init(name: "mediaType", value: .string(mediaType.rawValue)),
            .init(name: "verificationMaterial", value: material),
        ]
        switch content {
        case .messageSignature(let message): members.append(.init(name: "messageSignature", value: message.json))
        case .envelope(let envelope): members.append(.init(name: "dsseEnvelope", value: envelope.json))
        }
        return .object(JSONObject(uniqueMembers: members))
    }

    private var material: JSONValue {
        var members: [JSONObject.Member] = []
        switch signer {
        case .publicKey(let hint):
            members.append(.init(name: "publicKey", value: .object(["hint": .nonEmpty(hint)])))
        case .certificate(let certificate):
            members.append(.init(name: "certificate", value: .object(["rawBytes": .base64(certificate)])))
        case .certificateChain(let chain):
            let certificates = chain.map { JSONValue.object(["rawBytes": .base64($0)]) }
            members.append(.init(name: "x509CertificateChain", value: .object(["certificates": .array(certificates)])))
        }
        if !logEntries.isEmpty {
            members.append(.init(name: "tlogEntries", value: .array(logEntries.map(\.json))))
        }
        if !timestamps.isEmpty {
            let list = timestamps.map { JSONValue.object(["signedTimestamp": .base64($0)]) }
            members.append(
                .init(name: "timestampVerificationData", value: .object(["rfc3161Timestamps": .array(list)])))
        }
        return .object(JSONObject(uniqueMembers: members))
    }
}

extension MessageSignature {
    fileprivate var json: JSONValue {
        .object([
            "messageDigest": digest.map {
                .object(["algorithm": .string($0.algorithm.name), "digest": .base64($0.digest)])
            },
            "signature": .base64(signature),
        ])
    }
}

extension LogEntry {
    fileprivate var json: JSONValue {
        .object([
            "logIndex": .int64(logIndex),
            "logId": .object(["keyId": .base64(logID)]),
            "kindVersion": .object(["kind": .string(kind), "version": .string(kindVersion)]),
            "integratedTime": integratedTime == 0 ? nil : .int64(integratedTime),
            "inclusionPromise": signedEntryTimestamp.isEmpty
                ? nil : .object(["signedEntryTimestamp": .base64(signedEntryTimestamp)]),
            "inclusionProof": inclusionProof?.json,
            "canonicalizedBody": .base64(canonicalizedBody),
        ])
    }
}

extension LogEntry.InclusionProof {
    fileprivate var json: JSONValue {
        .object([
            "logIndex": .int64(logIndex),
            "rootHash": .base64(rootHash),
            "treeSize": .int64(treeSize),
            "hashes": .array(hashes.map { .base64($0) }),
            "checkpoint": checkpoint.isEmpty ? nil : .object(["envelope": .string(checkpoint)]),
        ])
    }
}

extension JSONValue {
    fileprivate static func base64(_ bytes: [UInt8]) -> JSONValue { .string(Base64.text(of: bytes)) }

    /// A string, because readers that keep numbers as doubles lose digits (protobuf's JSON mapping does the same).
    fileprivate static func int64(_ number: Int) -> JSONValue { .string(String(number)) }

    fileprivate static func nonEmpty(_ text: String) -> JSONValue? { text.isEmpty ? nil : .string(text) }
}
