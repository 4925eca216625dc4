internal import Sigstore

/// An entry as Rekor's first version writes it, which differs from a bundle's.
struct RekorV1Entry {
    /// Its name in the log: hexadecimal digits, the tree's number before the leaf's hash.
    let identifier: String
    let inclusionProof: LogEntry.InclusionProof?
    private let body: [UInt8]
    private let integratedTime: Int
    private let logID: [UInt8]
    private let logIndex: Int
    private let promise: [UInt8]

    /// - Throws: `malformed` with the field that is missing or wrong.
    init(identifier: String, json: JSONValue) throws(SigstoreError) {
        func fault(_ field: String) -> SigstoreError {
            .malformed(document: "log entry", field: field, problem: "is missing or of the wrong form")
        }
        guard Self.isIdentifier(identifier) else { throw fault("name") }
        self.identifier = identifier
        guard let body = json["body"]?.string.flatMap(Base64.bytes), !body.isEmpty else { throw fault("body") }
        guard let id = json["logID"]?.string.flatMap(Hex.bytes), !id.isEmpty else { throw fault("logID") }
        guard let index = json["logIndex"]?.integer, index >= 0 else { throw fault("logIndex") }
        guard let time = json["integratedTime"]?.integer, time >= 0 else { throw fault("integratedTime") }
        (self.body, logID, logIndex, integratedTime) = (body, id, index, time)
        let verification = json["verification"]
        promise = verification?["signedEntryTimestamp"]?.string.flatMap(Base64.bytes) ?? []
        guard let proof = verification?["inclusionProof"], proof != .null else {
            inclusionProof = nil
            return
        }
        guard let index = proof["logIndex"]?.integer, index >= 0, let size = proof["treeSize"]?.integer, size >= 0,
            let root = proof["rootHash"]?.string.flatMap(Hex.bytes), let list = proof["hashes"]?.array,
            list.count <= Limits().inclusionHashes, let checkpoint = proof["checkpoint"]?.string
        else { throw fault("inclusionProof") }
        var hashes: [[UInt8]] = []
        for element in list {
            guard let hash = element.string.flatMap(Hex.bytes) else { throw fault("inclusionProof.hashes") }
            hashes.append(hash)
        }
        inclusionProof = LogEntry.InclusionProof(
            logIndex: index, rootHash: root, treeSize: size, hashes: hashes, checkpoint: checkpoint)
    }

    /// Whether it is a name that may become part of a path: 32 bytes, or 40 with the tree's number.
    static func isIdentifier(_ text: some StringProtocol) -> Bool {
        [64, 80].contains(text.utf8.count) && Hex.bytes(of: String(text)) != nil
    }

    /// The entry as bundles hold it.
    func logEntry(kind: String, version: String) -> LogEntry {
        LogEntry(
            logIndex: logIndex, logID: logID, kind: kind, kindVersion: version, integratedTime: integratedTime,
            signedEntryTimestamp: promise, inclusionProof: inclusionProof, canonicalizedBody: body)
    }
}
