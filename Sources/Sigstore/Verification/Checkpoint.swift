/// A log's signed note of its tree (C2SP signed-note and tlog-checkpoint).
struct Checkpoint {
    private struct Signature {
        let name: Substring
        let keyHint: [UInt8]
        let bytes: [UInt8]
    }

    let origin: String
    let treeSize: Int
    let rootHash: [UInt8]
    private let signedText: [UInt8]
    private let signatures: [Signature]

    /// - Throws: `rejected` if it is not a checkpoint.
    init(_ note: String, limits: Limits) throws(SigstoreError) {
        func reject(_ expected: String) -> SigstoreError {
            .reject(.checkpoint, expected: expected, found: TerminalText.excerpt(note))
        }
        // Cut at bytes: to Swift, a carriage return with a line feed is one character.
        let bytes = Array(note.utf8)
        guard bytes.count <= limits.checkpointSize else {
            throw .limitExceeded(what: "bytes of a checkpoint", limit: limits.checkpointSize)
        }
        let lineFeed = UInt8(ascii: "\n")
        // An empty line ends the text, which may hold empty lines itself.
        guard let gap = bytes.indices.dropLast().last(where: { bytes[$0] == lineFeed && bytes[$0 + 1] == lineFeed })
        else { throw reject("text, an empty line, and signatures") }
        signedText = Array(bytes[...gap])
        let lines = signedText.dropLast().split(separator: lineFeed, omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
        guard lines.count >= 3, !lines[0].isEmpty else { throw reject("origin, size and root hash, a line each") }
        guard let size = Int(lines[1]), size >= 0, String(size).hasSameBytes(as: lines[1]) else {
            throw reject("the tree's size in the second line")
        }
        guard let root = Base64.bytes(of: lines[2]), root.count == 32 else {
            throw reject("the root's hash in the third line")
        }
        guard bytes.last == lineFeed, gap + 2 < bytes.count else { throw reject("at least one signature line") }
        var signatures: [Signature] = []
        for line in bytes[(gap + 2)...].dropLast().split(separator: lineFeed, omittingEmptySubsequences: false) {
            let parts = String(decoding: line, as: UTF8.self).split(separator: " ", omittingEmptySubsequences: false)
            // An em dash, the key's name, and base64 of key hint and signature.
            guard parts.count == 3, parts[0] == "\u{2014}", !parts[1].isEmpty,
                let blob = Base64.bytes(of: String(parts[2])), blob.count > 4
            else { throw reject("signature lines of a dash, a name and base64") }
            signatures.append(
                Signature(name: parts[1], keyHint: Array(blob.prefix(4)), bytes: Array(blob.dropFirst(4))))
        }
        guard signatures.count <= limits.checkpointSignatures else {
            throw .limitExceeded(what: "signatures of a checkpoint", limit: limits.checkpointSignatures)
        }
        origin = lines[0]
        treeSize = size
        rootHash = root
        self.signatures = signatures
    }

    /// Checks that the log signed the note, and under its own name. Lines of others (witnesses) are not looked at.
    ///
    /// - Throws: `rejected`.
    func verify(log: TrustedLog, generation: LogGeneration) throws(SigstoreError) {
        let mine = signatures.filter { $0.keyHint == log.checkpointKeyHint }
        guard !mine.isEmpty else {
            throw .reject(
                .checkpoint, expected: "a signature with the key hint \(Hex.text(of: log.checkpointKeyHint))",
                found: signatures.map { "\($0.name) \(Hex.text(of: $0.keyHint))" }.joined(separator: ", "))
        }
        guard let signature = mine.first(where: { log.key.verifies($0.bytes, of: signedText) }) else {
            throw .reject(
                .checkpoint, expected: "a signature made by the log \(log.name)",
                found: "one that its key does not verify")
        }
        let name = String(signature.name)
        guard isOrigin(of: name, generation: generation), log.answers(to: name) else {
            throw .reject(
                .checkpoint, expected: "the origin of the log \(log.name)", found: "\(origin), signed by \(name)")
        }
    }

    /// Checks that the note is about the proof's tree.
    ///
    /// - Throws: `rejected`.
    func verify(tree proof: LogEntry.InclusionProof) throws(SigstoreError) {
        guard rootHash == proof.rootHash, treeSize == proof.treeSize else {
            throw .reject(
                .checkpoint,
                expected: "the proof's tree, of \(proof.treeSize) with root \(Hex.text(of: proof.rootHash))",
                found: "one of \(treeSize) with root \(Hex.text(of: rootHash))")
        }
    }

    private func isOrigin(of name: String, generation: LogGeneration) -> Bool {
        if origin.hasSameBytes(as: name) { return true }
        switch generation {
        case .rekorV2: return false
        case .rekorV1:
            // Rekor v1 usually appends the number of the tree: "rekor.sigstore.dev - 1193050959916656506".
            let prefix = name + " - "
            guard origin.utf8.starts(with: prefix.utf8) else { return false }
            let tree = origin.utf8.dropFirst(prefix.utf8.count)
            return !tree.isEmpty && tree.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        }
    }
}

extension TrustedLog {
    /// Whether checkpoints of this log may be signed under that name. A root that does not say where a log is leaves
    /// it to the key.
    fileprivate func answers(to name: String) -> Bool {
        baseURL.isEmpty || name.hasSameBytes(as: host) || name.hasSameBytes(as: hostAndPort)
    }
}
