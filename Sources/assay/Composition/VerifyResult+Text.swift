import AssayConsole
import Sigstore

extension VerifyResult {
    /// Everything, for a person who asked about one subject.
    var text: ConsoleText {
        var text: ConsoleText =
            isVerified ? "\("Verified", .good): \(subject)" : "\("NOT VERIFIED", .bad): \(subject)"
        func add(_ label: String, _ value: String?) {
            guard let value, !value.isEmpty else { return }
            let blanks = String(repeating: " ", count: max(0, Self.column - label.utf8.count))
            text = text + "\n" + ConsoleText(label + blanks) + "\(value)"
        }
        add("Digest:", sha256.map { "sha256:" + $0 })
        add("Bundle:", bundle)
        add("Signed by:", signer?.identity ?? signer?.keyHint.map { "key \($0)" })
        add("Issuer:", signer?.issuer)
        for (kind, label) in Self.shown { add(label + ":", signer?.extensions?[kind.hyphenatedName]) }
        for time in signedAt { add("Signed at:", "\(time.time), says \(time.source)") }
        for record in logRecords { add("Logged in:", "\(record.log) at index \(record.index)") }
        add("Says:", predicateType.map { "\($0) of “\(subjectName ?? "")”" })
        if isVerified, predicateType == nil { add("Says:", "nothing more: a signature over the artifact itself") }
        for clause in notChecked { add("Not checked:", clause) }
        add("Reason:", reason)
        for refusal in refusals { add("", "\(refusal.bundle): \(refusal.reason)") }
        if status == .missing {
            add("", "It was looked for beside the file and in the catalog; name it with --bundle if it lies elsewhere.")
        }
        return text
    }

    private static let shown: KeyValuePairs<FulcioExtension, String> = [
        .sourceRepositoryURI: "Source repository", .sourceRepositoryRef: "Source ref",
        .sourceRepositoryDigest: "Source commit", .buildTrigger: "Build trigger",
        .buildConfigURI: "Build configuration", .runInvocationURI: "Run",
    ]

    /// Where values begin: behind the longest label, its colon and a blank.
    private static let column = (shown.map(\.value.utf8.count).max() ?? 0) + 2

    /// A line, and the reasons under it, for one subject of many.
    var line: ConsoleText {
        switch status {
        case .verified:
            let left = notChecked.isEmpty ? "" : " (not checked: \(notChecked.joined(separator: "; ")))"
            return "\("ok", .good)       \(subject)" + ConsoleText(left, .faint)
        case .skipped: return "\("skipped", .warning)  \(subject)\n         no bundle"
        case .rejected, .missing, .unreadable:
            var text: ConsoleText = "\("FAILED", .bad)   \(subject)\n         \(reason ?? "")"
            for refusal in refusals { text = text + "\n         \(refusal.bundle): \(refusal.reason)" }
            return text
        }
    }
}

extension VerifySummary {
    var text: ConsoleText {
        var parts: [String] = []
        for (count, what) in [
            (rejected, "rejected"), (missing, "without a bundle"), (unreadable, "not readable"),
            (skipped, "skipped without a bundle"),
        ] where count > 0 { parts.append("\(HumanNumber.count(count)) \(what)") }
        let tenths = Int((seconds * 10).rounded())
        var text: ConsoleText =
            "Verified \(HumanNumber.count(verified)) of \(HumanNumber.count(subjects, "artifact")) in \(tenths / 10).\(tenths % 10) s"
        if !parts.isEmpty { text = text + ": \(parts.joined(separator: ", "))" }
        if subjects == 0 { text = text + ": there was nothing to verify" }
        for clause in notChecked { text = text + "\nNot checked: \(clause)" }
        return text
    }
}
