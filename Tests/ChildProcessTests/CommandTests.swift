import AssayTestSupport
import Foundation
import Testing

@testable import ChildProcess

@Suite(.timeLimit(.minutes(2))) struct CommandTests {
    private func shell(_ text: String) -> Command { Command(["/bin/sh", "-c", text]) }

    @Test func givesAProgramItsInputAndGetsItsOutputAndStatus() async throws {
        let input = (0..<300_000).map { UInt8(truncatingIfNeeded: $0) }
        let outcome = try await shell("cat; exit 3").output(input: input, limit: 300_000, seconds: 60)
        #expect(outcome.status == 3)
        #expect(outcome.output == input)
    }

    @Test func aProgramNeedNotReadItsInput() async throws {
        let outcome = try await shell("echo done").output(
            input: [UInt8](repeating: 0, count: 1 << 20), limit: 100, seconds: 60)
        #expect(outcome.text == "done")
    }

    @Test func aProgramThatPrintsTooMuchIsEnded() async {
        await #expect(throws: OutputError.printedTooMuch(limit: 1000)) {
            try await shell("yes s3cret").output(limit: 1000, seconds: 60)
        }
    }

    @Test func aProgramThatHangsIsEndedWithAllItStarted() async throws {
        let folder = try TemporaryFolder()
        let command = shell("sleep 600 & echo $! >\(folder.path)/child; wait")
        await #expect(throws: OutputError.tookTooLong(seconds: 1)) { try await command.output(limit: 10, seconds: 1) }
        let child = String(decoding: try folder.read("child"), as: UTF8.self)
        let process = try #require(pid_t(child.trimmingCharacters(in: .whitespacesAndNewlines)))
        // Whoever adopts the orphan may take a moment to collect it; a dead one is in state Z.
        while kill(process, 0) == 0, state(of: process) != "Z" { try await Task.sleep(for: .milliseconds(10)) }
    }

    private func state(of process: pid_t) -> String? {
        let status = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)
        return status?.split(separator: ")").last?.split(separator: " ").first.map(String.init)
    }

    @Test func aProgramThatClosesItsOutputAndHangsIsEnded() async {
        await #expect(throws: OutputError.tookTooLong(seconds: 1)) {
            try await shell("exec >&- 2>&-; exec sleep 600").output(limit: 10, seconds: 1)
        }
    }

    @Test func cancellationEndsTheProgramAtOnce() async {
        let task = Task { () async throws(OutputError) in
            try await shell("sleep 600").output(limit: 10, seconds: 600)
        }
        task.cancel()
        await #expect(throws: OutputError.cancelled) { try await task.value }
    }

    @Test func aProgramThatIsNotThereIsSaidToBeMissing() async {
        await #expect(throws: OutputError.notStarted(Command.Failure(code: ENOENT))) {
            try await Command(["/nonexistent/program"]).output(limit: 10, seconds: 1)
        }
    }

    @Test func aKilledProgramHasTheShellsStatus() async throws {
        #expect(try await shell("kill -KILL $$").output(limit: 10, seconds: 60).status == 128 + SIGKILL)
    }

    @Test func getsItsVariablesAndNoOtherDescriptors() async throws {
        let held = try ChildProcess.Pipe()
        let descriptor = dup(held.reading)
        defer { close(descriptor) }
        let outcome = try await Command(
            ["/bin/sh", "-c", "echo $A; ls /proc/self/fd | wc -l"], environment: ["A": "x"]
        )
        .output(limit: 100, seconds: 60)
        // Standard input, output, error, and what `ls` opened.
        #expect(outcome.text == "x; 4")
    }

    @Test func messagesAreAmongTheOutputIfWished() throws {
        #expect(try shell("echo a; echo b >&2").outputAndErrors(limit: 100).text == "a; b")
    }
}
