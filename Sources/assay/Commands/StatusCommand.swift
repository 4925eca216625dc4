import ArgumentParser
import AssayConsole
import DigestCatalog

/// `assay status`: what the catalog holds.
struct StatusCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show sources, counts, sizes and what was refused.",
        usage: "assay status [<options>]",
        discussion: """
            EXAMPLES:
              assay status
              assay status --problems 1000
              assay status --json
            """)

    @OptionGroup var common: CommonFlags
    @Option(help: ArgumentHelp("The most problems of each kind to list.", valueName: "count"))
    var problems = 20

    private struct SourceRow: Encodable {
        let name: String
        let location: String
        let scanned: String?
        let objects: [String: Int]
        let storedSize: Int
        let entries: Int
        let contentSize: Int
        let refusedEntries: Int
    }

    private struct ProblemRow: Encodable {
        let kind: String
        let source: String?
        let key: String?
        let name: String?
        let reason: String
    }

    private struct Result: Encodable {
        let catalog: String
        let catalogSize: Int
        let artifacts: Int
        let attested: Int
        let failedAttestations: Int
        let pendingAttestations: Int
        let expiredAttestations: Int
        let sources: [SourceRow]
        let problems: [ProblemRow]
    }

    func validate() throws {
        guard problems >= 0 else { throw ValidationError("--problems is not negative.") }
    }

    func run(settings: Settings, console: Console) async throws(CommandError) -> CommandStatus {
        let catalog = try Composition(settings: settings).openCatalog(.readOnly)
        let result: Result
        do throws(CatalogError) { result = try collect(catalog) } catch { throw CommandError(error) }
        console.result(result) { text(result) }
        return .success
    }

    private func collect(_ catalog: Catalog) throws(CatalogError) -> Result {
        let whole = try catalog.status(now: Composition.now())
        var sources: [SourceRow] = []
        for source in try catalog.sources() {
            let status = try catalog.status(of: source)
            let objects = ObjectState.allCases.map { ("\($0)", status.objects[$0] ?? 0) }
            sources.append(
                SourceRow(
                    name: source.name, location: source.location, scanned: status.scanned?.description,
                    objects: Dictionary(uniqueKeysWithValues: objects), storedSize: status.storedSize,
                    entries: status.entries, contentSize: status.contentSize, refusedEntries: status.refusedEntries))
        }
        return Result(
            catalog: catalog.path, catalogSize: whole.databaseSize, artifacts: whole.artifacts,
            attested: whole.attested,
            failedAttestations: whole.failedAttestations, pendingAttestations: whole.pendingAttestations,
            expiredAttestations: whole.expiredAttestations, sources: sources,
            problems: try catalog.problems(limit: problems).map {
                ProblemRow(
                    kind: $0.kind.rawValue, source: $0.location.isEmpty ? nil : $0.location,
                    key: $0.key.isEmpty ? nil : $0.key, name: $0.name.isEmpty ? nil : $0.name, reason: $0.reason)
            })
    }

    private func text(_ result: Result) -> ConsoleText {
        var text: ConsoleText = """
            Catalog:   \(result.catalog) (\(HumanNumber.bytes(result.catalogSize)))
            Artifacts: \(HumanNumber.count(result.artifacts)), \(HumanNumber.count(result.attested)) attested, \
            \(HumanNumber.count(result.expiredAttestations)) expired, \(HumanNumber.count(result.failedAttestations)) failed, \
            \(HumanNumber.count(result.pendingAttestations)) waiting for a log

            """
        var table = TextTable([
            ("source", .leading), ("location", .leading), ("last listed", .leading), ("indexed", .trailing),
            ("pending", .trailing), ("refused", .trailing), ("gone", .trailing), ("entries", .trailing),
            ("stored", .trailing), ("content", .trailing),
        ])
        for source in result.sources {
            func count(_ state: ObjectState) -> ConsoleText {
                ConsoleText(HumanNumber.count(source.objects["\(state)"] ?? 0))
            }
            table.add([
                ConsoleText(source.name), ConsoleText(source.location), ConsoleText(source.scanned ?? "never"),
                count(.indexed), count(.pending), count(.refused), count(.gone),
                ConsoleText(HumanNumber.count(source.entries)), ConsoleText(HumanNumber.bytes(source.storedSize)),
                ConsoleText(HumanNumber.bytes(source.contentSize)),
            ])
        }
        text = text + "\n" + table.text
        if !result.problems.isEmpty { text = text + "\n" }
        for problem in result.problems {
            let place = [problem.source, problem.key, problem.name].compactMap(\.self).joined(separator: " ")
            text = text + "\("refused:", .warning) \(place): \(problem.reason)\n"
        }
        let refused = result.sources.reduce(0) { $0 + $1.refusedEntries + ($1.objects["refused"] ?? 0) }
        if refused > result.problems.count { text = text + "(more: --problems COUNT)\n" }
        return text
    }
}
