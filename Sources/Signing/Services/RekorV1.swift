public import Sigstore

/// A transparency log of Rekor's first version: entries come with the log's promise, which tells their time, and a proof.
public struct RekorV1: Witness {
    private let client: ServiceClient
    private let publicKey: PublicKey?

    private static let record = "record the signature"
    private static let search = "look for the signature"
    private static let path = "/api/v1/log/entries"

    /// - Parameters:
    ///   - url: the log's base URL.
    ///   - publicKey: the signer's, for bundles that carry only a hint to it.
    /// - Throws: `configuration` if nothing can be asked under this URL or with these settings.
    public init(
        url: String, settings: ServiceSettings = ServiceSettings(), publicKey: PublicKey? = nil
    ) throws(SigningError) {
        client = try ServiceClient(url, settings: settings)
        self.publicKey = publicKey
    }

    public var url: String { client.url }

    public func witness(_ bundle: SigstoreBundle) async throws(SigningError) -> SigstoreBundle {
        let signature = try WitnessedSignature.of(bundle, key: publicKey)
        let proposal = try Self.proposal(signature)
        var request = ServiceRequest(Self.record, path: Self.path).posting(proposal.json)
        request.accepted = [201, 409]
        let answer = try await client.ask(request)
        var found: RekorV1Entry
        if answer.status == 409 {
            found = try await entry(try identifier(ofExisting: answer), Self.record)
        } else {
            let entries = try entries(client.json(answer, Self.record), Self.record)
            guard let only = entries.first, entries.count == 1 else {
                throw untrue(Self.record, "it holds not exactly one entry")
            }
            found = only
        }
        // A log that is slow to take an entry up promises it first.
        var failures = 0
        while found.inclusionProof == nil {
            failures += 1
            guard failures < client.limits.checkpointAttempts else {
                throw .service(
                    operation: Self.record, url: url, status: nil,
                    reason: "it promises the entry, and has no proof of it yet", mayPass: true)
            }
            try await client.pause(after: failures)
            found = try await entry(found.identifier, Self.record)
        }
        return try bundle.adding(found, kind: proposal.kind, witnessed: signature, client: client, Self.record)
    }

    /// The bundle with the log's entry added if the log has one already; nil if not. Nothing is recorded.
    ///
    /// - Throws: what `witness` throws.
    public func existing(_ bundle: SigstoreBundle) async throws(SigningError) -> SigstoreBundle? {
        let signature = try WitnessedSignature.of(bundle, key: publicKey)
        let proposal = try Self.proposal(signature)
        let request = ServiceRequest(Self.search, path: Self.path + "/retrieve")
            .posting(["entries": .array([.object(proposal.json)])])
        let answer = try client.json(try await client.ask(request), Self.search)
        guard let list = answer.array, list.count <= client.limits.entries else {
            throw untrue(Self.search, "it is no list of entries, or too long a one")
        }
        for element in list {
            for found in try entries(element, Self.search) where found.inclusionProof != nil {
                return try bundle.adding(found, kind: proposal.kind, witnessed: signature, client: client, Self.search)
            }
        }
        return nil
    }

    /// What the log is asked to record: its kinds `dsse` for envelopes and `hashedrekord` for the rest, version 0.0.1.
    private static func proposal(
        _ signature: WitnessedSignature
    ) throws(SigningError) -> (kind: String, json: JSONObject) {
        let signer: String
        do throws(SigstoreError) {
            signer = signature.isCertificate ? Certificate.pem(signature.signer) : try signature.key.pem()
        } catch {
            throw .sigstore(error)
        }
        let verifier = JSONValue.string(Base64.text(of: Array(signer.utf8)))
        let (kind, specification): (String, JSONObject)
        switch signature.content {
        case .envelope(let envelope):
            let text = String(decoding: envelope.json.bytes, as: UTF8.self)
            let content: JSONObject = ["envelope": .string(text), "verifiers": .array([verifier])]
            (kind, specification) = ("dsse", ["proposedContent": .object(content)])
        case .messageSignature:
            guard !signature.key.needsMessage else {
                throw .configuration(
                    reason: "A transparency log cannot record an Ed25519 signature over an artifact itself",
                    advice: "Sign a statement about the artifact, or use a key of another kind.")
            }
            let hash: JSONObject = [
                "algorithm": .string(signature.algorithm.rawValue), "value": .string(Hex.text(of: signature.digest)),
            ]
            let made: JSONObject = [
                "content": .string(Base64.text(of: signature.signature)),
                "publicKey": .object(["content": verifier]),
            ]
            kind = "hashedrekord"
            specification = [
                "data": .object(["hash": .object(hash)]), "signature": .object(made),
            ]
        }
        return (
            kind,
            ["apiVersion": .string("0.0.1"), "kind": .string(kind), "spec": .object(specification)]
        )
    }

    /// The name of the entry that the log has already: the end of the answer's `Location`, which is a path of the log.
    private func identifier(ofExisting answer: ServiceAnswer) throws(SigningError) -> String {
        guard let name = answer.location?.split(separator: "/").last, RekorV1Entry.isIdentifier(name) else {
            throw .service(
                operation: Self.record, url: url, status: answer.status,
                reason: "it has the entry already, and does not say where", mayPass: false)
        }
        return String(name)
    }

    private func entry(_ identifier: String, _ operation: String) async throws(SigningError) -> RekorV1Entry {
        let answer = try await client.ask(ServiceRequest(operation, path: "\(Self.path)/\(identifier)"))
        let entries = try entries(client.json(answer, operation), operation)
        // The log may name the entry in short, by its hash alone, or in full, with the tree's number before it.
        guard let only = entries.first, entries.count == 1,
            only.identifier.hasSuffix(identifier) || identifier.hasSuffix(only.identifier)
        else { throw untrue(operation, "it is another entry than \(identifier)") }
        return only
    }

    private func entries(_ json: JSONValue, _ operation: String) throws(SigningError) -> [RekorV1Entry] {
        guard let members = json.object?.members, members.count <= client.limits.entries else {
            throw untrue(operation, "it holds no entries, or too many")
        }
        return try client.judging(operation) { () throws(SigstoreError) in
            var entries: [RekorV1Entry] = []
            for member in members { entries.append(try RekorV1Entry(identifier: member.name, json: member.value)) }
            return entries
        }
    }

    private func untrue(_ operation: String, _ reason: String) -> SigningError {
        .untrue(operation: operation, url: url, reason: reason)
    }
}

extension SigstoreBundle {
    /// The bundle with the entry added, if it is one for its signature.
    fileprivate func adding(
        _ found: RekorV1Entry, kind: String, witnessed signature: WitnessedSignature, client: ServiceClient,
        _ operation: String
    ) throws(SigningError) -> SigstoreBundle {
        let entry = found.logEntry(kind: kind, version: "0.0.1")
        try client.judging(operation) { () throws(SigstoreError) in try signature.check(entry) }
        guard entry.integratedTime > 0, !entry.signedEntryTimestamp.isEmpty else {
            throw .untrue(
                operation: operation, url: client.url, reason: "the entry lacks the log's promise or its time")
        }
        var bundle = self
        bundle.logEntries.append(entry)
        return bundle
    }
}
