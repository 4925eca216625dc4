import ArgumentParser
import AssayConsole
import AssayModel
import DigestCatalog

/// `assay lookup`: a digest in, everything known of it out.
struct LookupCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "lookup",
        abstract: "Tell where an artifact is, and write its bundle.",
        usage: "assay lookup <digest|file> [<options>]",
        discussion: """
            EXAMPLES:
              assay lookup sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
              assay lookup ./app.tar.gz
              assay lookup ./app.tar.gz --bundle app.tar.gz.bundle
              assay lookup ./app.tar.gz --bundle - | assay inspect -
            """)

    @OptionGroup var common: CommonFlags
    @Argument(help: "A SHA-256 in hexadecimal digits, or a file.")
    var subject: String
    @Option(help: ArgumentHelp("Write the bundle to this file, or to standard output for -.", valueName: "file"))
    var bundle: String?
    @Option(help: "The most places to list.")
    var limit = 100

    private struct Place: Encodable {
        let source: String
        let key: String
        let entry: String?
        let etag: String
        let version: String?
        let isGone: Bool
    }

    private struct Written: Encodable {
        let sha256: String
        let bundle: String
        let bundleSize: Int
    }

    private struct Result: Encodable {
        let sha256: String
        let size: Int
        let firstSeen: String
        let places: [Place]
        let attestations: [AttestationRow]
    }

    func validate() throws {
        guard limit > 0 else { throw ValidationError("--limit is at least 1.") }
    }

    func run(settings: Settings, console: Console) async throws(CommandError) -> CommandStatus {
        let subject = try Subject(subject)
        let catalog = try Composition(settings: settings).openCatalog(.readOnly)
        do throws(CatalogError) {
            guard let artifact = try catalog.artifact(subject.digest) else {
                console.report(
                    CommandError(
                        .incomplete, "\(subject.digest) is not in the catalog",
                        hint: "`assay status` shows which sources were indexed, and when."))
                return .incomplete
            }
            if let bundle { return try write(subject.digest, catalog, to: bundle, console) }
            let places = try catalog.occurrences(of: artifact, limit: limit)
            let attestations = try catalog.attestations(of: artifact.digest)
            show(artifact, places, attestations, console)
            return .success
        } catch { throw CommandError(error) }
    }

    private func show(
        _ artifact: Artifact, _ places: [Occurrence], _ attestations: [Attestation], _ console: Console
    ) {
        let result = Result(
            sha256: artifact.digest.hex, size: artifact.size, firstSeen: "\(artifact.firstSeen)",
            places: places.map {
                Place(
                    source: $0.source.location, key: $0.object.key.name, entry: $0.entryPath,
                    etag: $0.object.version.etag, version: $0.object.version.id, isGone: $0.state == .gone)
            },
            attestations: attestations.map(AttestationRow.init))
        console.result(result) {
            var text: ConsoleText = """
                \(artifact.digest)
                Size:       \(HumanNumber.bytes(artifact.size))
                First seen: \(artifact.firstSeen)
                """
            for place in places {
                text = text + "\nIn:         \(place)\(place.state == .gone ? " (gone)" : "")"
            }
            if places.count == limit { text = text + "\n            (there may be more: --limit)" }
            if attestations.isEmpty { text = text + "\nAttested:   no; `assay attest` does it" }
            for attestation in attestations { text = text + "\nAttested:   " + AttestationRow(attestation).text }
            return text
        }
    }

    private func write(
        _ digest: SHA256Digest, _ catalog: Catalog, to path: String, _ console: Console
    ) throws(CatalogError) -> CommandStatus {
        guard let bytes = try catalog.bundleBytes(of: digest) else {
            console.report(CommandError(.incomplete, "\(digest) has no attestation", hint: "`assay attest` makes it."))
            return .incomplete
        }
        if path == "-" {
            console.document(bytes)
            return .success
        }
        do throws(CommandError) {
            try NewFile.write(bytes, to: path, mode: 0o644, replacing: true)
        } catch {
            console.report(error)
            return error.status
        }
        console.result(Written(sha256: digest.hex, bundle: path, bundleSize: bytes.count)) {
            "Wrote the bundle of \(digest) to \(path)"
        }
        return .success
    }
}

/// An attestation as commands show it.
struct AttestationRow: Encodable {
    let status: String
    let predicateKind: String
    let predicateType: String
    let created: String
    let expires: String
    let error: String?
    let bundleSize: Int

    init(_ attestation: Attestation) {
        status = attestation.status == .success ? "success" : "error"
        predicateKind = attestation.predicateKind
        predicateType = attestation.predicateType
        created = "\(attestation.created)"
        expires = "\(attestation.expires)"
        error = attestation.error
        bundleSize = attestation.bundleSize
    }

    var text: ConsoleText {
        if let error { return "failed \(created): \(error)" }
        return "\(created), valid until \(expires), \(predicateType), bundle of \(HumanNumber.bytes(bundleSize))"
    }
}
