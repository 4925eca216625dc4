/// The signature over the artifact, or over a statement about it.
enum SignatureCheck {
    /// Checks that the signer made the content's signature.
    ///
    /// - Throws: `rejected`.
    static func verify(_ signed: SignedContent, signer: VerifiedSigner) throws(SigstoreError) {
        let key = signer.key
        let isVerified: Bool
        switch signed.content {
        case .envelope(let envelope):
            // DSSE protocol: the signature is over the pre-authentication encoding.
            isVerified = key.verifies(signed.signature, of: envelope.signedBytes)
        case .messageSignature(let message):
            let digest = try digest(of: message, artifact: signed.artifact, key: key)
            if key.needsMessage {
                guard let bytes = signed.artifact.bytes else {
                    throw .reject(
                        .signature, expected: "the artifact itself, for a key that signs messages",
                        found: "only its digest")
                }
                isVerified = key.verifies(message.signature, of: bytes)
            } else {
                isVerified = key.verifies(message.signature, ofDigest: digest.bytes, digest.algorithm)
            }
        }
        guard isVerified else {
            throw .reject(
                .signature, expected: "one made by \(signer.name)",
                found: "one that it does not verify\(signer.remark)")
        }
    }

    /// The artifact's digest that the signature is over. What the bundle says of the digest must agree.
    private static func digest(
        of message: MessageSignature, artifact: ArtifactIdentity, key: PublicKey
    ) throws(SigstoreError) -> (algorithm: DigestAlgorithm, bytes: [UInt8]) {
        var algorithm = key.usualDigest
        if let claimed = message.digest {
            guard let named = DigestAlgorithm.allCases.first(where: { $0.messageAlgorithm == claimed.algorithm }) else {
                throw .reject(
                    .messageDigest, expected: "SHA2_256, SHA2_384 or SHA2_512", found: claimed.algorithm.name)
            }
            algorithm = named
            guard artifact.digests[named].map({ $0 == claimed.digest }) ?? true else {
                throw .reject(
                    .messageDigest, expected: artifact.summary, found: "\(named):\(Hex.text(of: claimed.digest))")
            }
        }
        guard let digest = artifact.digests[algorithm] else {
            throw .reject(
                .messageDigest, expected: "the artifact's \(algorithm), over which the signature is",
                found: artifact.summary)
        }
        return (algorithm, digest)
    }
}

extension ArtifactIdentity {
    /// The shortest of the digests, which is the one that people know artifacts by.
    var summary: String {
        for algorithm in DigestAlgorithm.allCases {
            if let digest = digests[algorithm] { return "\(algorithm):\(Hex.text(of: digest))" }
        }
        return "no digest"
    }
}
