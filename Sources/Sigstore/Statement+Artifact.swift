extension Statement {
    /// The first artifact that the statement is about and that can be verified: by the digests that it gives.
    ///
    /// - Throws: `malformed` if no subject has a digest of a kind that is known.
    public func artifact() throws(SigstoreError) -> ArtifactIdentity {
        for subject in subjects {
            var digests: [DigestAlgorithm: [UInt8]] = [:]
            for digest in subject.digests {
                guard let algorithm = DigestAlgorithm(rawValue: digest.algorithm),
                    let bytes = Hex.bytes(of: digest.value)
                else { continue }
                digests[algorithm] = bytes
            }
            if !digests.isEmpty { return try ArtifactIdentity(digests: digests) }
        }
        throw .malformed(
            document: "statement", field: "subject", problem: "has no digest by SHA-256, SHA-384 or SHA-512")
    }
}
