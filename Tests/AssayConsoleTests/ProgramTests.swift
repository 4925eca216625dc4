import Foundation
import Testing

@testable import AssayConsole

/// The built program, run as a process.
@Suite struct ProgramTests {
    private static let executable = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        .deletingLastPathComponent().appending(path: "assay")

    private func run(
        _ arguments: [String], environment: [String: String] = [:], output: FileHandle? = nil,
        executable: URL = executable
    ) throws -> (code: Int32, output: String, errors: String) {
        let process = Process()
        let (out, err) = (Pipe(), Pipe())
        process.executableURL = executable
        process.arguments = arguments
        process.environment = environment
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output ?? out
        process.standardError = err
        try process.run()
        // What the tests print fits into a pipe, so the order of reading does not matter.
        let printed = output == nil ? out.fileHandleForReading.readDataToEndOfFile() : Data()
        let said = err.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (
            process.terminationStatus, String(decoding: printed, as: UTF8.self), String(decoding: said, as: UTF8.self)
        )
    }

    private struct Report: Decodable {
        struct Row: Decodable {
            let name: String
            let value: String?
            let origin: String
        }
        let settings: [Row]
    }

    @Test func configTellsWhereEachValueComesFrom() async throws {
        try await withTemporaryFolder { folder in
            let file = folder.appending(path: "assay.toml")
            try Data("jobs = 5\n[s3]\nregion = \"r1\"\n".utf8).write(to: file)
            let result = try run(
                ["config", "--json", "--limit-ratio", "50"],
                environment: ["ASSAY_CONFIG": file.path(), "ASSAY_JOBS": "9", "HOME": "/home/ann"])
            #expect(result.code == 0 && result.errors.isEmpty)
            let rows = try JSONDecoder().decode(Report.self, from: Data(result.output.utf8)).settings
            func row(_ name: String) -> [String?] {
                rows.filter { $0.name == name }.flatMap { [$0.value, $0.origin] }
            }
            #expect(row("limit-ratio") == ["50", "flag"])
            #expect(row("jobs") == ["9", "environment"])
            #expect(row("s3-region") == ["r1", "file"])
            #expect(row("catalog") == ["/home/ann/.local/share/assay/catalog.sqlite", "default"])
            #expect(row("s3-endpoint") == [nil, "default"])
        }
    }

    @Test func usageErrorsEndWithTwo() throws {
        let result = try run(["config", "--jbos", "3"])
        #expect(result.code == 2)
        #expect(result.errors.hasPrefix("assay: Unknown option '--jbos'"))
    }

    @Test func helpListsCommandsExamplesAndExitCodes() throws {
        let result = try run(["--help"])
        #expect(result.code == 0)
        for status in CommandStatus.allCases {
            #expect(result.output.contains("\(status.rawValue)  \(status.meaning)"))
        }
        #expect(result.output.contains("EXAMPLES:") && result.output.contains("config"))
    }

    @Test func fullDiskIsReported() throws {
        let full = try #require(FileHandle(forWritingAtPath: "/dev/full"))
        let result = try run(["config"], output: full)
        #expect(result.code == CommandStatus.output.rawValue)
        #expect(result.errors.contains("No space left on device"))
    }

    @Test func closedPipeIsNoError() throws {
        let pipe = Pipe()
        try pipe.fileHandleForReading.close()
        let result = try run(["config"], output: pipe.fileHandleForWriting)
        #expect(result.code == 0)
        #expect(result.errors.isEmpty)
    }

    /// A configuration file that is a pipe holds the program up at a known place.
    @Test func secondSignalEndsTheProcessAtOnce() async throws {
        try await withTemporaryFolder { folder in
            let pipe = folder.appending(path: "pipe").path()
            try #require(mkfifo(pipe, 0o600) == 0)
            let process = Process()
            process.executableURL = Self.executable
            process.arguments = ["config", "--config", pipe]
            process.standardOutput = FileHandle.nullDevice
            try process.run()
            var writer: Int32 = -1
            while writer < 0 && process.isRunning {
                writer = open(pipe, O_WRONLY | O_NONBLOCK)
                try await Task.sleep(for: .milliseconds(1))
            }
            // Signals that come while one is pending are one signal, hence the loop.
            while process.isRunning {
                process.interrupt()
                try await Task.sleep(for: .milliseconds(10))
            }
            close(writer)
            #expect(process.terminationReason == .exit)
            #expect(process.terminationStatus == 130)
        }
    }

    @Test(.enabled(if: Requirement.isMet(program: "/usr/bin/script"), "needs script(1) to make a terminal"))
    func colourShowsOnATerminalUnlessRefused() throws {
        func onTerminal(_ environment: [String: String]) throws -> String {
            let command = "'\(Self.executable.path())' config"
            return try run(
                ["-qec", command, "/dev/null"], environment: environment, executable: URL(filePath: "/usr/bin/script")
            ).output
        }
        #expect(try onTerminal(["TERM": "xterm"]).contains("\u{1b}[1msetting\u{1b}[0m"))
        #expect(try !onTerminal(["TERM": "xterm", "NO_COLOR": "1"]).contains("\u{1b}"))
        #expect(try !onTerminal(["TERM": "dumb"]).contains("\u{1b}"))
    }

    /// The table of exit codes in docs/OPERATIONS.md is the program's own.
    @Test func documentationListsTheExitCodes() throws {
        let text = try String(contentsOf: Package.root.appending(path: "docs/OPERATIONS.md"), encoding: .utf8)
        for status in CommandStatus.allCases { #expect(text.contains("| \(status.rawValue) | \(status.meaning) |")) }
    }
}
