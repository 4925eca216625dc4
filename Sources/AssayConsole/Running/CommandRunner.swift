public import ArgumentParser
import FoundationEssentials
import Glibc

/// Runs the program: from the command line to the exit code.
public enum CommandRunner {
    /// Runs the command that the process was started for, then ends the process.
    public static func main(_ root: (some ParsableCommand).Type) async -> Never {
        // A closed pipe shows as an error of the write, which the console takes for "seen enough".
        signal(SIGPIPE, SIG_IGN)
        let interruption = Interruption()
        let signals = interruption.watch()
        let work = Task {
            await run(
                root, arguments: Array(CommandLine.arguments.dropFirst()),
                environment: ProcessInfo.processInfo.environment, interruption: interruption)
        }
        interruption.onFirstSignal(work.cancel)
        let status = await work.value
        withExtendedLifetime(signals) { exit(status.rawValue) }
    }

    /// - Returns: how it ended, after everything was printed.
    static func run(
        _ root: (some ParsableCommand).Type, arguments: [String], environment: [String: String],
        output: FileOutput = FileOutput(descriptor: 1), errors: FileOutput = FileOutput(descriptor: 2),
        interruption: Interruption = Interruption()
    ) async -> CommandStatus {
        let start = ContinuousClock.now
        func console(_ settings: Settings?) -> Console {
            let style = ConsoleStyle(settings: settings, environment: environment, output: output, errors: errors)
            return Console(style: style, output: output, errors: errors, now: { ContinuousClock.now - start })
        }
        var speaker = console(nil)
        do {
            guard let command = try parsed(root, arguments, output: output, errors: errors) else { return .success }
            let settings = try command.settings(environment: environment)
            speaker = console(settings)
            let status = try await command.run(settings: settings, console: speaker)
            try speaker.finish()
            return status
        } catch let error as CommandError {
            speaker.endProgress()
            if let status = interruption.status {
                speaker.report(CommandError(status, status.meaning, hint: "Run the command again to go on."))
                return status
            }
            speaker.report(error)
            return error.status
        } catch let error as UsageText {
            _ = errors.write(error.text)
            return .usage
        } catch {
            let text = String(describing: error)
            speaker.report(CommandError(.unexpected, text, hint: "This is a bug; please report it with these words."))
            return .unexpected
        }
    }

    /// The command that the arguments ask for; nil if they asked for help, the version or a completion script, which
    /// has been printed.
    private static func parsed(
        _ root: (some ParsableCommand).Type, _ arguments: [String], output: FileOutput, errors: FileOutput
    ) throws -> (any ConsoleCommand)? {
        if let command = directly(root, arguments) { return command }
        do {
            var command = try root.parseAsRoot(arguments)
            if let command = command as? any ConsoleCommand { return command }
            try command.run()
        } catch {
            let text = root.fullMessage(for: error, columns: output.columns ?? 80)
            guard root.exitCode(for: error) == .success else { throw UsageText(text) }
            _ = output.write(text.hasSuffix("\n") ? text : text + "\n")
        }
        return nil
    }

    /// The command that the first arguments name, if the rest is well-formed. It is found without a look at the others,
    /// which takes the argument parser a millisecond; whatever is not plain is left to it.
    private static func directly(
        _ root: (some ParsableCommand).Type, _ arguments: [String]
    ) -> (any ConsoleCommand)? {
        var type: any ParsableCommand.Type = root
        var rest = arguments[...]
        while let name = rest.first, let next = subcommand(name, of: type) {
            type = next
            rest = rest.dropFirst()
        }
        guard let type = type as? any ConsoleCommand.Type else { return nil }
        return try? type.parse(Array(rest))
    }

    private static func subcommand(
        _ name: String, of type: any ParsableCommand.Type
    ) -> (any ParsableCommand.Type)? {
        let groups = type.configuration.groupedSubcommands.flatMap(\.subcommands)
        return (type.configuration.ungroupedSubcommands + groups).first { $0.configuration.commandName == name }
    }

    /// What is wrong with the command line, in the words of the argument parser.
    private struct UsageText: Error {
        let text: String

        init(_ text: String) {
            let prefix = "Error: "
            let words = text.hasPrefix(prefix) ? String(text.dropFirst(prefix.count)) : text
            self.text = "assay: " + TerminalText.escaped(words, keeping: ["\n"]) + "\n"
        }
    }
}
