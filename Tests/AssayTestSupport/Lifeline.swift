import Foundation

/// A shell script that ends with the tests, however they end: its standard input is a pipe that only this process writes
/// to, and that says nothing until it is at its end.
public final class Lifeline: Sendable {
    /// Why the pipe or the shell could not be had.
    public struct Failure: Error, CustomStringConvertible {
        public let description: String
    }

    private let process: Process
    private let writer: Int32

    /// Starts `script` with `arguments` as its `$1` and so on.
    ///
    /// - Parameter environment: variables besides those of this process.
    public init(script: String, _ arguments: [String], environment: [String: String] = [:]) throws {
        process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", script, "sh"] + arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        let pipe = Pipe()
        let descriptor = pipe.fileHandleForWriting.fileDescriptor
        // No other child may hold the pipe open, and the descriptor stays open until `end`, or this process's end.
        guard fcntl(descriptor, F_SETFD, FD_CLOEXEC) == 0 else {
            throw Failure(description: "The pipe cannot be kept.")
        }
        writer = fcntl(descriptor, F_DUPFD_CLOEXEC, 3)
        guard writer >= 0 else { throw Failure(description: "The pipe cannot be kept.") }
        process.standardInput = pipe
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        do {
            try Tool.withSignals { try process.run() }
        } catch {
            close(writer)
            throw error
        }
        try pipe.fileHandleForWriting.close()
    }

    /// Whether the script runs.
    public var isRunning: Bool { process.isRunning }

    /// Ends the script's input and waits until it has cleared away. To be called once.
    public func end() {
        close(writer)
        process.waitUntilExit()
    }

    /// Sends SIGTERM to the script.
    public func terminate() { process.terminate() }
}
