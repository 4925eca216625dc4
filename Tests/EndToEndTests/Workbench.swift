import AssayTestSupport
import Foundation
import Glibc

/// A home, a catalog and a key of a test's own, and the built program.
///
/// What the test mounts below `folder`, the folder itself and the processes that use it go away with the test, and also
/// if the process of the tests dies: a shell waits for the end of a pipe that only this process holds.
final class Workbench: Sendable {
    static let program = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        .deletingLastPathComponent().appending(path: "assay").path

    let folder: URL
    let environment: [String: String]
    private let janitor: Child
    private let pipe: Int32

    private init(_ server: SeaweedFSServer?) throws {
        folder = FileManager.default.temporaryDirectory.resolvingSymlinksInPath()
            .appending(path: "assay-e2e-" + UUID().uuidString)
        try FileManager.default.createDirectory(
            at: folder.appending(path: "printed"), withIntermediateDirectories: true)
        var environment = [
            "HOME": folder.appending(path: "home").path, "ASSAY_CONFIG": "/dev/null", "LANG": "C.UTF-8",
            "ASSAY_CATALOG": folder.appending(path: "catalog.sqlite").path, "PATH": Environment.path,
        ]
        if let server { environment.merge(server.environment) { $1 } }
        self.environment = environment
        let script = """
            trap '' TERM
            cat >/dev/null
            kill -TERM 0
            for place in "$1"/mount*; do "$2" umount --lazy "$place"; done
            rm -rf --one-file-system "$1"
            """
        var ends: [Int32] = [0, 0]
        guard Glibc.pipe(&ends) == 0, fcntl(ends[1], F_SETFD, FD_CLOEXEC) == 0 else {
            throw Child.NotStarted(description: "There is no pipe to be had.")
        }
        defer { close(ends[0]) }
        pipe = ends[1]
        janitor = try Child(
            ["sh", "-c", script, "sh", folder.path, Self.program], environment: environment, input: ends[0],
            folder: folder.appending(path: "printed"))
    }

    /// Runs `body` with a bench, and clears it away afterwards.
    static func use<R>(_ server: SeaweedFSServer? = nil, _ body: (Workbench) async throws -> R) async throws -> R {
        let bench = try Workbench(server)
        defer {
            close(bench.pipe)
            bench.janitor.wait()
        }
        return try await body(bench)
    }

    /// The path of something in the bench's folder.
    func path(_ name: String) -> String { folder.appending(path: name).path }

    /// A new folder.
    func makeFolder(_ name: String) throws -> String {
        try FileManager.default.createDirectory(atPath: path(name), withIntermediateDirectories: true)
        return path(name)
    }

    /// Runs the program to its end.
    func assay(_ arguments: String..., with variables: [String: String] = [:]) async throws -> Child.Result {
        try await start(arguments, with: variables).result()
    }

    /// Starts the program.
    func start(_ arguments: [String], with variables: [String: String] = [:]) throws -> Child {
        try run([Self.program] + arguments, with: variables)
    }

    /// Starts another program, in the bench's environment.
    func run(_ command: [String], with variables: [String: String] = [:], input: Int32? = nil) throws -> Child {
        try Child(
            command, environment: environment.merging(variables) { $1 }, input: input, group: janitor.pid,
            folder: folder.appending(path: "printed"))
    }

    /// Runs a program that has to succeed; returns what it prints.
    @discardableResult
    func tool(_ command: [String], with variables: [String: String] = [:]) async throws -> String {
        let result = try await run(command, with: variables).result()
        guard result.end == .exited(0) else {
            throw Child.NotStarted(description: "\(command.prefix(3)): \(result.end): \(result.errors)")
        }
        return result.output
    }

    /// Where Assay trees are mounted below the bench's folder, by the kernel's own account.
    var mounts: [String] {
        get throws {
            // A read gives whole lines only, and Foundation takes one that is not full for the end of the file.
            let file = try FileHandle(forReadingFrom: URL(filePath: "/proc/self/mountinfo"))
            var bytes = Data()
            while let more = try file.read(upToCount: 1 << 16), !more.isEmpty { bytes += more }
            return String(decoding: bytes, as: UTF8.self).split(separator: "\n")
                .filter { $0.contains(" - fuse.assay ") }.compactMap { $0.split(separator: " ")[4] }
                .filter { $0.hasPrefix(folder.path) }.map(String.init)
        }
    }
}

/// What the machine offers beyond `Requirement`.
enum Environment {
    static let variables = ProcessInfo.processInfo.environment
    static var path: String { variables["PATH"] ?? "/usr/bin:/bin" }

    /// Real wheels: the folder that `ASSAY_WHEELS` names, else the one that `.ci/install-dependencies` fills.
    static let wheels: [URL] = {
        let home = variables["HOME"] ?? ""
        let cache = variables["XDG_CACHE_HOME"].flatMap { $0.isEmpty ? nil : $0 } ?? "\(home)/.cache"
        let folder = variables["ASSAY_WHEELS"] ?? "\(cache)/assay/wheels"
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.filter { $0.hasSuffix(".whl") }.sorted().map { URL(filePath: folder).appending(path: $0) }
    }()

    /// Whether tests that need the wheels run: there are enough, or there have to be.
    static var wheelsMayBeUsed: Bool { wheels.count >= 40 || allIsRequired }

    /// Whether tests that need Python run.
    static var pythonMayRun: Bool { FileManager.default.isExecutableFile(atPath: "/usr/bin/python3") || allIsRequired }

    private static var allIsRequired: Bool { variables["ASSAY_REQUIRE_ALL"] == "1" }
}
