import ArgumentParser
import Foundation
import Testing

@testable import AssayConsole

/// A file that a console writes to, in place of a terminal.
final class Capture {
    private let file: UnsafeMutablePointer<FILE>

    init() throws {
        file = try #require(tmpfile())
    }

    deinit { fclose(file) }

    var output: FileOutput { FileOutput(descriptor: fileno(file)) }

    var text: String {
        var bytes: [UInt8] = []
        rewind(file)
        while case let byte = fgetc(file), byte != EOF { bytes.append(UInt8(truncatingIfNeeded: byte)) }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// The program run inside the test: its exit status and all it printed.
struct ProgramRun {
    let status: CommandStatus
    let output: String
    let errors: String

    init(
        _ root: (some ParsableCommand).Type, _ arguments: [String], environment: [String: String] = [:],
        interruption: Interruption = Interruption()
    ) async throws {
        let output = try Capture()
        let errors = try Capture()
        status = await CommandRunner.run(
            root, arguments: arguments, environment: environment, output: output.output, errors: errors.output,
            interruption: interruption)
        self.output = output.text
        self.errors = errors.text
    }
}

enum Package {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
}

/// A new folder, removed with its contents at the end.
func withTemporaryFolder<Result>(_ body: (URL) async throws -> Result) async throws -> Result {
    let folder = FileManager.default.temporaryDirectory.appending(path: "assay-console-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try await body(folder)
}

/// What a test needs of the machine. Where it is absent the test is skipped, but with ASSAY_REQUIRE_ALL=1 it runs and
/// fails.
enum Requirement {
    static func isMet(program path: String) -> Bool {
        ProcessInfo.processInfo.environment["ASSAY_REQUIRE_ALL"] == "1"
            || FileManager.default.isExecutableFile(atPath: path)
    }
}
