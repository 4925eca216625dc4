import ArgumentParser
import AssayConsole
import FoundationEssentials

/// `assay verify`: artifacts against their bundles.
struct VerifyCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Check artifacts against their bundles and the signers you trust.",
        usage: """
            assay verify <path>... --key <public key> [<options>]
            assay verify <path>... --certificate-identity <identity> --certificate-oidc-issuer <issuer> [<options>]
            assay verify <path>... --policy <file> [<options>]
            assay verify --paths-from <file> | --attested ...
            """,
        discussion: """
            A path is a file, a folder of artifacts beside their bundles, or a SHA-256. The bundles are those in the \
            file that --bundle names, those beside the artifact (NAME.assay.bundle, NAME.bundle, NAME.sigstore.json, \
            NAME.sigstore, NAME.intoto.jsonl, NAME.jsonl, each with one or several), or the catalog's. One that meets \
            the terms is enough. In a folder every file has to have one, unless --skip-missing is given; symbolic links are not followed, \
            and one that leads out of the folder is a failure.

            With --key, the key decides: neither a transparency log nor a timestamp is looked at unless --trusted-root \
            is given, so a success says who signed, not when. With an identity, the certificate, its logs and the time \
            of signing are checked against the trusted root, offline.

            EXAMPLES:
              assay verify app.tar.gz --key signing-key.pub.pem
              assay verify /mnt/artifacts/by-source/releases --key signing-key.pub.pem
              assay verify app.tar.gz --bundle app.tar.gz.bundle --key signing-key.pub.pem
              assay verify app.tar.gz --certificate-identity ci@example.com --certificate-oidc-issuer https://accounts.example.com
              assay verify dist --policy policy.toml --json
              find dist -name '*.whl' | assay verify --paths-from - --policy policy.toml
              assay verify --attested --key signing-key.pub.pem
            """)

    @OptionGroup var common: CommonFlags
    @Argument(help: ArgumentHelp("Files, folders, or SHA-256 digests in hexadecimal digits.", valueName: "path"))
    var paths: [String] = []
    @Option(
        help: ArgumentHelp("Take the paths from the lines of a file, or of standard input for -.", valueName: "file"))
    var pathsFrom: String?
    @Flag(help: "Verify the bundle of every artifact in the catalog that has one, by its digest.")
    var attested = false
    @Option(help: ArgumentHelp("The bundles of the one artifact.", valueName: "file"))
    var bundle: String?
    @Flag(help: "Pass over artifacts without a bundle instead of failing; who can delete a bundle then hides a change.")
    var skipMissing = false
    @Option(help: "How many artifacts are verified at the same time (default: the number of processors).")
    var jobs: Int?
    @OptionGroup(title: "Key") var keys: KeyFlags
    @OptionGroup(title: "Trust") var trust: TrustOptions
    @OptionGroup(title: "Trusted root") var trustFlags: TrustFlags

    var settingGroups: [any SettingGroup] { [keys, trustFlags] }

    func validate() throws {
        guard [!paths.isEmpty, pathsFrom != nil, attested].count(where: \.self) == 1 else {
            throw ValidationError("Give paths, or --paths-from, or --attested.")
        }
        guard jobs ?? 1 > 0 else { throw ValidationError("--jobs is at least 1.") }
        guard bundle == nil || paths.count == 1 else { throw ValidationError("--bundle goes with one artifact.") }
    }

    /// Whether one artifact was asked about, which is then told everything of.
    private var isAboutOne: Bool { paths.count == 1 && !CandidateSource.isFolder(paths[0]) }

    func run(settings: Settings, console: Console) async throws(CommandError) -> CommandStatus {
        let verifier = try trust.verifier(settings, keyIsGiven: keys.given.contains { $0 != nil })
        var finder = BundleFinder(settings: settings)
        var judge = ArtifactJudge(verifier: verifier, finder: finder)
        if let bundle {
            guard isAboutOne else { throw CommandError(.usage, "--bundle goes with one artifact, not with a folder") }
            judge.given = BundleFinder.found(in: bundle)
        } else {
            finder = try finder.withCatalog()
            judge = ArtifactJudge(verifier: verifier, finder: finder)
        }
        var source = try source(settings, finder)
        let isAboutOne = isAboutOne
        var summary = VerifySummary()
        let start = ContinuousClock.now
        if !isAboutOne { console.begin(JobProgress("Verifying", items: "artifacts")) }
        let jobs = jobs ?? max(1, ProcessInfo.processInfo.activeProcessorCount)
        try await OrderedWork.run(jobs: jobs) {
            source.isReady
        } next: { () throws(CommandError) in
            try source.next()
        } work: { [judge] candidate in
            judge.result(of: candidate)
        } emit: { result in
            let result = skipMissing ? result.skippingMissing() : result
            summary.add(result)
            console.update {
                $0.itemsDone = summary.subjects
                $0.failed = summary.failed
                $0.bytesDone = summary.size
                $0.current = result.subject
            }
            console.item(result) { isAboutOne ? result.text : result.line }
        }
        console.endProgress()
        if Task.isCancelled { throw CommandError(.interrupted, "it was interrupted") }
        summary.seconds = ((ContinuousClock.now - start) / .milliseconds(1)).rounded() / 1000
        if settings.json { console.item(summary) { "" } } else if !isAboutOne { console.item(summary) { summary.text } }
        return summary.rejected > 0
            ? .verification : summary.failed > 0 || summary.verified == 0 ? .incomplete : .success
    }

    private func source(_ settings: Settings, _ finder: BundleFinder) throws(CommandError) -> CandidateSource {
        if let pathsFrom { return CandidateSource(lines: try PathLines(pathsFrom)) }
        guard attested else { return CandidateSource(paths: paths) }
        if let catalog = finder.catalog { return CandidateSource(attestedIn: catalog) }
        return CandidateSource(attestedIn: try Composition(settings: settings).openCatalog(.readOnly))
    }
}
