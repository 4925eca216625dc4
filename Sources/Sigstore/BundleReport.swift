/// What a bundle or a bare envelope says, in an order and in words for a person. **Nothing of it is verified.**
public struct BundleReport: Equatable, Sendable {
    /// A line, and the lines that belong under it.
    public struct Line: Equatable, Sendable {
        /// What the line is about, in a few words.
        public let label: String
        /// Text of the document itself, not escaped; empty for a line that only heads others.
        public let value: String
        /// The lines under it, in their order.
        public let children: [Line]

        init(_ label: String, _ value: String = "", _ children: [Line] = []) {
            self.label = label
            self.value = value
            self.children = children
        }
    }

    /// The report from top to bottom.
    public let lines: [Line]
    /// The signed statement, whole, as JSON over many lines: members in their order, numbers as they were written, and
    /// characters that are not safe to show as escapes. Nil if there is no envelope or its payload is not JSON.
    public let statementText: String?

    /// How many subjects, log entries and dependencies are shown; the rest is counted.
    static let listed = 20

    /// Reads the document; parts of it that cannot be read become lines that say so.
    public init(_ document: SigstoreDocument, limits: Limits = Limits()) {
        var lines: [Line] = []
        switch document {
        case .bundle(let bundle):
            lines.append(Line("Media type", bundle.mediaType.rawValue))
            lines.append(Self.signer(bundle.signer))
            lines.append(Self.logEntries(bundle.logEntries))
            lines.append(Self.timestamps(bundle.timestamps))
            if case .messageSignature(let message) = bundle.content { lines.append(Self.message(message)) }
        case .envelope:
            lines.append(Line("Media type", "none: a bare DSSE envelope"))
        }
        if let envelope = document.envelope {
            lines.append(Self.envelope(envelope))
            do {
                let statement = try Statement(parsing: envelope.payload, limits: limits)
                lines += Self.statement(statement)
                lines += SLSASummary.lines(of: statement)
            } catch {
                lines.append(Line("Statement", "not readable: \(error)"))
            }
        }
        self.lines = lines
        statementText = document.envelope.flatMap { try? JSONValue(parsing: $0.payload, limits: limits) }?.prettyText
    }

    /// The lines as text, each ended by a line feed, children indented by two spaces; everything that came from the
    /// document is escaped for a terminal.
    public var text: String {
        var text = ""
        func write(_ line: Line, depth: Int) {
            text += String(repeating: "  ", count: depth) + TerminalText.escape(line.label) + ":"
            if !line.value.isEmpty { text += " " + TerminalText.escape(line.value) }
            text += "\n"
            for child in line.children { write(child, depth: depth + 1) }
        }
        for line in lines { write(line, depth: 0) }
        return text
    }

    private static func signer(_ signer: SigstoreBundle.Signer) -> Line {
        switch signer {
        case .publicKey(let hint): Line("Signer", "key", [Line("Hint", hint.isEmpty ? "none" : hint)])
        case .certificate(let der): certificate(der, label: "Signer", kind: "certificate")
        case .certificateChain(let chain):
            Line(
                "Signer", "chain of \(chain.count) certificates",
                chain.enumerated().map { certificate($1, label: "Certificate \($0 + 1)", kind: "") })
        }
    }

    private static func certificate(_ der: [UInt8], label: String, kind: String) -> Line {
        let certificate: Certificate
        do {
            certificate = try Certificate(der: der)
        } catch {
            return Line(label, "not readable: \(error)")
        }
        var lines = certificate.alternativeNames.map { Line("Identity", $0) }
        if let issuer = certificate.identityIssuer { lines.append(Line("Identity issuer", issuer)) }
        if !certificate.subject.isEmpty { lines.append(Line("Subject", certificate.subject)) }
        lines.append(Line("Issuer", certificate.issuer))
        lines.append(Line("Serial number", certificate.serialNumber))
        lines.append(Line("Valid", certificate.validity?.description ?? "unreadable"))
        for (kind, label) in extensionLabels {
            if let value = certificate.extensions[kind] { lines.append(Line(label, value)) }
        }
        return Line(label, kind, lines)
    }

