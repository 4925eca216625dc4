import AssayConsole
public import Sigstore

/// A file that says whose signatures are accepted, and for what (docs/POLICY.md).
public struct PolicyFile: Sendable {
    public let terms: TrustTerms
    /// Whom to believe about certificates, times and logs; nil if the file names no trusted root.
    public let root: TrustedRoot?

    /// The policy of the file at `path`. Files that it names are looked for in its folder.
    ///
    /// - Throws: `unreadable` or `malformed`; there is no policy that holds only in part.
    public init(path: String) throws(TrustPolicyError) {
        let bytes = try Self.read(path, limit: PolicyLimits.fileSize)
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw .malformed(place: path, problem: "it is not UTF-8 text", hint: nil)
        }
        let table = try PolicyTable(text: text, path: path)
        try table.check(
            known: [
                "types", "not-before", "trusted-roots", "insecure-ignore-tlog", "insecure-ignore-sct",
                "insecure-ignore-time", "signer",
            ])
        let folder = path.contains("/") ? path.prefix(through: path.lastIndex(of: "/") ?? path.startIndex) : ""
        root = try Self.root(table, folder: folder)
        var terms = try TrustTerms(expecting: Self.expectation(table))
        terms.keysNeedLog = root != nil
        for (key, check) in Self.ignorable where try table.flag(key) { terms.ignored.insert(check) }
        if let text = try table.text("not-before") {
            guard let time = UTCTime(rfc3339: text) else {
                throw table.fault("not-before", "must be a time such as \"2025-01-31T00:00:00Z\"")
            }
            terms.earliest = time
        }
        let signers = try table.tables("signer")
        guard signers.count <= PolicyLimits.signers else {
            throw table.fault("signer", "is there more than \(PolicyLimits.signers) times")
        }
        for signer in signers { try Self.add(signer, to: &terms, folder: folder) }
        if let contradiction = terms.contradiction {
            throw table.fault(
                nil, contradiction, hint: signers.isEmpty ? "Add a [[signer]] with an identity or a key." : nil)
        }
        self.terms = terms
    }

    private static let ignorable: KeyValuePairs<String, VerificationPolicy.Check> = [
        "insecure-ignore-tlog": .transparencyLog, "insecure-ignore-sct": .certificateLog,
        "insecure-ignore-time": .time,
    ]

    private static func expectation(
        _ table: PolicyTable
    ) throws(TrustPolicyError) -> VerificationPolicy.Expectation {
        // What an artifact's signature has to say is never left open by saying nothing.
        let names = try table.texts("types") ?? [PredicateType.slsaProvenanceV1]
        switch ExpectationName.expectation(names) {
        case .success(let expectation): return expectation
        case .failure(let problem): throw table.fault("types", "cannot be used: \(problem)")
        }
    }

    private static func root(_ table: PolicyTable, folder: Substring) throws(TrustPolicyError) -> TrustedRoot? {
        guard let paths = try table.texts("trusted-roots") else { return nil }
        var roots: [TrustedRoot] = []
        for path in paths {
            let bytes = try read(resolved(path, in: folder), limit: PolicyLimits.rootSize)
            do throws(SigstoreError) { roots.append(try TrustedRoot(parsing: bytes)) } catch {
                throw table.fault("trusted-roots", "names \(path), which cannot be used: \(error)")
            }
        }
        guard !roots.isEmpty else { throw table.fault("trusted-roots", "is empty", hint: "Leave the key out instead.") }
        return TrustedRoot(merging: roots)
    }

    private static let certificateKeys = [
        "identity", "identity-regexp", "issuer", "issuer-regexp", "extensions", "extensions-regexp",
    ]

    private static func add(
        _ table: PolicyTable, to terms: inout TrustTerms, folder: Substring
    ) throws(TrustPolicyError) {
        try table.check(known: certificateKeys + ["key"])
        if let path = try table.text("key") {
            guard !table.hasAny(certificateKeys) else {
                throw table.fault("key", "stands alone: a key has no identity and no extensions")
            }
            let bytes = try read(resolved(path, in: folder), limit: PolicyLimits.keySize)
            do throws(SigstoreError) { terms.keys.append(try PublicKey(pem: bytes)) } catch {
                throw table.fault("key", "names \(path), which cannot be used: \(error)")
            }
            return
        }
        terms.identities.append(
            CertificateIdentity(
                subject: try pattern(table, "identity"), issuer: try pattern(table, "issuer"),
                extensions: try extensions(table)))
    }

    private static func pattern(_ table: PolicyTable, _ key: String) throws(TrustPolicyError) -> TextPattern {
        switch (try table.text(key), try table.text("\(key)-regexp")) {
        case (let exact?, nil): return .exact(exact)
        case (nil, let expression?): return try regularExpression(expression, at: table.place("\(key)-regexp"))
        case (_?, _?): throw table.fault(key, "and \(key)-regexp exclude each other")
        case (nil, nil):
            throw table.fault(
                nil, "the signer has neither \(key) nor \(key)-regexp",
                hint: "A certificate's signer has an identity and an issuer; another one a key.")
        }
    }

    private static func extensions(
        _ table: PolicyTable
    ) throws(TrustPolicyError) -> [FulcioExtension: TextPattern] {
        var patterns: [FulcioExtension: TextPattern] = [:]
        for (group, isExpression) in [("extensions", false), ("extensions-regexp", true)] {
            for (name, value, place) in try table.textTable(group) {
                guard let kind = FulcioExtension(hyphenatedName: name) else {
                    let names = FulcioExtension.allCases.map(\.hyphenatedName)
                    let nearest = Spelling.nearest(to: name, among: names).map { "Did you mean \($0)?" }
                    throw .malformed(
                        place: place, problem: "certificates have no extension \(TerminalText.escaped(name))",
                        hint: nearest ?? "The names are \(names.joined(separator: ", ")).")
                }
                let pattern = isExpression ? try regularExpression(value, at: place) : TextPattern.exact(value)
                guard patterns.updateValue(pattern, forKey: kind) == nil else {
                    throw .malformed(place: place, problem: "\(name) is there twice", hint: nil)
                }
            }
        }
        return patterns
    }

    private static func regularExpression(_ text: String, at place: String) throws(TrustPolicyError) -> TextPattern {
        do throws(SigstoreError) { return try .regularExpression(text) } catch {
            throw .malformed(place: place, problem: "\(error)", hint: nil)
        }
    }

    private static func resolved(_ path: String, in folder: Substring) -> String {
        path.hasPrefix("/") ? path : folder + path
    }

    private static func read(_ path: String, limit: Int) throws(TrustPolicyError) -> [UInt8] {
        do throws(FileProblem) { return try SmallFile.read(path, limit: limit) } catch {
            throw .unreadable(path: path, reason: error.description)
        }
    }
}
