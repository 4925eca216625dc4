/// A bundle's one signature as witnesses are shown it, and the check of what a log answers.
///
/// It tells whether an answer is about this very signature. Whether the log is one to be trusted, and whether the
/// signature is right, is for the verifier to say.
package struct WitnessedSignature: Sendable {
    package let signature: [UInt8]
    package let content: SigstoreBundle.Content
    /// The key that verifies the signature: the certificate's, or the signer's own.
    package let key: PublicKey
    /// What logs record the signer by: the certificate or the SubjectPublicKeyInfo, DER.
    package let signer: [UInt8]
    package let isCertificate: Bool
    /// The hash of what is signed: of the artifact, or of the envelope's pre-authentication encoding.
    package let algorithm: DigestAlgorithm
    package let digest: [UInt8]

    private let signed: SignedContent

    /// - Parameter key: the signer's, for bundles that carry only a hint to it.
    /// - Throws: `rejected` if the bundle has not exactly one signature, over a statement or an artifact whose digest it
    ///   names, by a certificate or by `key`; `malformed` if its certificate is none.
    package init(_ bundle: SigstoreBundle, key: PublicKey?) throws(SigstoreError) {
        switch bundle.signer {
        case .certificate(let der): (self.key, signer, isCertificate) = (try Certificate.publicKey(der), der, true)
        case .certificateChain(let chain):
            guard let der = chain.first else { throw .reject(.signer, expected: "a certificate", found: "none") }
            (self.key, signer, isCertificate) = (try Certificate.publicKey(der), der, true)
        case .publicKey(let hint):
            guard let key else {
                throw .reject(.signer, expected: "a certificate", found: "the hint of a key that is not at hand")
            }
            guard hint.hasSameBytes(as: key.hint) else {
                throw .reject(.signer, expected: "the key \(key.hint)", found: "the key \(hint)")
            }
            (self.key, signer, isCertificate) = (key, key.der, false)
        }
        switch bundle.content {
        case .messageSignature(let message):
            let named = message.digest.flatMap { digest in
                DigestAlgorithm.allCases.first { $0.messageAlgorithm == digest.algorithm }
            }
            guard let named, let digest = message.digest?.digest else {
                throw .reject(.messageDigest, expected: "SHA2_256, SHA2_384 or SHA2_512", found: "none of them")
            }
            (algorithm, self.digest) = (named, digest)
        case .envelope(let envelope):
            algorithm = self.key.usualDigest
            digest = try algorithm.digest(of: envelope.signedBytes)
        }
        content = bundle.content
        let isMessage = if case .messageSignature = bundle.content { true } else { false }
        signed = try SignedContent(
            bundle, artifact: ArtifactIdentity(digests: [algorithm: digest]),
            expecting: isMessage ? .messageSignature : .statementOfAnyType)
        signature = signed.signature
    }

    /// Checks that a log's entry records this signature by this signer, and that its proof leads to its checkpoint.
    ///
    /// - Throws: `rejected` with what differs, or what parsing the entry's body throws.
    package func check(_ entry: LogEntry, limits: Limits = Limits()) throws(SigstoreError) {
        try checkBody(entry, limits: limits)
        guard let proof = entry.inclusionProof else {
            throw .reject(.inclusionProof, expected: "a proof of inclusion", found: "none")
        }
        try InclusionProofCheck.verify(proof, body: entry.canonicalizedBody)
        try Checkpoint(proof.checkpoint, limits: limits).verify(tree: proof)
    }

    /// Checks that a log's entry records this signature by this signer.
    ///
    /// - Throws: `rejected` with what differs, or what parsing the entry's body throws.
    package func checkBody(_ entry: LogEntry, limits: Limits = Limits()) throws(SigstoreError) {
        try LogBody(entry, limits: limits).verify(signed, signer: signer)
    }
}

extension TrustedRoot {
    /// The tree that a log's checkpoint is about, and the log's id, if a trusted log of Rekor's second version signed it.
    ///
    /// - Throws: `rejected` if none of them did, or it is no checkpoint.
    package func tree(
        ofCheckpoint note: String, limits: Limits = Limits()
    ) throws(SigstoreError) -> (size: Int, rootHash: [UInt8], logID: [UInt8]) {
        let checkpoint = try Checkpoint(note, limits: limits)
        var failure = SigstoreError.reject(
            .checkpoint, expected: "one of a log that is trusted", found: checkpoint.origin)
        for log in transparencyLogs {
            do throws(SigstoreError) {
                try checkpoint.verify(log: log, generation: .rekorV2)
                return (checkpoint.treeSize, checkpoint.rootHash, log.id)
            } catch {
                if transparencyLogs.count == 1 { failure = error }
            }
        }
        throw failure
    }
}
