/// What a statement, whose signature is verified, says about the artifact.
enum StatementCheck {
    /// The statement and the subject that is the artifact.
    ///
    /// - Throws: `rejected`, or what parsing the statement throws.
    static func verify(
        _ envelope: Envelope, artifact: ArtifactIdentity, expecting: VerificationPolicy.Expectation, limits: Limits
    ) throws(SigstoreError) -> (Statement, Statement.Subject) {
        let statement = try Statement(parsing: envelope.payload, limits: limits)
        if case .statement(let accepted) = expecting,
            !accepted.contains(where: { statement.predicateType.hasSameBytes(as: $0) })
        {
            throw .reject(
                .predicateType, expected: accepted.isEmpty ? "none" : accepted.joined(separator: " or "),
                found: statement.predicateType)
        }
        guard let subject = statement.subjects.first(where: { $0.isArtifact(artifact) }) else {
            throw .reject(
                .subject, expected: artifact.summary,
                found: statement.subjects.prefix(3).map(\.summary).joined(separator: "; ")
                    + (statement.subjects.count > 3 ? " and \(statement.subjects.count - 3) more" : ""))
        }
        return (statement, subject)
    }
}

extension Statement.Subject {
    /// Whether a digest says that the artifact is this subject, and none says that it is not.
    fileprivate func isArtifact(_ artifact: ArtifactIdentity) -> Bool {
        var matches = false
        for digest in digests {
            guard let algorithm = DigestAlgorithm(rawValue: digest.algorithm),
                let known = artifact.digests[algorithm]
            else { continue }
            guard Hex.text(of: known) == digest.value else { return false }
            matches = true
        }
        return matches
    }

    fileprivate var summary: String {
        "\(name) (\(digests.map { "\($0.algorithm):\($0.value)" }.joined(separator: ", ")))"
    }
}
