public import Foundation

/// A Sigstore of our own on loopback: real Fulcio, Rekor v2 and timestamp authority, with an issuer of identity tokens and
/// a certificate log of a few lines. It ends with the process of the tests, however that ends.
///
/// Tests that use it carry `.enabled(if: Requirement.localSigstore.mayRun, "...")`.
public final class LocalSigstore: Sendable {
    /// Why it did not start, or did not give what was asked.
    public struct Failure: Error, CustomStringConvertible {
        public let description: String
    }

    public let fulcioURL: String
    public let rekorURL: String
    public let timestampURL: String
    /// Who vouches for identities: the issuer in certificates.
    public let issuer: String
    public let certificateLogURL: String
    /// Where its keys, logs and documents are.
    public let folder: URL
    private let lifeline: Lifeline

    /// For verifiers.
    public var trustedRoot: URL { folder.appending(path: "trusted_root.json") }
    /// For cosign and sigstore-go.
    public var signingConfig: URL { folder.appending(path: "signing_config.json") }
    /// Both in one, for sigstore-python.
    public var trustConfig: URL { folder.appending(path: "trust_config.json") }

    /// The one instance of a test run, started for the first who asks.
    public static func shared() async throws -> LocalSigstore { try await Shared.instance.sigstore() }

    /// Calls `body` with an instance of its own: other keys, an empty log.
    public static func use<R>(_ body: (LocalSigstore) async throws -> R) async throws -> R {
        let sigstore = try await start()
        defer { sigstore.lifeline.end() }
        return try await body(sigstore)
    }

    /// A script of the local Sigstore, beside the package.
    static func script(_ name: String) -> URL {
        URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "shared/sigstore-local/\(name)")
    }

    // MARK: Identities

    /// The identity in the certificates of jobs in that project.
    public static func identity(project: String = "acme/widget", ref: String = "refs/heads/main") -> String {
        "https://gitlab.example.com/\(project)//.gitlab-ci.yml@\(ref)"
    }

    /// An identity token as GitLab's jobs get them.
    ///
    /// - Parameters:
    ///   - ref: a branch.
    ///   - lifetime: how many seconds it is valid; negative if it has expired so long ago.
    ///   - claims: claims to set, by their names, as JSON; `null` leaves one out.
    public func mintToken(
        project: String = "acme/widget", ref: String = "main", audience: String = "sigstore", subject: String? = nil,
        lifetime: Int = 3600, claims: [String: String] = [:]
    ) throws -> String {
        var arguments = ["--project", project, "--ref", ref, "--aud", audience, "--expires", String(lifetime)]
        if let subject { arguments += ["--sub", subject] }
        for claim in claims.sorted(by: { $0.key < $1.key }) { arguments += ["--claim", "\(claim.key)=\(claim.value)"] }
        return try Tool.output(
            of: Self.script("mint-token"), arguments, environment: ["SIGSTORE_LOCAL_STATE": folder.path])
    }

    // MARK: Starting

    private actor Shared {
        static let instance = Shared()
        private var start: Task<LocalSigstore, any Error>?

        func sigstore() async throws -> LocalSigstore {
            let task = start ?? Task { try await LocalSigstore.start() }
            start = task
            return try await task.value
        }
    }

    private init(variables: [String: String], folder: URL, lifeline: Lifeline) throws {
        func value(_ name: String) throws -> String {
            guard let value = variables[name] else { throw Failure(description: "The local Sigstore has no \(name).") }
            return value
        }
        fulcioURL = try value("FULCIO_URL")
        rekorURL = try value("REKOR_URL")
        timestampURL = try value("TSA_URL")
        issuer = try value("OIDC_ISSUER")
        certificateLogURL = try value("CT_URL")
        self.folder = folder
        self.lifeline = lifeline
    }

    private static func start() async throws -> LocalSigstore {
        try Requirement.localSigstore.find()
        let folder = FileManager.default.temporaryDirectory.appending(path: "assay-sigstore-\(UUID().uuidString)")
        let printed = folder.path + ".log"
        // The script learns by its input's end that nobody needs the servers any more. `started` comes last of all.
        let lifeline = try Lifeline(
            script: """
                trap 'exit 1' HUP INT TERM
                trap '"$1" stop --dir "$2" >/dev/null 2>&1; rm -rf "$2" "$3"' EXIT
                "$1" start --dir "$2" </dev/null >"$3" 2>&1 || { echo failed >>"$3"; read -r line; exit 1; }
                : >"$2/started"
                read -r line
                """, [script("run").path, folder.path, printed])
        let started = folder.appending(path: "started").path
        for _ in 0..<1200 where lifeline.isRunning {
            if FileManager.default.fileExists(atPath: started) {
                return try LocalSigstore(variables: variables(folder), folder: folder, lifeline: lifeline)
            }
            if (try? String(contentsOfFile: printed, encoding: .utf8))?.hasSuffix("failed\n") == true { break }
            try await Task.sleep(for: .milliseconds(50))
        }
        let log = (try? String(contentsOfFile: printed, encoding: .utf8)) ?? ""
        lifeline.end()
        throw Failure(description: "The local Sigstore does not start: \(log.suffix(1000))")
    }

    /// What `env`, a script of exports, sets.
    private static func variables(_ folder: URL) throws -> [String: String] {
        let text = try String(contentsOf: folder.appending(path: "env"), encoding: .utf8)
        var variables: [String: String] = [:]
        for line in text.split(separator: "\n") where line.hasPrefix("export ") {
            let parts = line.dropFirst("export ".count).split(separator: "=", maxSplits: 1)
            guard parts.count == 2 else { continue }
            variables[String(parts[0])] = parts[1].trimmingCharacters(in: ["'"])
        }
        return variables
    }
}
