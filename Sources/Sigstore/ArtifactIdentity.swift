internal import CCrypto

/// What is known of an artifact that a bundle shall be verified for: its digests, and its bytes if they are at hand.
public struct ArtifactIdentity: Sendable {
    /// What is known of it; at least one.
    public let digests: [DigestAlgorithm: [UInt8]]
    /// Ed25519 signs messages, not their digests.
    let bytes: [UInt8]?

    /// An artifact whose bytes are in memory.
    ///
    /// - Throws: `cryptography`.
    public init(bytes: [UInt8]) throws(SigstoreError) {
        var digests: [DigestAlgorithm: [UInt8]] = [:]
        for algorithm in DigestAlgorithm.allCases { digests[algorithm] = try algorithm.digest(of: bytes) }
        self.digests = digests
        self.bytes = bytes
    }

    /// An artifact of which only digests are known.
    ///
    /// - Throws: `malformed` if there is none, or one has not the length that its algorithm has.
    public init(digests: [DigestAlgorithm: [UInt8]]) throws(SigstoreError) {
        guard !digests.isEmpty, digests.allSatisfy({ $0.key.byteCount == $0.value.count }) else {
            throw .malformed(document: "artifact", field: "digest", problem: "is missing or of the wrong length")
        }
        self.digests = digests
        bytes = nil
    }
}

/// Computes an artifact's digests from bytes that come in pieces.
public struct ArtifactHasher: ~Copyable {
    private let contexts: [(algorithm: DigestAlgorithm, pointer: OpaquePointer)]

    /// - Parameter algorithms: which digests to compute; verifying needs one that the bundle names.
    /// - Throws: `cryptography`.
    public init(_ algorithms: Set<DigestAlgorithm> = Set(DigestAlgorithm.allCases)) throws(SigstoreError) {
        var contexts: [(DigestAlgorithm, OpaquePointer)] = []
        for algorithm in algorithms {
            guard let context = EVP_MD_CTX_new(), EVP_DigestInit_ex(context, algorithm.evp, nil) == 1 else {
                for (_, made) in contexts { EVP_MD_CTX_free(made) }
                throw LibCrypto.error("compute \(algorithm.rawValue)")
            }
            contexts.append((algorithm, context))
        }
        self.contexts = contexts
    }

    deinit {
        for context in contexts { EVP_MD_CTX_free(context.pointer) }
    }

    /// Appends bytes to what is hashed.
    public mutating func update(_ bytes: UnsafeRawBufferPointer) {
        guard let base = bytes.baseAddress else { return }
        for context in contexts { EVP_DigestUpdate(context.pointer, base, bytes.count) }
    }

    /// The artifact that the bytes were.
    ///
    /// - Throws: `malformed` if no algorithm was asked for.
    public consuming func finish() throws(SigstoreError) -> ArtifactIdentity {
        var digests: [DigestAlgorithm: [UInt8]] = [:]
        for context in contexts {
            var digest = [UInt8](repeating: 0, count: context.algorithm.byteCount)
            EVP_DigestFinal_ex(context.pointer, &digest, nil)
            digests[context.algorithm] = digest
        }
        return try ArtifactIdentity(digests: digests)
    }
}
