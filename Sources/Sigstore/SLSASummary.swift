/// The fields of SLSA provenance that a person asks for first, from v0.2 and v1, as far as they are there.
enum SLSASummary {
    static func lines(of statement: Statement) -> [BundleReport.Line] {
        switch statement.predicateType {
        case PredicateType.slsaProvenanceV1: v1(statement.predicate)
        case PredicateType.slsaProvenanceV02: v02(statement.predicate)
        default: []
        }
    }

    private static func v1(_ predicate: JSONValue) -> [BundleReport.Line] {
        let definition = predicate["buildDefinition"]
        let run = predicate["runDetails"]
        let metadata = run?["metadata"]
        return [
            line("Build type", definition?["buildType"]),
            line("Builder", run?["builder"]?["id"]),
            values("Builder version", run?["builder"]?["version"]),
            // Written with a capital ID by some builders.
            line("Invocation", metadata?["invocationId"] ?? metadata?["invocationID"]),
            line("Started", metadata?["startedOn"]),
            line("Finished", metadata?["finishedOn"]),
            values("External parameters", definition?["externalParameters"]),
            values("Internal parameters", definition?["internalParameters"]),
            resources("Dependencies", definition?["resolvedDependencies"]),
            resources("By-products", run?["byproducts"]),
        ].compactMap { $0 }
    }

    private static func v02(_ predicate: JSONValue) -> [BundleReport.Line] {
        let invocation = predicate["invocation"]
        let metadata = predicate["metadata"]
        let source = invocation?["configSource"]
        return [
            line("Build type", predicate["buildType"]),
            line("Builder", predicate["builder"]?["id"]),
            line("Invocation", metadata?["buildInvocationId"] ?? metadata?["buildInvocationID"]),
            line("Started", metadata?["buildStartedOn"]),
            line("Finished", metadata?["buildFinishedOn"]),
            line("Configuration", source?["uri"]),
            values("Configuration digest", source?["digest"]),
            line("Entry point", source?["entryPoint"]),
            values("Parameters", invocation?["parameters"]),
            values("Environment", invocation?["environment"]),
            values("Completeness", metadata?["completeness"]),
            line("Reproducible", metadata?["reproducible"]),
            resources("Materials", predicate["materials"]),
        ].compactMap { $0 }
    }

    private static func line(_ label: String, _ value: JSONValue?) -> BundleReport.Line? {
        value.flatMap(shown).map { BundleReport.Line(label, $0) }
    }

    /// The members of an object, each on its line; deeper values as JSON.
    private static func values(_ label: String, _ value: JSONValue?) -> BundleReport.Line? {
        guard let members = value?.object?.members, !members.isEmpty else { return line(label, value) }
        return BundleReport.Line(label, "", members.compactMap { line($0.name, $0.value) })
    }

    private static func resources(_ label: String, _ value: JSONValue?) -> BundleReport.Line? {
        guard let elements = value?.array else { return nil }
        var lines = elements.prefix(BundleReport.listed).map { element in
            let name = element["uri"] ?? element["name"] ?? element["downloadLocation"]
            return BundleReport.Line(
                "Resource", name.flatMap(shown) ?? "without a name",
                (element["digest"]?.object?.members ?? []).compactMap { line($0.name, $0.value) })
        }
        let hidden = elements.count - lines.count
        if hidden > 0 { lines.append(BundleReport.Line("Resource", "and \(hidden) more")) }
        return BundleReport.Line(label, String(elements.count), lines)
    }

    private static func shown(_ value: JSONValue) -> String? {
        switch value {
        case .null: nil
        case .string(let text): text
        default: String(decoding: value.bytes, as: UTF8.self)
        }
    }
}
