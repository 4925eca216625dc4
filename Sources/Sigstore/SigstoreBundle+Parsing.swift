extension SigstoreBundle {
    /// The bundle that `bytes` are the JSON text of: versions 0.1, 0.2 and 0.3, in every spelling that protobuf's JSON
    /// mapping allows, and nothing else.
    ///
    /// - Throws: `malformedJSON`, `malformed` with the field's path, or `limitExceeded`.
    public init(parsing bytes: [UInt8], limits: Limits = Limits()) throws(SigstoreError) {
        try self.init(JSONValue(parsing: bytes, limits: limits), limits: limits)
    }

    init(_ json: JSONValue, limits: Limits) throws(SigstoreError) {
        var reader = try MessageReader(json, document: Self.document, unknownFields: .refused)
        let mediaTypeName = try reader.string("mediaType")
        guard let mediaType = MediaType.allCases.first(where: { $0.rawValue.hasSameBytes(as: mediaTypeName) }) else {
            throw reader.fault(
                "mediaType",
                mediaTypeName.isEmpty
                    ? "is missing" : "\"\(TerminalText.excerpt(mediaTypeName))\" is not a version that is known")
        }
        let material = try reader.message("verificationMaterial") { (material) throws(SigstoreError) in
            try Material(&material, limits: limits)
        }
        let signature = try reader.message("messageSignature") { (message) throws(SigstoreError) in
            try MessageSignature(&message)
        }
        let envelope = try reader.message("dsseEnvelope") { (message) throws(SigstoreError) in
            try Envelope(&message, limits: limits)
        }
        guard let material else { throw reader.fault("verificationMaterial", "is missing") }
        let content: Content
        switch (signature, envelope) {
        case (let signature?, nil): content = .messageSignature(signature)
        case (nil, let envelope?): content = .envelope(envelope)
        case (nil, nil): throw reader.fault("", "has neither messageSignature nor dsseEnvelope")
        case (_?, _?): throw reader.fault("", "has both messageSignature and dsseEnvelope")
        }
        try reader.finish()
        self.init(
            signer: material.signer, content: content, logEntries: material.logEntries, timestamps: material.timestamps)
        self.mediaType = mediaType
        try checkRules()
    }

    static let document = "bundle"
}

/// `dev.sigstore.bundle.v1.VerificationMaterial`.
private struct Material {
    let signer: SigstoreBundle.Signer
    let logEntries: [LogEntry]
    let timestamps: [[UInt8]]

    init(_ reader: inout MessageReader, limits: Limits) throws(SigstoreError) {
        var signers: [SigstoreBundle.Signer] = []
        if let hint = try reader.message(
            "publicKey", { (key) throws(SigstoreError) in try key.string("hint") })
        {
            signers.append(.publicKey(hint: hint))
        }
        if let chain = try reader.message(
            "x509CertificateChain",
            { (chain) throws(SigstoreError) in
                try chain.messages("certificates", limit: limits.certificates) {
                    (certificate) throws(SigstoreError) in try Self.certificate(&certificate, limits: limits)
                }
            })
        {
            signers.append(.certificateChain(chain))
        }
        if let certificate = try reader.message(
            "certificate", { (certificate) throws(SigstoreError) in try Self.certificate(&certificate, limits: limits) }
        ) {
            signers.append(.certificate(certificate))
        }
        guard let signer = signers.first, signers.count == 1 else {
            throw reader.fault(
                "",
                signers.isEmpty ? "names neither a key nor a certificate" : "names more than one of key and certificate"
            )
        }
        self.signer = signer
        logEntries = try reader.messages("tlogEntries", limit: limits.logEntries) { (entry) throws(SigstoreError) in
            try LogEntry(&entry, limits: limits)
        }
        timestamps =
            try reader.message("timestampVerificationData") { (data) throws(SigstoreError) in
                try data.messages("rfc3161Timestamps", limit: limits.timestamps) {
                    (timestamp) throws(SigstoreError) in try timestamp.bytes("signedTimestamp")
                }
            } ?? []
    }

    private static func certificate(_ reader: inout MessageReader, limits: Limits) throws(SigstoreError) -> [UInt8] {
        let bytes = try reader.bytes("rawBytes")
        guard !bytes.isEmpty else { throw reader.fault("rawBytes", "is empty") }
        guard bytes.count <= limits.certificateSize else {
            throw .limitExceeded(what: "bytes of a certificate", limit: limits.certificateSize)
        }
        return bytes
    }
}

extension MessageSignature {
    fileprivate init(_ reader: inout MessageReader) throws(SigstoreError) {
        digest = try reader.message("messageDigest") { (digest) throws(SigstoreError) in
            let algorithm = try digest.enumeration("algorithm", names: HashAlgorithm.names)
            return MessageDigest(
                algorithm: HashAlgorithm(rawValue: algorithm) ?? .unspecified, digest: try digest.bytes("digest"))
        }
        signature = try reader.bytes("signature")
    }
}

extension LogEntry {
    /// The entry that a log answered with: `dev.sigstore.rekor.v1.TransparencyLogEntry` as JSON. Fields that are not
    /// known are left out, as a log may say more than a bundle can hold.
    ///
    /// - Throws: `malformedJSON`, `malformed` with the field's path, or `limitExceeded`.
    package init(parsing bytes: [UInt8], limits: Limits = Limits()) throws(SigstoreError) {
        let json = try JSONValue(parsing: bytes, limits: limits)
        var reader = try MessageReader(json, document: "log entry", unknownFields: .ignored)
        try self.init(&reader, limits: limits)
    }

    fileprivate init(_ reader: inout MessageReader, limits: Limits) throws(SigstoreError) {
        logIndex = try reader.natural("logIndex")
        logID =
            try reader.message("logId") { (id) throws(SigstoreError) in try id.bytes("keyId") } ?? []
        let version = try reader.message("kindVersion") { (version) throws(SigstoreError) in
            (kind: try version.string("kind"), version: try version.string("version"))
        }
        kind = version?.kind ?? ""
        kindVersion = version?.version ?? ""
        integratedTime = try reader.natural("integratedTime")
        signedEntryTimestamp =
            try reader.message("inclusionPromise") { (promise) throws(SigstoreError) in
                try promise.bytes("signedEntryTimestamp")
            } ?? []
        inclusionProof = try reader.message("inclusionProof") { (proof) throws(SigstoreError) in
            InclusionProof(
                logIndex: try proof.natural("logIndex"),
                rootHash: try proof.bytes("rootHash"),
                treeSize: try proof.natural("treeSize"),
                hashes: try proof.bytesList("hashes", limit: limits.inclusionHashes),
                checkpoint: try proof.message("checkpoint") { (checkpoint) throws(SigstoreError) in
                    try checkpoint.string("envelope")
                } ?? "")
        }
        canonicalizedBody = try reader.bytes("canonicalizedBody")
    }
}
