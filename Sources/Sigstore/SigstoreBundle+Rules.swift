extension SigstoreBundle {
    /// What the bundle specification demands beyond the shape of the fields, by version.
    func checkRules() throws(SigstoreError) {
        try checkSigner()
        switch content {
        case .messageSignature(let message):
            guard !message.signature.isEmpty else { throw fault("messageSignature.signature", "is missing") }
        case .envelope(let envelope):
            guard !envelope.payloadType.isEmpty else { throw fault("dsseEnvelope.payloadType", "is missing") }
            if let empty = envelope.signatures.firstIndex(where: \.bytes.isEmpty) {
                throw fault("dsseEnvelope.signatures[\(empty)].sig", "is missing")
            }
        }
        var places: Set<LogPlace> = []
        for (index, entry) in logEntries.enumerated() {
            try check(entry, at: "verificationMaterial.tlogEntries[\(index)]")
            // The same entry twice must not count as two witnesses.
            guard places.insert(LogPlace(log: entry.logID, index: entry.logIndex)).inserted else {
                throw fault("verificationMaterial.tlogEntries[\(index)]", "is there twice")
            }
        }
        if let empty = timestamps.firstIndex(where: \.isEmpty) {
            throw fault(
                "verificationMaterial.timestampVerificationData.rfc3161Timestamps[\(empty)].signedTimestamp",
                "is missing")
        }
    }

    private struct LogPlace: Hashable {
        let log: [UInt8]
        let index: Int
    }

    private func fault(_ field: String, _ problem: String) -> SigstoreError {
        .malformed(document: Self.document, field: field, problem: problem)
    }

    private func checkSigner() throws(SigstoreError) {
        guard case .certificateChain(let chain) = signer else { return }
        let field = "verificationMaterial.x509CertificateChain"
        guard !chain.isEmpty else { throw fault(field, "is empty") }
        switch mediaType {
        case .v01, .v02: break
        case .v03, .v03Parameter: throw fault(field, "is not allowed in version 0.3")
        }
    }

    private func check(_ entry: LogEntry, at field: String) throws(SigstoreError) {
        guard !entry.logID.isEmpty else { throw fault(field + ".logId", "is missing") }
        guard !entry.kind.isEmpty, !entry.kindVersion.isEmpty else { throw fault(field + ".kindVersion", "is missing") }
        guard !entry.canonicalizedBody.isEmpty else { throw fault(field + ".canonicalizedBody", "is missing") }
        if mediaType == .v01 {
            guard !entry.signedEntryTimestamp.isEmpty else {
                throw fault(field + ".inclusionPromise", "is missing, and version 0.1 needs it")
            }
        } else if entry.inclusionProof == nil {
            throw fault(field + ".inclusionProof", "is missing, and versions after 0.1 need it")
        }
        if let proof = entry.inclusionProof, proof.checkpoint.isEmpty {
            throw fault(field + ".inclusionProof.checkpoint", "is missing")
        }
    }
}
