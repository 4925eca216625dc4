public import Foundation

/// Runs other people's programs to their end.
public enum Tool {
    public struct Outcome: Sendable {
        public let status: Int32
        /// What it printed, errors included.
        public let output: String
    }

    /// A program that had to succeed and did not.
    public struct Failure: Error, CustomStringConvertible {
        public let description: String
    }

    /// Runs the program with nothing on its standard input.
    ///
    /// - Parameter environment: variables besides those of this process.
    public static func run(
        _ program: URL, _ arguments: [String], in folder: URL? = nil, environment: [String: String] = [:]
    ) throws -> Outcome {
        let process = Process()
        process.executableURL = program
        process.arguments = arguments
        process.currentDirectoryURL = folder
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        process.standardInput = FileHandle.nullDevice
        try withSignals { try process.run() }
        let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        // A signal's number must not look like an exit code.
        let status = process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus
        return Outcome(status: status, output: String(decoding: output, as: UTF8.self))
    }

    /// Runs a program that has to succeed; returns what it prints.
    @discardableResult
    public static func output(
        of program: URL, _ arguments: [String], in folder: URL? = nil, environment: [String: String] = [:]
    ) throws -> String {
        let outcome = try run(program, arguments, in: folder, environment: environment)
        guard outcome.status == 0 else {
            let command = ([program.lastPathComponent] + arguments).joined(separator: " ")
            throw Failure(description: "\(command): status \(outcome.status): \(outcome.output)")
        }
        return outcome.output
    }

    /// Calls `start` with no signal blocked: the threads of tasks block all of them, and children inherit that, so that
    /// a shell would wait for SIGCHLD for ever.
    static func withSignals<R>(_ start: () throws -> R) rethrows -> R {
        var (none, before) = (sigset_t(), sigset_t())
        sigemptyset(&none)
        pthread_sigmask(SIG_SETMASK, &none, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        return try start()
    }
}
