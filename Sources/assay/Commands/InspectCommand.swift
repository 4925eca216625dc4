import ArgumentParser
import AssayConsole
import DigestCatalog
import FoundationEssentials
import Sigstore

/// `assay inspect`: bundles in words.
struct InspectCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Show what a bundle says. Nothing is verified.",
        usage: "assay inspect <bundle|file|-> [<options>]",
        discussion: """
            Given a bundle or a bare DSSE envelope, shows it, whatever the file is called; given a file of several \
            (JSON lines, or a registry's list of attestations), shows them all. Given an artifact, shows the bundle that \
            stands beside it, or the catalog's.

            EXAMPLES:
              assay inspect app.tar.gz.bundle
              assay inspect /mnt/artifacts/by-source/builds/42/app.tar.gz
              assay inspect sha256:9f86d0....jsonl
              assay inspect app.tar.gz.bundle --json
            """)

    @OptionGroup var common: CommonFlags
    @Argument(help: "A bundle, an artifact, or - for a bundle on standard input.")
    var file: String

    func run(settings: Settings, console: Console) async throws(CommandError) -> CommandStatus {
        let (name, documents) = try find(settings)
        if settings.json {
            let result: JSONObject = ["file": .string(name), "verified": .bool(false), "documents": documents.json()]
            console.document(Array(JSONValue.object(result).prettyText.utf8))
        } else {
            console.document(Array(Self.text(name, documents).utf8))
        }
        return documents.entries.allSatisfy { (try? $0.document.get()) != nil } ? .success : .incomplete
    }

    /// All that comes from the documents is escaped by the report.
    private static func text(_ name: String, _ documents: SigstoreDocuments) -> String {
        let count = documents.entries.count
        var text =
            Sigstore.TerminalText.escape(name) + (count > 1 ? ": \(count) documents" : "") + " (not verified)\n"
        for (index, entry) in documents.entries.enumerated() {
            if let place = entry.place { text += "\n[\(index + 1)] \(place)\n" }
            do throws(SigstoreError) {
                let report = BundleReport(try entry.document.get())
                text += report.text
                if let statement = report.statementText { text += "The whole statement:\n\(statement)\n" }
            } catch {
                text += "Not readable: \(error)\n"
            }
        }
        return text
    }

    private func find(_ settings: Settings) throws(CommandError) -> (name: String, documents: SigstoreDocuments) {
        let path = file == "-" ? "/dev/stdin" : file
        let found = BundleFinder(settings: settings)
        // An artifact may be of any size; what is larger than any bundle is one.
        if let bytes = try? FileContents.read(path, limit: Limits().documentSize) {
            do throws(SigstoreError) {
                return (file, try SigstoreDocuments(parsing: bytes))
            } catch {
                if file == "-" || BundleFinder.isBundleName(file) {
                    throw CommandError(.usage, "\(file) is no bundle that can be read: \(error)")
                }
            }
        }
        let subject = try Subject(file)
        let bundle = try found.bundle(for: subject)
        do throws(SigstoreError) { return (bundle.name, try SigstoreDocuments(parsing: bundle.bytes)) } catch {
            throw CommandError(.usage, "\(bundle.name) is no bundle that can be read: \(error)")
        }
    }
}
