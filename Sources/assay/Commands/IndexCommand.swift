import ArgumentParser
import AssayConsole
import AssayModel
import DigestCatalog
import Indexing
import Synchronization

/// `assay index`: from a source into the catalog.
struct IndexCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "index",
        abstract: "Read a source into the catalog.",
        usage: "assay index <source> [<options>]",
        discussion: """
            SOURCE is s3://bucket/prefix or a folder. Objects whose keys end in .zip are read as archives, every other \
            object is itself an artifact. What has not changed since the last time is not read again.

            EXAMPLES:
              assay index s3://builds/releases/
              assay index s3://builds --s3-endpoint https://s3.example.com --jobs 8
              assay index /srv/artifacts --json
            """)

    @OptionGroup var common: CommonFlags
    @Argument(help: "s3://bucket/prefix or a folder.")
    var source: String
    @Option(help: "What the source is called in the mounted tree (default: the bucket's or folder's name).")
    var name: String?
    @OptionGroup(title: "Source") var sourceOptions: SourceFlags
    @OptionGroup(title: "Reading archives") var reading: ReadingFlags

    var settingGroups: [any SettingGroup] { [sourceOptions, reading] }

    func run(settings: Settings, console: Console) async throws(CommandError) -> CommandStatus {
        let composition = Composition(settings: settings)
        let location = try Composition.location(source)
        let catalog = try composition.openCatalog(.readWrite, mayCreate: true)
        let record = try await composition.source(at: location, name: name, in: catalog)
        let indexer = try composition.indexer(record, location, catalog)
        let watcher = IndexWatcher(console)
        console.begin(JobProgress("Indexing", items: "objects"))
        let report: IndexReport
        do { report = try await indexer.run(watcher.observe) } catch { throw CommandError(error, at: record.location) }
        console.endProgress()
        let result = IndexResult(record, report, watcher.problems)
        console.result(result) { result.text }
        return report.isComplete ? .success : .incomplete
    }
}

/// Shows what an indexer does, and keeps what it refused.
final class IndexWatcher: Sendable {
    struct Problem: Encodable, Sendable {
        let key: String
        let entry: String?
        let code: String
        let reason: String
    }

    /// So many problems are kept for the result; the rest is in the catalog.
    private static let limit = 1000
    private let console: Console
    private let kept = Mutex<[Problem]>([])

    init(_ console: Console) { self.console = console }

    var problems: [Problem] { kept.withLock { $0 } }

    @Sendable func observe(_ event: IndexEvent) {
        switch event {
        case .listed(let scan): console.update { $0.itemsTotal = scan.new + scan.changed }
        case .skipped(let problem):
            add(Problem(key: problem.name, entry: nil, code: "skipped", reason: problem.reason))
            console.warning("\(problem.name) is left out: it \(problem.reason)")
        case .read(let bytes): console.update { $0.bytesDone += bytes }
        case .indexed(let object, let entries):
            console.update {
                $0.itemsDone += 1
                $0.current = object.key.name
            }
            console.detail("\(object.key.name): \(HumanNumber.count(entries, "artifact"))")
        case .refusedEntry(let object, let refusal):
            add(Problem(key: object.key.name, entry: refusal.name, code: refusal.code, reason: refusal.reason))
            console.warning("\(object.key.name): “\(refusal.name)”: \(refusal.reason) (\(refusal.code))")
        case .refused(let object, let code, let reason):
            add(Problem(key: object.key.name, entry: nil, code: code, reason: reason))
            fail()
            console.warning("\(object.key.name): \(reason) (\(code))")
        case .failed(let object, let reason):
            add(Problem(key: object.key.name, entry: nil, code: "failed", reason: reason))
            fail()
            console.warning("\(object.key.name): \(reason)")
        }
    }

    private func fail() {
        console.update {
            $0.itemsDone += 1
            $0.failed += 1
        }
    }

    private func add(_ problem: Problem) {
        kept.withLock { if $0.count < Self.limit { $0.append(problem) } }
    }
}

/// What `assay index` prints.
struct IndexResult: Encodable {
    let source: String
    let name: String
    let listed: Int
    let unchanged: Int
    let new: Int
    let changed: Int
    let gone: Int
    let indexed: Int
    let entries: Int
    let contentSize: Int
    let bytesRead: Int
    let requests: Int
    let refusedEntries: Int
    let refusedObjects: Int
    let failedObjects: Int
    let skipped: Int
    let problems: [IndexWatcher.Problem]

    init(_ source: Source, _ report: IndexReport, _ problems: [IndexWatcher.Problem]) {
        self.source = source.location
        name = source.name
        listed = report.scan.listed
        unchanged = report.scan.unchanged
        new = report.scan.new
        changed = report.scan.changed
        gone = report.scan.gone
        indexed = report.indexed
        entries = report.entries
        contentSize = report.contentSize
        bytesRead = report.bytesRead
        requests = report.requests
        refusedEntries = report.refusedEntries
        refusedObjects = report.refused
        failedObjects = report.failed
        skipped = report.skipped
        self.problems = problems
    }

    var text: ConsoleText {
        var text: ConsoleText = """
            \(source): \(HumanNumber.count(listed, "object")), \(HumanNumber.count(new)) new, \
            \(HumanNumber.count(changed)) changed, \(HumanNumber.count(unchanged)) unchanged, \(HumanNumber.count(gone)) gone
            """
        if indexed > 0 {
            text =
                text + """

                    Indexed \(HumanNumber.count(indexed, "object")): \(HumanNumber.count(entries, "entry", plural: "entries")), \
                    \(HumanNumber.bytes(contentSize)), by \(HumanNumber.count(requests, "request")) for \
                    \(HumanNumber.bytes(bytesRead))
                    """
        }
        if refusedEntries + refusedObjects > 0 {
            text =
                text + """

                    Refused: \(HumanNumber.count(refusedObjects, "object")) and \
                    \(HumanNumber.count(refusedEntries, "entry", plural: "entries")); `assay status` lists them
                    """
        }
        if skipped > 0 {
            text =
                text
                + "\nLeft out: \(HumanNumber.count(skipped)) of the source that cannot be objects; see the warnings"
        }
        if failedObjects > 0 {
            text = text + "\nFailed: \(HumanNumber.count(failedObjects, "object")); run the command again to go on"
        }
        return text
    }
}
