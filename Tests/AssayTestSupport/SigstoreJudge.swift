public import Foundation

/// Other people's programs and files that judge our bundles. Tests that need one are skipped where it is missing, and
/// fail there if `ASSAY_REQUIRE_ALL=1`.
public enum SigstoreJudge: String, Sendable {
    case cosign, openssl

    /// Where the program is: `ASSAY_COSIGN`, then `PATH`, then the place that the judges' own installer uses.
    public var path: String? {
        let environment = ProcessInfo.processInfo.environment
        var candidates = [environment["ASSAY_" + rawValue.uppercased()]].compactMap { $0 }
        candidates += (environment["PATH"] ?? "").split(separator: ":").map { "\($0)/\(rawValue)" }
        candidates.append((environment["HOME"] ?? "") + "/.cache/sigstore-local/bin/\(rawValue)")
        return candidates.first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    /// Whether a test that needs the program runs: it is there, or must be.
    public var isRequired: Bool { path != nil || Self.allAreRequired }

    /// `ASSAY_REQUIRE_ALL=1`: a skipped test is not a pass.
    public static var allAreRequired: Bool { ProcessInfo.processInfo.environment["ASSAY_REQUIRE_ALL"] == "1" }

    /// The conformance suite's bundles, beside the package.
    public static let conformanceAssets = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "shared/conformance/assets/bundle-verify")

    /// Whether tests over the conformance assets run.
    public static var conformanceIsRequired: Bool {
        allAreRequired || FileManager.default.fileExists(atPath: conformanceAssets.path)
    }

    public struct Missing: Error, CustomStringConvertible {
        let program: String
        public var description: String { "\(program) is not installed; set ASSAY_\(program.uppercased()) to its path" }
    }

    public typealias Outcome = Tool.Outcome

    /// Runs the program to its end.
    public func run(
        _ arguments: [String], in folder: URL, environment: [String: String] = [:]
    ) throws -> Outcome {
        guard let path else { throw Missing(program: rawValue) }
        return try Tool.run(URL(filePath: path), arguments, in: folder, environment: environment)
    }
}
