public import Sigstore

/// A transparency log of Rekor's second version: a log in tiles, whose entries come with their proof and without a time.
public struct RekorV2: Witness {
    private let client: ServiceClient
    private let publicKey: PublicKey?
    private let root: TrustedRoot

    private static let operation = "record the signature"

    /// - Parameters:
    ///   - url: the log's base URL.
    ///   - publicKey: the signer's, for bundles that carry only a hint to it.
    ///   - root: names the log's key. It is needed to take up an entry that is in the log already, as the answer to a
    ///     request that was lost on its way leaves behind.
    /// - Throws: `configuration` if nothing can be asked under this URL or with these settings.
    public init(
        url: String, settings: ServiceSettings = ServiceSettings(), publicKey: PublicKey? = nil, root: TrustedRoot
    ) throws(SigningError) {
        client = try ServiceClient(url, settings: settings)
        self.publicKey = publicKey
        self.root = root
    }

    public var url: String { client.url }

    public func witness(_ bundle: SigstoreBundle) async throws(SigningError) -> SigstoreBundle {
        let signature = try WitnessedSignature.of(bundle, key: publicKey)
        var request = ServiceRequest(Self.operation, path: "/api/v2/log/entries").posting(
            try Self.proposal(signature))
        request.accepted = [200, 201, 409]
        let answer = try await client.ask(request)
        let entry =
            answer.status == 409
            ? try await existing(answer)
            : try client.judging(Self.operation) { () throws(SigstoreError) in
                try LogEntry(parsing: answer.body)
            }
        try client.judging(Self.operation) { () throws(SigstoreError) in try signature.check(entry) }
        guard entry.inclusionProof?.logIndex == entry.logIndex, entry.signedEntryTimestamp.isEmpty,
            entry.integratedTime == 0
        else { throw untrue("the entry is not one of a log of this version") }
        var bundle = bundle
        bundle.logEntries.append(entry)
        return bundle
    }

    /// `dev.sigstore.rekor.v2.CreateEntryRequest`. Envelopes are recorded as artifacts are: by the hash of what is signed.
    private static func proposal(_ signature: WitnessedSignature) throws(SigningError) -> JSONObject {
        guard !signature.key.needsMessage else {
            throw .configuration(
                reason:
                    "A transparency log of Rekor's second version records hashes, and an \(signature.key.algorithm) key"
                    + " signs messages only",
                advice: "Use a key of another kind, EC P-256 for example.")
        }
        let bytes: JSONObject = ["rawBytes": .string(Base64.text(of: signature.signer))]
        let verifier: JSONObject = [
            signature.isCertificate ? "x509Certificate" : "publicKey": .object(bytes),
            "keyDetails": .string(keyDetails(signature.key)),
        ]
        let made: JSONObject = [
            "content": .string(Base64.text(of: signature.signature)), "verifier": .object(verifier),
        ]
        return [
            "hashedRekordRequestV002": .object([
                "digest": .string(Base64.text(of: signature.digest)), "signature": .object(made),
            ])
        ]
    }

    /// `dev.sigstore.common.v1.PublicKeyDetails` of a signer's key.
    private static func keyDetails(_ key: PublicKey) -> String {
        switch key.algorithm {
        case "EC P-256": "PKIX_ECDSA_P256_SHA_256"
        case "EC P-384": "PKIX_ECDSA_P384_SHA_384"
        case "EC P-521": "PKIX_ECDSA_P521_SHA_512"
        case let rsa: "PKIX_RSA_PKCS1V15_\(rsa.filter(\.isNumber))_SHA256"
        }
    }

    /// The entry that the log says it has already.
    private func existing(_ answer: ServiceAnswer) async throws(SigningError) -> LogEntry {
        guard let text = answer.logIndex ?? Self.index(in: answer.body), let index = Int(text), index >= 0 else {
            throw .service(
                operation: Self.operation, url: url, status: answer.status,
                reason: "it has the entry already, and does not say where", mayPass: false)
        }
        var failures = 0
        while true {
            let checkpoint = try await checkpoint()
            let tree = try client.judging(Self.operation) { () throws(SigstoreError) in
                try root.tree(ofCheckpoint: checkpoint)
            }
            if index < tree.size {
                var tiles = tiles(ofSize: tree.size)
                let body = try await tiles.entry(index)
                let kind = try client.judging(Self.operation) { () throws(SigstoreError) in
                    try JSONValue(parsing: body)
                }
                let proof = LogEntry.InclusionProof(
                    logIndex: index, rootHash: tree.rootHash, treeSize: tree.size,
                    hashes: try await tiles.inclusionPath(of: index), checkpoint: checkpoint)
                return LogEntry(
                    logIndex: index, logID: tree.logID, kind: kind["kind"]?.string ?? "",
                    kindVersion: kind["apiVersion"]?.string ?? "", inclusionProof: proof, canonicalizedBody: body)
            }
            // The log knows an entry a moment before its tree holds it.
            failures += 1
            guard failures < client.limits.checkpointAttempts else {
                throw .service(
                    operation: Self.operation, url: url, status: nil,
                    reason: "entry \(index), which it says it has, is not in its tree of \(tree.size)", mayPass: true)
            }
            try await client.pause(after: failures)
        }
    }

    private func tiles(ofSize size: Int) -> LogTiles {
        LogTiles(
            treeSize: size, entryBundleSize: client.limits.entryBundleSize,
            fetch: { (path, limit) async throws(SigningError) in
                var request = ServiceRequest(Self.operation, path: "/api/v2/tile/\(path)")
                request.accept = "*/*"
                request.answerSize = limit
                request.accepted = [200, 404]
                let answer = try await client.ask(request)
                return answer.status == 200 ? answer.body : nil
            },
            untrue: { .untrue(operation: Self.operation, url: client.url, reason: $0) })
    }

    private func checkpoint() async throws(SigningError) -> String {
        var request = ServiceRequest(Self.operation, path: "/api/v2/checkpoint")
        request.accept = "*/*"
        let answer = try await client.ask(request)
        guard let text = String(validating: answer.body, as: UTF8.self) else {
            throw untrue("its checkpoint is no text")
        }
        return text
    }

    /// The number at the end of the message of a refusal, for logs that do not send it in the header.
    private static func index(in body: [UInt8]) -> String? {
        let message = (try? JSONValue(parsing: body))?["message"]?.string
        return message?.split(separator: " ").last.map(String.init)
    }

    private func untrue(_ reason: String) -> SigningError {
        .untrue(operation: Self.operation, url: url, reason: reason)
    }
}
