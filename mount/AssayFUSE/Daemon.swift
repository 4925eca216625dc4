internal import ChildProcess
internal import Glibc

/// Starting the same program a second time, detached, and learning from it whether it came up.
///
/// A process with threads cannot be forked, so `--daemon` starts the executable anew; the child says over a pipe when
/// its mount stands, or why not.
public enum Daemon {
    public enum Failure: Error, Hashable, Sendable, CustomStringConvertible {
        /// The program could not be started, or its log not be opened.
        case notStarted(reason: String)
        /// It started and could not do its work: its own words.
        case failed(String)
        /// It ended without a word.
        case ended(status: Int)

        public var description: String {
            switch self {
            case .notStarted(let reason): "The background process could not be started: \(reason)."
            case .failed(let text): text
            case .ended(let status):
                "The background process ended with status \(status) before it was ready: "
                    + "run the command without --daemon to see why, or look into its log."
            }
        }
    }

    /// The environment variable that names the descriptor to report to.
    static let variable = "ASSAY_READY_FD"

    /// Whether this process was started by `spawn` and somebody waits for its report.
    public static var isChild: Bool { getenv(variable) != nil }

    /// Starts this executable with `arguments` in a session of its own and waits until it says that it is ready.
    ///
    /// - Parameter log: a file to which its output is appended; without one, it goes nowhere.
    /// - Returns: the process id of the daemon.
    @discardableResult
    public static func spawn(arguments: [String], log: String? = nil) throws(Failure) -> Int {
        try spawn("/proc/self/exe", arguments: arguments, log: log)
    }

    static func spawn(_ executable: String, arguments: [String], log: String?) throws(Failure) -> Int {
        let process: pid_t
        let report: String
        do throws(Command.Failure) {
            let pipe = try Pipe()
            var output: CInt?
            defer { if let output { close(output) } }
            if let log {
                let file = open(log, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o640)
                guard file >= 0 else { throw Command.Failure(code: errno) }
                output = file
            }
            let environment = Command.ownEnvironment().merging([variable: "3"]) { $1 }
            process = try Command([executable] + arguments, environment: environment, group: .ownSession)
                .start([nil, output, output, pipe.writing])
            pipe.closeWriting()
            report = pipe.readAll(limit: 64 << 10)
        } catch {
            throw .notStarted(reason: error.text)
        }
        if report == readyWord { return Int(process) }
        throw report.isEmpty ? .ended(status: Int(Command.wait(for: process))) : .failed(report)
    }

    /// Tells whoever waits that the work has begun: the parent that spawned this process, and systemd.
    public static func notifyReady() {
        report(readyWord, to: takeDescriptor())
        notifySystemd("READY=1", socket: value(of: "NOTIFY_SOCKET"))
    }

    /// Tells the parent that spawned this process why the work cannot be done.
    public static func notifyFailed(_ text: String) { report(text, to: takeDescriptor()) }

    /// Tells systemd that the work is ending.
    public static func notifyStopping() {
        notifySystemd("STOPPING=1", socket: value(of: "NOTIFY_SOCKET"))
    }

    private static let readyWord = "ready"

    private static func value(of variable: String) -> String? { getenv(variable).map { String(cString: $0) } }

    /// The descriptor that the environment names, once: after a report nobody waits any more.
    private static func takeDescriptor() -> CInt? {
        guard let descriptor = value(of: variable).flatMap({ CInt($0) }), descriptor > 2 else { return nil }
        unsetenv(variable)
        return descriptor
    }

    /// Writes a report and closes the descriptor.
    static func report(_ text: String, to descriptor: CInt?) {
        guard let descriptor else { return }
        // A parent that was interrupted while it waited is no reason to die.
        let previous = signal(SIGPIPE, SIG_IGN)
        defer { signal(SIGPIPE, previous) }
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            rest = rest.dropFirst(count)
        }
        close(descriptor)
    }

    /// sd_notify(3): one datagram to the socket at `path`, if there is one.
    static func notifySystemd(_ state: String, socket path: String?) {
        guard let path, !path.isEmpty else { return }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        var bytes = Array(path.utf8)
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else { return }
        // `@` stands for the NUL byte that begins an abstract name.
        if bytes[0] == UInt8(ascii: "@") { bytes[0] = 0 }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let length = socklen_t(MemoryLayout<sa_family_t>.size + bytes.count)
        let socket = Glibc.socket(AF_UNIX, CInt(SOCK_DGRAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        guard socket >= 0 else { return }
        defer { close(socket) }
        let message = Array(state.utf8)
        withUnsafePointer(to: address) { address in
            address.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                _ = sendto(socket, message, message.count, CInt(MSG_NOSIGNAL), address, length)
            }
        }
    }
}
