/// An entry of a transparency log: the log's promise, the proof that it kept it, and its signature over the tree.
struct LogEntryCheck {
    /// A log that has the entry.
    struct Witness {
        let log: TrustedLog
        let body: LogBody
        let index: Int
        /// When, if the log's promise says so.
        let time: UTCTime?
    }

    /// What timestamp authorities say: the only times that a log without promises can be judged by.
    let times: [UTCTime]
    let limits: Limits

    /// - Parameter logs: those of the trusted root whose id the entry names, at least one.
    /// - Throws: `rejected`, or what parsing the body throws.
    func verify(_ entry: LogEntry, logs: [TrustedLog]) throws(SigstoreError) -> Witness {
        let body = try LogBody(entry, limits: limits)
        var failure = SigstoreError.reject(.transparencyLog, expected: "a log that is trusted", found: "none")
        for log in logs {
            do throws(SigstoreError) {
                return try verify(entry, body: body, log: log)
            } catch {
                failure = error
            }
        }
        throw failure
    }

    private func verify(_ entry: LogEntry, body: LogBody, log: TrustedLog) throws(SigstoreError) -> Witness {
        var promised: UTCTime?
        switch body.generation {
        case .rekorV1:
            if !entry.signedEntryTimestamp.isEmpty { promised = try verifyPromise(of: entry, log: log) }
        case .rekorV2:
            // Entries of Rekor v2 have neither promise nor time of their own, and always a proof.
            guard entry.signedEntryTimestamp.isEmpty, entry.integratedTime == 0 else {
                throw .reject(.logPromise, expected: "none from a log of this kind", found: "one")
            }
            // Nothing else protects the index, which names the entry to people; these logs are one tree each.
            guard let proof = entry.inclusionProof, proof.logIndex == entry.logIndex else {
                throw .reject(
                    .inclusionProof, expected: "one for the entry \(entry.logIndex)",
                    found: entry.inclusionProof.map { "one for \($0.logIndex)" } ?? "none")
            }
        }
        if let proof = entry.inclusionProof {
            try InclusionProofCheck.verify(proof, body: entry.canonicalizedBody)
            let checkpoint = try Checkpoint(proof.checkpoint, limits: limits)
            try checkpoint.verify(log: log, generation: body.generation)
            try checkpoint.verify(tree: proof)
        } else if promised == nil {
            throw .reject(.transparencyLog, expected: "a promise or a proof of inclusion", found: "neither")
        }
        try checkWindow(of: log, promised: promised)
        return Witness(log: log, body: body, index: entry.logIndex, time: promised)
    }

    /// Rekor v1's SignedEntryTimestamp: a signature over the entry as canonical JSON (RFC 8785).
    private func verifyPromise(of entry: LogEntry, log: TrustedLog) throws(SigstoreError) -> UTCTime {
        guard entry.integratedTime > 0 else {
            throw .reject(.logPromise, expected: "the time of integration", found: "none")
        }
        let text = """
            {"body":"\(Base64.text(of: entry.canonicalizedBody))","integratedTime":\(entry.integratedTime),\
            "logID":"\(Hex.text(of: entry.logID))","logIndex":\(entry.logIndex)}
            """
        guard log.key.verifies(entry.signedEntryTimestamp, of: Array(text.utf8)) else {
            throw .reject(
                .logPromise, expected: "a signature made by the log \(log.name)",
                found: "one that its key does not verify")
        }
        return UTCTime(seconds: entry.integratedTime)
    }

    /// The log must have been trusted when the signature was logged. Without any time, only a log whose trust has not
    /// ended will do: a retired log's key may be in other hands.
    private func checkWindow(of log: TrustedLog, promised: UTCTime?) throws(SigstoreError) {
        let expected = "a time in which the log \(log.name) is trusted, \(log.validity)"
        for time in promised.map({ [$0] }) ?? times where !log.validity.contains(time) {
            throw .reject(.transparencyLog, expected: expected, found: time.description)
        }
        if promised == nil, times.isEmpty, log.validity.end != nil {
            throw .reject(.transparencyLog, expected: expected, found: "no time that anybody vouches for")
        }
    }
}
