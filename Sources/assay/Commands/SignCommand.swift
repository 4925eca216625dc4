import ArgumentParser
import AssayConsole
import FoundationEssentials
import Signing
import Sigstore

/// `assay sign`: bundles for files outside of any source.
struct SignCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "sign",
        abstract: "Sign files, or what you say of them.",
        usage: "assay sign <file> ... [<options>]",
        discussion: """
            Each file gets a Sigstore bundle beside it: a signature over the file itself, or with --predicate a statement \
            about it. With --statement, that statement is signed as it is. It is signed with your key, or with --keyless \
            as the workload that this is; all files under one certificate.

            EXAMPLES:
              assay sign app.tar.gz --key release.pem
              assay sign dist/*.whl --keyless --signing-config signing_config.json --trusted-root trusted_root.json
              assay sign app.tar.gz --predicate sbom.json --type cyclonedx --bundle app.sbom.sigstore.json
              assay sign --statement statement.json --bundle statement.sigstore.json
              assay sign app.tar.gz --keyless --public
            """)

    @OptionGroup var common: CommonFlags
    @Argument(help: ArgumentHelp("The files.", valueName: "file")) var files: [String] = []
    @Option(help: ArgumentHelp("Where to write the bundle of one file.", valueName: "file")) var bundle: String?
    @Option(help: ArgumentHelp("What is appended to a file's name for its bundle.", valueName: "text"))
    var suffix = ".sigstore.json"
    @Option(help: ArgumentHelp("A file of JSON: what is said of each file.", valueName: "file"))
    var predicate: String?
    @Option(
        help: ArgumentHelp(
            "The predicate's type: a URI or one of the short names that `assay verify` takes.", valueName: "type"))
    var type: String?
    @Option(help: ArgumentHelp("A file with an in-toto statement, signed byte for byte.", valueName: "file"))
    var statement: String?
    @Flag(
        name: .customLong("public"),
        help: "The whole world may know of these files: needed where services are asked that everybody can read.")
    var isPublic = false
    @Flag(help: "Replace bundles that are there.") var force = false
    @OptionGroup(title: "Key") var keys: KeyFlags
    @OptionGroup(title: "Keyless signing and witnesses") var signing: SigningFlags

    var settingGroups: [any SettingGroup] { [keys, signing] }

    private struct Result: Encodable {
        struct File: Encodable {
            /// Nil for a statement alone.
            let file: String?
            let bundle: String
        }

        let signed: [File]
        let signer: SigningSession.Summary
    }

    func validate() throws {
        if statement == nil && files.isEmpty { throw ValidationError("Give the files to sign.") }
        if statement != nil && files.count > 1 {
            throw ValidationError("--statement goes with one file at most: one that it is about.")
        }
        if statement != nil && files.isEmpty && bundle == nil {
            throw ValidationError("--statement without a file needs --bundle, where to write the bundle.")
        }
        if bundle != nil && files.count > 1 { throw ValidationError("--bundle is for one file.") }
        if (predicate == nil) != (type == nil) { throw ValidationError("--predicate and --type go together.") }
        if predicate != nil && statement != nil {
            throw ValidationError("--predicate makes a statement, and --statement gives one; they exclude each other.")
        }
    }

    func run(settings: Settings, console: Console) async throws(CommandError) -> CommandStatus {
        let setup = try SigningSetup(settings)
        try PublicationPolicy(settings).check(
            files: files + [statement].compactMap(\.self), saidToBePublic: isPublic, mayBeSentTo: setup.urls)
        let content = try SignedContents(predicate: predicate, type: type, statement: statement)
        let names: [String?] = files.isEmpty ? [nil] : files
        let places = names.map { name in bundle ?? (name ?? "") + suffix }
        // What a log has recorded it keeps: whatever can be known beforehand is.
        for place in places where !force && FileContents.exists(place) {
            throw CommandError(
                .usage, "\(place) is there already", hint: "Choose another name, or use --force to replace it.")
        }
        let session = try await setup.open()
        session.announce(on: console)
        let notary = session.notary(expecting: content.expectation)
        var signed: [Result.File] = []
        for (name, place) in zip(names, places) {
            let made = try await content.sign(name, by: notary)
            try NewFile.write(made.bytes, to: place, mode: 0o644, replacing: force)
            signed.append(Result.File(file: name, bundle: place))
            console.detail("\(name ?? statement ?? "") → \(place)")
        }
        let result = Result(signed: signed, signer: session.summary)
        console.result(result) {
            var text: ConsoleText = result.signer.text
            for file in result.signed { text = text + "\n\(file.bundle)" }
            return text
        }
        return .success
    }
}
