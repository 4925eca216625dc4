extension BundleReport {
    /// What the document says, for programs, as docs/OPERATIONS.md describes it: members that do not apply are left
    /// out, digests and ids are in hexadecimal, times in the form of RFC 3339. **Nothing of it is verified.**
    ///
    /// The statement is the signed JSON itself: members in their order, numbers as they were written.
    public static func json(of document: SigstoreDocument, limits: Limits = Limits()) -> JSONObject {
        switch document {
        case .envelope(let envelope):
            return ["kind": .string("envelope"), "envelope": .object(json(of: envelope))]
                + statement(of: envelope, limits)
        case .bundle(let bundle):
            let start: JSONObject = [
                "kind": .string("bundle"),
                "mediaType": .string(bundle.mediaType.rawValue),
                "signer": .object(json(of: bundle.signer)),
                "logEntries": .array(bundle.logEntries.map { .object(json(of: $0)) }),
                "timestamps": .array(bundle.timestamps.map { .object(json(of: $0)) }),
            ]
            switch bundle.content {
            case .messageSignature(let message): return start + ["messageSignature": .object(json(of: message))]
            case .envelope(let envelope):
                return start + ["envelope": .object(json(of: envelope))] + statement(of: envelope, limits)
            }
        }
    }

    private static func json(of signer: SigstoreBundle.Signer) -> JSONObject {
        let kind: String
        let chain: [[UInt8]]
        switch signer {
        case .publicKey(let hint):
            return ["kind": .string("key"), "hint": hint.isEmpty ? nil : .string(hint)]
        case .certificate(let der): (kind, chain) = ("certificate", [der])
        case .certificateChain(let ders): (kind, chain) = ("certificateChain", ders)
        }
        let certificates = chain.map { der in Result { () throws(SigstoreError) in try Certificate(der: der) } }
        let leaf = try? certificates.first?.get()
        let extensions = (leaf?.extensions ?? [:]).sorted { $0.key.rawValue < $1.key.rawValue }
        return [
            "kind": .string(kind),
            "identity": leaf?.identity.map(JSONValue.string),
            "issuer": leaf?.identityIssuer.map(JSONValue.string),
            "extensions": .object(
                JSONObject(
                    uniqueMembers: extensions.map { JSONObject.Member(name: $0.key.name, value: .string($0.value)) })),
            "certificates": .array(certificates.map { .object(json(of: $0)) }),
        ]
    }

    private static func json(of certificate: Result<Certificate, SigstoreError>) -> JSONObject {
        switch certificate {
        case .failure(let error): ["error": .string("\(error)")]
        case .success(let certificate):
            [
                "subject": certificate.subject.isEmpty ? nil : .string(certificate.subject),
                "alternativeNames": .array(certificate.alternativeNames.map(JSONValue.string)),
                "issuer": .string(certificate.issuer),
                "serialNumber": .string(certificate.serialNumber),
                "validFrom": certificate.validity.map { .string($0.start.description) },
                "validUntil": certificate.validity?.end.map { .string($0.description) },
            ]
        }
    }

    private static func json(of entry: LogEntry) -> JSONObject {
        [
            "logID": .string(Hex.text(of: entry.logID)),
            "logIndex": .integer(entry.logIndex),
            "kind": .string(entry.kind),
            "kindVersion": .string(entry.kindVersion),
            "integratedTime": entry.integratedTime > 0
                ? .string(UTCTime(seconds: entry.integratedTime).description) : nil,
            "hasPromise": .bool(!entry.signedEntryTimestamp.isEmpty),
            "inclusionProof": entry.inclusionProof.map { proof in
                .object([
                    "logIndex": .integer(proof.logIndex), "treeSize": .integer(proof.treeSize),
                    "rootHash": .string(Hex.text(of: proof.rootHash)), "checkpoint": .string(proof.checkpoint),
                ])
            },
        ]
    }

    private static func json(of timestamp: [UInt8]) -> JSONObject {
        do {
            let timestamp = try TimestampCheck(der: timestamp)
            let claim = timestamp.claim
            return [
                "time": .string(timestamp.time.description),
                "authority": claim?.authority.map(JSONValue.string),
                "certificateIssuer": (claim?.issuer).map(JSONValue.string),
                "certificateSerialNumber": (claim?.serialNumber).map(JSONValue.string),
            ]
        } catch {
            return ["error": .string("\(error)")]
        }
    }

    private static func json(of message: MessageSignature) -> JSONObject {
        [
            "digestAlgorithm": message.digest.map { .string($0.algorithm.name) },
            "digest": message.digest.map { .string(Hex.text(of: $0.digest)) },
            "signature": .string(Base64.text(of: message.signature)),
        ]
    }

    private static func json(of envelope: Envelope) -> JSONObject {
        [
            "payloadType": .string(envelope.payloadType),
            "payloadSize": .integer(envelope.payload.count),
            "signatures": .array(
                envelope.signatures.map { signature in
                    .object([
                        "signature": .string(Base64.text(of: signature.bytes)),
                        "keyID": signature.keyID.isEmpty ? nil : .string(signature.keyID),
                    ])
                }),
        ]
    }

    /// `statement`, unless the payload is not JSON; `statementError`, unless it is a statement.
    private static func statement(of envelope: Envelope, _ limits: Limits) -> JSONObject {
        var problem: SigstoreError?
        do throws(SigstoreError) { _ = try Statement(parsing: envelope.payload, limits: limits) } catch {
            problem = error
        }
        return [
            "statement": try? JSONValue(parsing: envelope.payload, limits: limits),
            "statementError": problem.map { .string("\($0)") },
        ]
    }
}

extension SigstoreDocuments {
    /// What each document says, for programs: an array in the file's order, of what `BundleReport.json(of:limits:)`
    /// gives, after its `place`; for one that cannot be read its `place` and `error`. **Nothing of it is verified.**
    public func json(limits: Limits = Limits()) -> JSONValue {
        .array(
            entries.map { entry in
                let place: JSONObject = ["place": entry.place.map(JSONValue.string)]
                switch entry.document {
                case .failure(let error): return .object(place + ["error": .string("\(error)")])
                case .success(let document):
                    return .object(place + BundleReport.json(of: document, limits: limits))
                }
            })
    }
}