    private static let extensionLabels: KeyValuePairs<FulcioExtension, String> = [
        .buildSignerURI: "Build signer", .buildSignerDigest: "Build signer digest",
        .runnerEnvironment: "Runner environment", .sourceRepositoryURI: "Source repository",
        .sourceRepositoryDigest: "Source digest", .sourceRepositoryRef: "Source ref",
        .sourceRepositoryIdentifier: "Source repository identifier", .sourceRepositoryOwnerURI: "Source owner",
        .sourceRepositoryOwnerIdentifier: "Source owner identifier", .buildConfigURI: "Build configuration",
        .buildConfigDigest: "Build configuration digest", .buildTrigger: "Build trigger",
        .runInvocationURI: "Run invocation", .sourceRepositoryVisibilityAtSigning: "Visibility when signed",
        .deploymentEnvironment: "Deployment environment", .tokenSubject: "Token subject",
    ]

    private static func logEntries(_ entries: [LogEntry]) -> Line {
        Line(
            "Transparency log entries", String(entries.count),
            entries.prefix(listed).map { entry in
                var lines = [Line("Log", Hex.text(of: entry.logID))]
                if entry.integratedTime > 0 {
                    lines.append(Line("Integrated", UTCTime(seconds: entry.integratedTime).description))
                }
                lines.append(Line("Promise", entry.signedEntryTimestamp.isEmpty ? "no" : "yes"))
                lines.append(Line("Proof", entry.inclusionProof.map { "in a tree of \($0.treeSize)" } ?? "no"))
                return Line("Entry \(entry.logIndex)", "\(entry.kind) \(entry.kindVersion)", lines)
            })
    }

    private static func timestamps(_ timestamps: [[UInt8]]) -> Line {
        Line(
            "Timestamps", String(timestamps.count),
            timestamps.prefix(listed).map { der in
                do {
                    let timestamp = try TimestampCheck(der: der)
                    guard let claim = timestamp.claim else { return Line("Timestamp", timestamp.time.description) }
                    return Line(
                        "Timestamp", timestamp.time.description,
                        (claim.authority.map { [Line("Authority", $0)] } ?? []) + [
                            Line("Certificate's issuer", claim.issuer),
                            Line("Certificate's serial number", claim.serialNumber),
                        ])
                } catch {
                    return Line("Timestamp", "not readable: \(error)")
                }
            })
    }

    private static func message(_ message: MessageSignature) -> Line {
        let digest = message.digest.map { "\($0.algorithm.name) \(Hex.text(of: $0.digest))" } ?? "none"
        return Line("Content", "signature over the artifact", [Line("Digest", digest)])
    }

    private static func envelope(_ envelope: Envelope) -> Line {
        let keyIDs = envelope.signatures.map(\.keyID).filter { !$0.isEmpty }
        return Line(
            "Content", "DSSE envelope",
            [
                Line("Payload type", envelope.payloadType), Line("Payload", "\(envelope.payload.count) bytes"),
                Line("Signatures", String(envelope.signatures.count)),
            ] + keyIDs.map { Line("Key id", $0) })
    }

    private static func statement(_ statement: Statement) -> [Line] {
        var subjects = statement.subjects.prefix(listed).map { subject in
            Line(
                "Subject", subject.name.isEmpty ? "without a name" : subject.name,
                subject.digests.map { Line($0.algorithm, $0.value) })
        }
        let hidden = statement.subjects.count - subjects.count
        if hidden > 0 { subjects.append(Line("Subject", "and \(hidden) more")) }
        return [
            Line("Statement", statement.version.rawValue),
            Line("Subjects", String(statement.subjects.count), subjects),
            Line("Predicate type", statement.predicateType),
        ]
    }
}
