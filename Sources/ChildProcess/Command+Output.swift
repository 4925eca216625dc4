import Foundation

/// What a program that ran to its end left behind.
package struct Outcome: Sendable {
    /// The exit code; 128 and the signal's number if it was killed.
    package let status: CInt
    /// What it wrote to standard output.
    package let output: [UInt8]

    /// The output's lines in one, for a message.
    package var text: String {
        String(decoding: output, as: UTF8.self).split(whereSeparator: \.isNewline).joined(separator: "; ")
    }
}

/// Why a program gave nothing that can be used. What it printed is never part of it: that may be a secret.
package enum OutputError: Error, Hashable {
    /// It could not be started; the number tells why, `ENOENT` if there is none.
    case notStarted(Command.Failure)
    case tookTooLong(seconds: Int)
    case printedTooMuch(limit: Int)
    case cancelled
}

extension OutputError: CustomStringConvertible {
    /// What happened, as the rest of a sentence about the program.
    package var description: String {
        switch self {
        case .notStarted(let failure): "could not be started (\(failure.text))"
        case .tookTooLong(let seconds): "took longer than \(seconds) s"
        case .printedTooMuch(let limit): "printed more than \(limit) bytes"
        case .cancelled: "was cancelled"
        }
    }
}

extension Command {
    /// Runs the program in a group of its own, on a thread of its own; its messages go to this process's.
    ///
    /// Cancellation, too much output and too much time kill it with all that it started.
    ///
    /// - Parameters:
    ///   - input: what it reads from standard input; it need not read it all.
    ///   - limit: the most bytes that it may print.
    package func output(input: [UInt8] = [], limit: Int, seconds: Int) async throws(OutputError) -> Outcome {
        let cancellation: Pipe
        do throws(Failure) { cancellation = try Pipe() } catch { throw .notStarted(error) }
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                // A program may take its time: not on the threads that all tasks share.
                Thread {
                    continuation.resume(
                        returning: Result { () throws(OutputError) in
                            try run(
                                input: input, errors: STDERR_FILENO, limit: limit, seconds: seconds,
                                until: cancellation)
                        })
                }.start()
            }
        } onCancel: {
            cancellation.wake()
        }
        return try result.get()
    }

    /// Runs the program to its end, however long that takes, with its messages among its output.
    package func outputAndErrors(limit: Int) throws(OutputError) -> Outcome {
        try run(input: [], errors: nil, limit: limit, seconds: nil, until: nil)
    }

    private func run(
        input: [UInt8], errors: CInt?, limit: Int, seconds: Int?, until cancellation: Pipe?
    ) throws(OutputError) -> Outcome {
        var exchange: Exchange
        let process: pid_t
        do throws(Failure) {
            let (inward, outward) = (try Pipe(), try Pipe())
            var command = self
            command.group = .own
            process = try command.start([inward.reading, outward.writing, errors ?? outward.writing])
            inward.closeReading()
            outward.closeWriting()
            exchange = Exchange(
                process: process, inward: inward, outward: outward, cancellation: cancellation, input: input[...],
                limit: limit, seconds: seconds)
        } catch {
            throw .notStarted(error)
        }
        do throws(OutputError) {
            try exchange.finishOutput()
            return Outcome(status: try exchange.waitForEnd(), output: exchange.output)
        } catch {
            // It leads a group, and its number stays its own until it is waited for.
            kill(-process, SIGKILL)
            _ = Self.wait(for: process)
            throw error
        }
    }
}

/// The bytes to and from a running program, and its end, all by one deadline.
private struct Exchange {
    let process: pid_t
    let inward: Pipe
    let outward: Pipe
    let cancellation: Pipe?
    var input: ArraySlice<UInt8>
    let limit: Int
    let seconds: Int?
    var output: [UInt8] = []
    private let start = ContinuousClock.now

    init(
        process: pid_t, inward: Pipe, outward: Pipe, cancellation: Pipe?, input: ArraySlice<UInt8>, limit: Int,
        seconds: Int?
    ) {
        self.process = process
        self.inward = inward
        self.outward = outward
        self.cancellation = cancellation
        self.input = input
        self.limit = limit
        self.seconds = seconds
        // A program that does not read would otherwise hold this thread beyond the deadline.
        _ = fcntl(inward.writing, F_SETFL, O_NONBLOCK)
        // One that ends without having read is no reason to end, too. The thread is this exchange's own, or its caller
        // waits in it; what is pending when the thread ends is forgotten.
        var pipeSignal = sigset_t()
        sigemptyset(&pipeSignal)
        sigaddset(&pipeSignal, SIGPIPE)
        if !input.isEmpty { pthread_sigmask(SIG_BLOCK, &pipeSignal, nil) }
    }

    /// Until the program has closed its output.
    mutating func finishOutput() throws(OutputError) {
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            if input.isEmpty { inward.closeWriting() }
            // A negative descriptor is passed over.
            var waiting = [
                pollfd(fd: outward.reading, events: Int16(POLLIN), revents: 0),
                pollfd(fd: inward.writing, events: Int16(POLLOUT), revents: 0),
            ]
            try wait(&waiting)
            if waiting[1].revents != 0 { feed() }
            guard waiting[0].revents != 0 else { continue }
            let count = read(outward.reading, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            guard count <= limit - output.count else { throw .printedTooMuch(limit: limit) }
            output += buffer[..<count]
        }
    }

    /// The program's exit code, when it has ended.
    mutating func waitForEnd() throws(OutputError) -> CInt {
        inward.closeWriting()
        while true {
            var status: CInt = 0
            let ended = waitpid(process, &status, seconds == nil && cancellation == nil ? 0 : WNOHANG)
            if ended == process { return Command.code(of: status) }
            if ended < 0, errno != EINTR { return -1 }
            // It has closed its output: only odd programs go on for long after that.
            var nothing: [pollfd] = []
            try wait(&nothing, atMost: 5)
        }
    }

    private mutating func feed() {
        let count = input.withUnsafeBytes { write(inward.writing, $0.baseAddress, $0.count) }
        if count > 0 {
            input = input.dropFirst(count)
        } else if errno != EAGAIN, errno != EINTR {
            // It does not want to read more.
            input = []
        }
    }

    /// Waits until one of the descriptors is ready, or `milliseconds` have passed.
    private func wait(_ descriptors: inout [pollfd], atMost milliseconds: Int32? = nil) throws(OutputError) {
        descriptors.append(pollfd(fd: cancellation?.reading ?? -1, events: Int16(POLLIN), revents: 0))
        var timeout = milliseconds ?? -1
        if let seconds {
            let left = (ContinuousClock.now.duration(to: start + .seconds(seconds)) / .milliseconds(1)).rounded(.up)
            guard left > 0 else { throw .tookTooLong(seconds: seconds) }
            timeout = min(milliseconds ?? .max, Int32(clamping: Int64(min(left, 1e9))))
        }
        let ready = poll(&descriptors, nfds_t(descriptors.count), timeout)
        // What poll did not fill in, it did not find.
        if ready < 0 { for index in descriptors.indices { descriptors[index].revents = 0 } }
        if let last = descriptors.last, last.revents != 0 { throw .cancelled }
    }
}
