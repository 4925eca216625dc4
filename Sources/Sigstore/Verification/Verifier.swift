/// Verifies bundles: who signed, when, whether the world could see it, and for which artifact.
///
/// It uses neither network nor clock. One verifier may be used by any number of threads at once, and for many bundles
/// it should be one: it keeps the certificates that it proved.
public struct Verifier: Sendable {
    private let root: TrustedRoot
    private let limits: Limits
    private let cache: CertificateCache

    /// A verifier that trusts `root`, and nothing else.
    public init(root: TrustedRoot, limits: Limits = Limits()) {
        self.root = root
        self.limits = limits
        cache = CertificateCache(limit: limits.cachedCertificates)
    }

    /// Checks that the bundle is what the policy demands, for this artifact.
    ///
    /// The steps are those of the Sigstore client specification, section 4, in its order.
    ///
    /// - Throws: `rejected` with the stage, what was expected and what was found; or what parsing a part throws.
    public func verify(
        _ bundle: SigstoreBundle, artifact: ArtifactIdentity, policy: VerificationPolicy
    ) throws(SigstoreError) -> Verified {
        // 4.1, "Inputs". A bundle may have been put together in memory, so the rules of its version are checked again.
        try bundle.checkRules()
        let signed = try SignedContent(bundle, artifact: artifact, expecting: policy.expectation)

        // 4.2, "First, establish a time for the signature."
        var times = try policy.ignored.contains(.time) ? [] : timestamps(of: bundle, over: signed.signature)
        let witnesses =
            try policy.ignored.contains(.transparencyLog) ? [] : witnesses(of: bundle, times: times.map(\.time))
        times += witnesses.compactMap { witness in
            witness.time.map { Verified.Time(time: $0, source: witness.log.name) }
        }
        try check(times, policy: policy)

        // 4.3, "Certificate", or the key that the policy names.
        let signer = try signer(of: bundle, times: times.map(\.time), policy: policy)

        // 4.4, "Transparency Log Entry".
        for witness in witnesses { try witness.body.verify(signed, signer: signer.recorded) }

        // 4.5, "The Verifier MUST verify the provided signature for the constructed payload".
        try SignatureCheck.verify(signed, signer: signer)
        var statement: (Statement, Statement.Subject)?
        if case .envelope(let envelope) = bundle.content {
            statement = try StatementCheck.verify(
                envelope, artifact: artifact, expecting: policy.expectation, limits: limits)
        }
        return Verified(
            signer: signer.verified, statement: statement?.0, subject: statement?.1, times: times,
            logRecords: witnesses.map { Verified.LogRecord(log: $0.log.name, index: $0.index) },
            ignored: policy.ignored)
    }

    /// Checks a certificate before anything is signed with it: that a trusted authority issued it for signing, that it
    /// is valid at `time`, and that a trusted certificate log promised to show it (client specification, 3.3).
    ///
    /// Whose certificate it is, is for the caller to look at.
    ///
    /// - Parameter der: the signer's certificate.
    /// - Throws: `rejected` with the stage, what was expected and what was found; `malformed` if it is no certificate.
    public func check(certificate der: [UInt8], at time: UTCTime) throws(SigstoreError) -> Certificate {
        let certificate = try proven(der)
        _ = try certificate.authority(at: [time])
        _ = try certificate.logs.get()
        return certificate.content
    }

    private func proven(_ der: [UInt8]) throws(SigstoreError) -> SignerCertificate {
        try cache.certificate(der) { () throws(SigstoreError) in
            try SignerCertificate(der: der, root: root, limits: limits)
        }
    }

    /// 4.2.1: what trusted authorities say of the time. "If verification or timestamp parsing fails, the Verifier MUST
    /// abort": done for timestamps that name a trusted authority. Those of others say nothing, as bundles may carry one
    /// for each of several instances.
    private func timestamps(
        of bundle: SigstoreBundle, over signature: [UInt8]
    ) throws(SigstoreError) -> [Verified.Time] {
        var times: [Verified.Time] = []
        for der in bundle.timestamps {
            let timestamp = try TimestampCheck(der: der)
            var failure: SigstoreError?
            for authority in root.timestampAuthorities where timestamp.claims(authority) {
                do throws(SigstoreError) {
                    try timestamp.verify(over: signature, authority: authority)
                    times.append(Verified.Time(time: timestamp.time, source: authority.name))
                    failure = nil
                    break
                } catch {
                    failure = error
                }
            }
            if let failure { throw failure }
        }
        return times
    }

