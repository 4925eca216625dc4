import ArgumentParser
import Synchronization
import Testing

@testable import AssayConsole

struct ProbeRoot: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "assay", version: "9.9.9", subcommands: [Probe.self, Failing.self, Waiting.self])
}

/// Has all settings' flags; prints one result.
struct Probe: ConsoleCommand {
    @OptionGroup var common: CommonFlags
    @OptionGroup var source: SourceFlags
    @OptionGroup var reading: ReadingFlags
    @OptionGroup var key: KeyFlags
    @OptionGroup var attestation: AttestationFlags
    @OptionGroup var mount: MountFlags
    @OptionGroup var signing: SigningFlags

    var settingGroups: [any SettingGroup] { [source, reading, key, attestation, mount, signing] }

    func run(settings: Settings, console: Console) async throws(CommandError) -> CommandStatus {
        console.note("a note")
        console.detail("a detail")
        console.warning("a warning")
        console.result(["name": "a\u{1b}b"]) { "name \("a\u{1b}b")" }
        return .incomplete
    }
}

struct Failing: ConsoleCommand {
    @OptionGroup var common: CommonFlags
    @Argument var code: Int32

    func run(settings: Settings, console: Console) async throws(CommandError) -> CommandStatus {
        throw CommandError(CommandStatus(rawValue: code) ?? .unexpected, "no luck with \u{1b}[2J", hint: "Try again.")
    }
}

/// Is interrupted while it works.
struct Waiting: ConsoleCommand {
    @OptionGroup var common: CommonFlags
    @Flag var returns = false

    func run(settings: Settings, console: Console) async throws(CommandError) -> CommandStatus {
        if returns { return .success }
        throw CommandError(.source, "the request was cancelled")
    }
}

@Suite struct RunnerTests {
    @Test(arguments: CommandStatus.allCases)
    func errorsEndWithTheirOwnCode(status: CommandStatus) async throws {
        let run = try await ProgramRun(ProbeRoot.self, ["failing", "\(status.rawValue)"])
        #expect(run.status == status)
        #expect(run.errors == "assay: no luck with \\x1b[2J\nTry again.\n")
        #expect(run.output.isEmpty)
    }

    @Test(
        arguments: [
            ["nonsense"], ["probe", "--nonsense"], ["probe", "--jobs"], ["probe", "--jobs", "0"], ["failing"],
            ["failing", "x"], ["probe", "--color", "blue"], ["probe", "--config", "/nonexistent/assay.toml"],
        ])
    func wrongCommandLinesEndWithTwo(arguments: [String]) async throws {
        let run = try await ProgramRun(ProbeRoot.self, arguments)
        #expect(run.status == .usage)
        #expect(run.errors.hasPrefix("assay: "))
        #expect(run.output.isEmpty)
    }

    @Test func refusedFlagSaysWhatItWants() async throws {
        let run = try await ProgramRun(ProbeRoot.self, ["probe", "--read-window", "lots"])
        #expect(run.errors.contains("'--read-window <size>': it is not a size such as 64MiB"))
    }

    @Test(arguments: [
        ["--version"], ["--help"], ["help", "probe"], ["probe", "--help"], [],
        ["--generate-completion-script", "bash"],
    ])
    func whatWasAskedForGoesToStandardOutput(arguments: [String]) async throws {
        let run = try await ProgramRun(ProbeRoot.self, arguments)
        #expect(run.status == .success)
        #expect(!run.output.isEmpty)
        #expect(run.errors.isEmpty)
    }

    @Test func resultsAndMessagesGoSeparateWays() async throws {
        let run = try await ProgramRun(ProbeRoot.self, ["probe"])
        #expect(run.status == .incomplete)
        #expect(run.output == "name a\\x1bb\n")
        #expect(run.errors == "a note\nwarning: a warning\n")
    }

    @Test func quietAndVerboseChooseTheMessages() async throws {
        #expect(try await ProgramRun(ProbeRoot.self, ["probe", "-q"]).errors == "warning: a warning\n")
        #expect(
            try await ProgramRun(ProbeRoot.self, ["probe"], environment: ["ASSAY_VERBOSE": "yes"]).errors
                == "a note\na detail\nwarning: a warning\n")
    }

    @Test func jsonIsAloneOnStandardOutput() async throws {
        let run = try await ProgramRun(ProbeRoot.self, ["probe", "--json"])
        #expect(run.output == "{\n  \"name\" : \"a\\u001bb\"\n}\n")
    }

    @Test func interruptedCommandEndsWithTheSignalsCode() async throws {
        for (status, word) in [(CommandStatus.interrupted, "SIGINT"), (.terminated, "SIGTERM")] {
            let interruption = Interruption()
            #expect(interruption.receive(status))
            let run = try await ProgramRun(ProbeRoot.self, ["waiting"], interruption: interruption)
            #expect(run.status == status)
            #expect(run.errors.contains(word) && !run.errors.contains("cancelled"))
        }
    }

    @Test func commandThatEndsBySignalKeepsItsOwnCode() async throws {
        let interruption = Interruption()
        #expect(interruption.receive(.terminated))
        #expect(
            try await ProgramRun(ProbeRoot.self, ["waiting", "--returns"], interruption: interruption).status
                == .success)
    }

    @Test func colourIsForTerminalsUnlessForced() async throws {
        #expect(try await !ProgramRun(ProbeRoot.self, ["probe"]).errors.contains("\u{1b}["))
        #expect(
            try await ProgramRun(ProbeRoot.self, ["probe", "--color", "always"]).errors
                .contains("\u{1b}[33mwarning:\u{1b}[0m"))
    }

    @Test func onlyTheFirstSignalCancels() {
        let interruption = Interruption()
        let count = Mutex(0)
        interruption.onFirstSignal { count.withLock { $0 += 1 } }
        #expect(interruption.receive(.terminated))
        #expect(!interruption.receive(.interrupted))
        #expect(count.withLock { $0 } == 1)
        #expect(interruption.status == .terminated)
    }

    @Test func signalBeforeTheWorkBeganCancelsItToo() {
        let interruption = Interruption()
        #expect(interruption.receive(.interrupted))
        let isCancelled = Mutex(false)
        interruption.onFirstSignal { isCancelled.withLock { $0 = true } }
        #expect(isCancelled.withLock { $0 })
    }
}
