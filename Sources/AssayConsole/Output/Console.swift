import FoundationEssentials
import Glibc
import Synchronization

/// Where a command's words go: results to standard output, everything else to standard error. With `--json`, standard
/// output holds JSON alone.
public final class Console: Sendable {
    private struct State {
        var job: Job?
        /// The errno of the first result that could not be written.
        var outputFailure: Int32?
    }

    private struct Job {
        var progress: JobProgress
        var pace = Pace()
        var drawn: Duration?
        var isOnScreen = false
    }

    private let output: FileOutput
    private let errors: FileOutput
    private let style: ConsoleStyle
    private let now: @Sendable () -> Duration
    private let state = Mutex(State())

    /// - Parameter now: the time since any fixed moment; it never goes back.
    init(
        style: ConsoleStyle, output: FileOutput = FileOutput(descriptor: 1),
        errors: FileOutput = FileOutput(descriptor: 2),
        now: @escaping @Sendable () -> Duration
    ) {
        self.style = style
        self.output = output
        self.errors = errors
        self.now = now
    }

    // MARK: Results

    /// Prints the command's one result: a JSON document, or `human` without `--json`.
    public func result(_ value: some Encodable, human: () -> ConsoleText) {
        print(value, formatting: [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes], human: human)
    }

    /// Prints one of many results: a line of JSON, or `human` without `--json`.
    public func item(_ value: some Encodable, human: () -> ConsoleText) {
        print(value, formatting: [.sortedKeys, .withoutEscapingSlashes], human: human)
    }

    /// Prints a document of another format as the command's one result, as it is.
    public func document(_ bytes: [UInt8]) {
        write(result: String(decoding: bytes, as: UTF8.self))
    }

    private func print(
        _ value: some Encodable, formatting: JSONEncoder.OutputFormatting, human: () -> ConsoleText
    ) {
        guard style.json else { return write(result: human().rendered(colored: style.outputColor)) }
        let encoder = JSONEncoder()
        encoder.outputFormatting = formatting
        do {
            write(result: String(decoding: try encoder.encode(value), as: UTF8.self))
        } catch {
            warning("a result cannot be written as JSON: \(String(describing: error))")
            state.withLock { $0.outputFailure = $0.outputFailure ?? EILSEQ }
        }
    }

    private func write(result text: String) {
        state.withLock { state in
            erase(&state)
            let failure = output.write(text.hasSuffix("\n") ? text : text + "\n")
            if failure != 0 { state.outputFailure = state.outputFailure ?? failure }
        }
    }

    /// To be called when all results are printed.
    ///
    /// - Throws: `output` if one of them could not be written. A reader that has seen enough and closed the pipe, like
    ///   `head`, is no failure.
    public func finish() throws(CommandError) {
        endProgress()
        if let failure = state.withLock({ $0.outputFailure }), failure != EPIPE {
            throw CommandError(
                .output, "cannot write the results: \(SystemText.error(failure))",
                hint: "Check the space and the permissions where standard output goes.")
        }
    }

    // MARK: Messages

    /// Says something worth knowing; not with `--quiet`.
    public func note(_ text: ConsoleText) {
        if !style.quiet { say(text) }
    }

    /// Says what is being done; only with `--verbose`.
    public func detail(_ text: ConsoleText) {
        if style.verbose { say(text) }
    }

    /// Says what went wrong with one item while the others go on.
    public func warning(_ text: ConsoleText) {
        say("\("warning:", .warning) \(text)")
    }

    /// Says why the command stopped.
    public func report(_ error: CommandError) {
        let prefix = "assay:"
        let rest = error.description.dropFirst(prefix.count)
        write(message: style.errorColor ? ConsoleText(prefix, .bad).rendered(colored: true) + rest : error.description)
    }

    private func say(_ text: ConsoleText) {
        write(message: text.rendered(colored: style.errorColor))
    }

    private func write(message: String) {
        state.withLock { state in
            erase(&state)
            _ = errors.write(message + "\n")
            draw(&state, always: true)
        }
    }

    // MARK: Progress

    /// Begins to show how far a job is, in place of the one before.
    public func begin(_ progress: JobProgress) {
        state.withLock { state in
            erase(&state)
            state.job = Job(progress: progress)
            draw(&state, always: false)
        }
    }

    /// Changes what is shown; cheap enough to be called for every block of data.
    public func update(_ change: (inout JobProgress) -> Void) {
        state.withLock { state in
            guard var job = state.job else { return }
            change(&job.progress)
            state.job = job
            draw(&state, always: false)
        }
    }

    /// Takes the bar away.
    public func endProgress() {
        state.withLock { state in
            erase(&state)
            state.job = nil
        }
    }

    private func draw(_ state: inout State, always: Bool) {
        guard !style.quiet, var job = state.job else { return }
        let time = now()
        let interval: Duration = style.showsBar ? .milliseconds(100) : .seconds(5)
        let isDue = job.drawn.map { time - $0 >= interval } ?? style.showsBar
        if isDue { job.pace.record(bytes: job.progress.bytesDone, at: time) }
        if style.showsBar {
            if isDue || always {
                // Asked anew each time, since windows change their size.
                let bar = job.progress.bar(pace: job.pace, columns: errors.columns ?? 80)
                _ = errors.write("\r\u{1b}[2K" + bar)
                job.isOnScreen = true
            }
        } else if isDue {
            _ = errors.write(job.progress.logLine(pace: job.pace) + "\n")
        }
        if isDue || job.drawn == nil { job.drawn = time }
        state.job = job
    }

    private func erase(_ state: inout State) {
        if state.job?.isOnScreen == true {
            _ = errors.write("\r\u{1b}[2K")
            state.job?.isOnScreen = false
        }
    }
}

/// How a console shows things, decided once from the settings and from where the output goes.
struct ConsoleStyle: Sendable, Hashable {
    var json = false
    var quiet = false
    var verbose = false
    var outputColor = false
    var errorColor = false
    /// A bar that is drawn over and over, instead of lines.
    var showsBar = false

    /// - Parameter environment: NO_COLOR and TERM are looked at.
    init(settings: Settings?, environment: [String: String], output: FileOutput, errors: FileOutput) {
        let choice = settings?.color ?? .auto
        let isDumb = environment["TERM"] == "dumb"
        let isRefused = !(environment["NO_COLOR"] ?? "").isEmpty
        func color(_ file: FileOutput) -> Bool {
            switch choice {
            case .always: true
            case .never: false
            case .auto: file.isTerminal && !isRefused && !isDumb
            }
        }
        json = settings?.json ?? false
        quiet = settings?.quiet ?? false
        verbose = settings?.verbose ?? false
        outputColor = color(output)
        errorColor = color(errors)
        showsBar = errors.isTerminal && !isDumb
    }

    init() {}
}
