/// A bundle's one signature, and what it is over.
struct SignedContent {
    let signature: [UInt8]
    let content: SigstoreBundle.Content
    let artifact: ArtifactIdentity

    /// - Throws: `rejected` if the content is not of the kind that is expected, or an envelope has not one signature.
    init(
        _ bundle: SigstoreBundle, artifact: ArtifactIdentity, expecting: VerificationPolicy.Expectation
    ) throws(SigstoreError) {
        switch (bundle.content, expecting) {
        case (.messageSignature, .messageSignature): signature = try bundle.onlySignature()
        case (.envelope(let envelope), .statement), (.envelope(let envelope), .statementOfAnyType):
            signature = try bundle.onlySignature()
            guard envelope.payloadType.hasSameBytes(as: Envelope.inTotoPayloadType) else {
                throw .reject(.payloadType, expected: Envelope.inTotoPayloadType, found: envelope.payloadType)
            }
        case (.messageSignature, .statement), (.messageSignature, .statementOfAnyType):
            throw .reject(.content, expected: "a signed statement", found: "a signature over the artifact itself")
        case (.envelope, .messageSignature):
            throw .reject(.content, expected: "a signature over the artifact itself", found: "a signed statement")
        }
        content = bundle.content
        self.artifact = artifact
    }

    /// The digest of the bytes that are signed; nil if the artifact is known by other digests only.
    func digest(_ algorithm: DigestAlgorithm) throws(SigstoreError) -> [UInt8]? {
        switch content {
        case .messageSignature: artifact.digests[algorithm]
        case .envelope(let envelope): try algorithm.digest(of: envelope.signedBytes)
        }
    }
}

extension SigstoreBundle {
    /// The signature that timestamps and log entries are over.
    ///
    /// - Throws: `rejected` if an envelope has not exactly one: with several it would be open which of them is meant.
    package func onlySignature() throws(SigstoreError) -> [UInt8] {
        switch content {
        case .messageSignature(let message): return message.signature
        case .envelope(let envelope):
            guard envelope.signatures.count == 1, let only = envelope.signatures.first else {
                throw .reject(.signatureCount, expected: "exactly one", found: String(envelope.signatures.count))
            }
            return only.bytes
        }
    }
}
