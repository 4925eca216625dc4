/// The proof that an entry is in a log's tree (RFC 9162, 2.1.3.2; RFC 6962 hashes alike).
enum InclusionProofCheck {
    /// Checks that the path leads from the entry to the root that the proof claims.
    ///
    /// - Throws: `rejected`, also if the path has not exactly the length that index and size demand.
    static func verify(_ proof: LogEntry.InclusionProof, body: [UInt8]) throws(SigstoreError) {
        func reject(_ expected: String, _ found: String) -> SigstoreError {
            .reject(.inclusionProof, expected: expected, found: found)
        }
        // "Compare leaf_index ... against tree_size. If leaf_index is greater than or equal to tree_size, then fail".
        guard proof.logIndex < proof.treeSize else {
            throw reject("an index below the tree's size, \(proof.treeSize)", String(proof.logIndex))
        }
        guard proof.rootHash.count == 32, proof.hashes.allSatisfy({ $0.count == 32 }) else {
            throw reject("hashes of 32 bytes", "others")
        }
        var node = proof.logIndex
        var last = proof.treeSize - 1
        var hash = try DigestAlgorithm.sha256.digest(of: [0] + body)
        for sibling in proof.hashes {
            // "If sn is 0, then stop the iteration and fail the proof verification."
            guard last != 0 else { throw reject("no more hashes than a tree of \(proof.treeSize) needs", "more") }
            if node & 1 == 1 || node == last {
                hash = try DigestAlgorithm.sha256.digest(of: [1] + sibling + hash)
                while node & 1 == 0 && node != 0 {
                    node >>= 1
                    last >>= 1
                }
            } else {
                hash = try DigestAlgorithm.sha256.digest(of: [1] + hash + sibling)
            }
            node >>= 1
            last >>= 1
        }
        // "Compare sn to 0. Compare r against the root_hash."
        guard last == 0 else {
            throw reject("as many hashes as a tree of \(proof.treeSize) needs", String(proof.hashes.count))
        }
        guard hash == proof.rootHash else {
            throw reject("a path to the root \(Hex.text(of: proof.rootHash))", "one to \(Hex.text(of: hash))")
        }
    }
}