    /// 4.2.2 and 4.4: the trusted logs that have the entry, at least one. An entry of a log that is not trusted says nothing;
    /// one of a trusted log that does not verify is a forgery.
    private func witnesses(
        of bundle: SigstoreBundle, times: [UTCTime]
    ) throws(SigstoreError) -> [LogEntryCheck.Witness] {
        let check = LogEntryCheck(times: times, limits: limits)
        var witnesses: [LogEntryCheck.Witness] = []
        for entry in bundle.logEntries {
            let logs = root.transparencyLogs.filter { $0.id == entry.logID }
            if !logs.isEmpty { witnesses.append(try check.verify(entry, logs: logs)) }
        }
        guard !witnesses.isEmpty else {
            throw .reject(
                .transparencyLog, expected: "an entry of a log that is trusted",
                found: bundle.logEntries.isEmpty
                    ? "no entry" : "logs " + bundle.logEntries.map { Hex.text(of: $0.logID) }.joined(separator: ", "))
        }
        return witnesses
    }

    private func check(_ times: [Verified.Time], policy: VerificationPolicy) throws(SigstoreError) {
        if case .certificate = policy.signer, times.isEmpty, !policy.ignored.contains(.time) {
            throw .reject(
                .time, expected: "a timestamp or a log's promise by somebody who is trusted", found: "none")
        }
        guard let earliest = policy.earliest else { return }
        guard let first = times.map(\.time).min() else {
            throw .reject(.time, expected: "\(earliest) or later", found: "no time that anybody vouches for")
        }
        guard first >= earliest else {
            throw .reject(.time, expected: "\(earliest) or later", found: first.description)
        }
    }

    private func signer(
        of bundle: SigstoreBundle, times: [UTCTime], policy: VerificationPolicy
    ) throws(SigstoreError) -> VerifiedSigner {
        let leaf: [UInt8]
        let identities: [CertificateIdentity]
        switch (bundle.signer, policy.signer) {
        case (.publicKey(let hint), .key(let key)): return VerifiedSigner(key: key, hint: hint)
        case (.publicKey, .certificate):
            throw .reject(.signer, expected: "a certificate", found: "a key; verify it by that key")
        case (.certificate, .key(let key)), (.certificateChain, .key(let key)):
            throw .reject(
                .signer, expected: "the key \(key.hint)",
                found: "a certificate; verify it by its identity and issuer instead of by a key")
        case (.certificate(let der), .certificate(let accepted)): (leaf, identities) = (der, accepted)
        case (.certificateChain(let chain), .certificate(let accepted)):
            (leaf, identities) = (try SignerCertificate.leaf(of: chain), accepted)
        }
        // "The Verifier MUST perform certification path validation (RFC 5280 §6) ... with the pre-distributed Fulcio
        // root certificate(s) as a trust anchor, but with a fake 'current time.'" Without a time, which only a policy
        // that says so allows, it is enough that a path was ever valid.
        let certificate = try proven(leaf)
        let authority = try certificate.authority(at: times)
        // "the Verifier MUST extract the SignedCertificateTimestamp embedded in the leaf certificate, and verify it".
        let logs = policy.ignored.contains(.certificateLog) ? [] : try certificate.logs.get()
        // "The Verifier MUST then check the certificate against the verification policy."
        if !policy.ignored.contains(.identity) { try identities.verify(certificate.content) }
        return VerifiedSigner(
            key: certificate.key, recorded: leaf, name: "the certificate's key", remark: "",
            verified: .certificate(certificate.content, authority: authority, logs: logs))
    }
}

/// Whose signature the bundle's must be.
struct VerifiedSigner {
    let key: PublicKey
    /// As logs record it: the certificate or the SubjectPublicKeyInfo, DER.
    let recorded: [UInt8]
    /// For messages.
    let name: String
    /// Why a signature may be wrong, as far as that is known.
    let remark: String
    let verified: Verifier.Verified.Signer
}

extension VerifiedSigner {
    fileprivate init(key: PublicKey, hint: String) {
        let comparison: Verifier.Verified.Hint
        // A wrong signature most often is another key's, and the hint tells.
        if hint.isEmpty {
            (comparison, remark) = (.absent, "")
        } else if hint.hasSameBytes(as: key.hint) {
            (comparison, remark) = (.matches, ": what was signed, or the signature, has been changed")
        } else {
            (comparison, remark) = (.differs(hint), "; the bundle names another key, \(hint)")
        }
        self.key = key
        recorded = key.der
        name = "the key \(key.hint)"
        verified = .key(comparison)
    }
}
