import ArgumentParser
import AssayConsole
import DigestCatalog
import FoundationEssentials
import Sigstore

/// `assay inspect`: a bundle in words.
struct InspectCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Show what a bundle says. Nothing is verified.",
        usage: "assay inspect <bundle|file|-> [<options>]",
        discussion: """
            Given a bundle or a bare DSSE envelope, shows it, whatever the file is called. Given an artifact, shows the \
            bundle that stands beside it, or the catalog's.

            EXAMPLES:
              assay inspect app.tar.gz.bundle
              assay inspect /mnt/artifacts/by-source/builds/42/app.tar.gz
              assay inspect app.tar.gz.bundle --json
            """)

    @OptionGroup var common: CommonFlags
    @Argument(help: "A bundle, an artifact, or - for a bundle on standard input.")
    var file: String

    private struct Line: Encodable {
        let label: String
        let value: String?
        let children: [Line]?

        init(_ line: BundleReport.Line) {
            label = line.label
            value = line.value.isEmpty ? nil : line.value
            children = line.children.isEmpty ? nil : line.children.map(Line.init)
        }
    }

    private struct Result: Encodable {
        let bundle: String
        let isVerified = false
        let lines: [Line]
        let statement: String?
    }

    func run(settings: Settings, console: Console) async throws(CommandError) -> CommandStatus {
        let (name, document) = try find(settings)
        let report = BundleReport(document)
        let result = Result(
            bundle: name, lines: report.lines.map(Line.init),
            statement: document.envelope.map { String(decoding: $0.payload, as: UTF8.self) })
        console.result(result) {
            var text: ConsoleText = "\(name) (not verified)\n"
            text = text + ConsoleText(escaped: report.text)
            if let predicate = report.predicateText { text = text + "Predicate:\n" + ConsoleText(escaped: predicate) }
            return text
        }
        return .success
    }

    private func find(_ settings: Settings) throws(CommandError) -> (name: String, document: SigstoreDocument) {
        let path = file == "-" ? "/dev/stdin" : file
        let found = BundleFinder(settings: settings)
        // An artifact may be of any size; what is larger than any bundle is one.
        if let bytes = try? FileContents.read(path, limit: Limits().documentSize) {
            do throws(SigstoreError) {
                return (file, try SigstoreDocument(parsing: bytes))
            } catch {
                if file == "-" || BundleFinder.isBundleName(file) {
                    throw CommandError(.usage, "\(file) is no bundle that can be read: \(error)")
                }
            }
        }
        let subject = try Subject(file)
        let bundle = try found.bundle(for: subject)
        do throws(SigstoreError) { return (bundle.name, try SigstoreDocument(parsing: bundle.bytes)) } catch {
            throw CommandError(.usage, "\(bundle.name) is no bundle that can be read: \(error)")
        }
    }
}
