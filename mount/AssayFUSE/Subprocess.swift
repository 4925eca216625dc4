internal import CFUSE
internal import Glibc

/// Starting another program; never by `fork`, which a process with threads cannot survive.
enum Subprocess {
    struct Outcome {
        /// The exit code; 128 and the signal's number if it was killed.
        let status: CInt
        /// What it wrote to standard output and error, at most 64 KiB.
        let text: String
    }

    /// Where the new process's standard input, output and error lead, and what else it gets.
    struct Setup {
        /// Both output and error; nil leads to `/dev/null`.
        var output: CInt?
        /// A descriptor that it gets as number 3.
        var extra: CInt?
        var environment: [String: String] = [:]
        /// Whether it leaves the caller's terminal and process group.
        var newSession = false
    }

    /// Runs a program found on the path, or at a path of its own, to its end.
    ///
    /// - Throws: why it could not be started: `ENOENT` if there is none.
    static func run(_ command: [String]) throws(ErrorNumber) -> Outcome {
        let pipe = try Pipe()
        defer { pipe.close() }
        let process = try start(command, Setup(output: pipe.writing))
        pipe.closeWriting()
        let text = pipe.readAll(limit: 64 << 10)
        return Outcome(
            status: wait(for: process), text: text.split(whereSeparator: \.isNewline).joined(separator: "; "))
    }

    /// Starts a program and returns its process id.
    static func start(_ command: [String], _ setup: Setup) throws(ErrorNumber) -> pid_t {
        guard let program = command.first else { throw ErrorNumber(code: EINVAL) }
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        // Copied high first, so that no descriptor is overwritten before it was used.
        if let extra = setup.extra { posix_spawn_file_actions_adddup2(&actions, extra, 100) }
        if let output = setup.output {
            posix_spawn_file_actions_adddup2(&actions, output, 101)
        } else {
            posix_spawn_file_actions_addopen(&actions, 101, "/dev/null", O_WRONLY, 0)
        }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, 101, 1)
        posix_spawn_file_actions_adddup2(&actions, 101, 2)
        if setup.extra != nil { posix_spawn_file_actions_adddup2(&actions, 100, 3) }
        posix_spawn_file_actions_addclosefrom_np(&actions, setup.extra == nil ? 3 : 4)
        // Signals that this process ignores or blocks are not for the other to inherit.
        var signals = sigset_t()
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        let flags = Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK)
        posix_spawnattr_setflags(&attributes, setup.newSession ? flags | assay_spawn_new_session : flags)

        var process = pid_t()
        let variables = inherited(with: setup.environment)
        let code = withCStrings(command) { arguments in
            withCStrings(variables) { environment in
                posix_spawnp(&process, program, &actions, &attributes, arguments, environment)
            }
        }
        guard code == 0 else { throw ErrorNumber(code: code) }
        return process
    }

    /// Waits for the process's end and returns its status as `Outcome.status` has it.
    static func wait(for process: pid_t) -> CInt {
        var status: CInt = 0
        while waitpid(process, &status, 0) < 0 {
            guard errno == EINTR else { return -1 }
        }
        return status & 0x7f == 0 ? status >> 8 & 0xff : 128 + status & 0x7f
    }

    /// Whether a program is to be found, on the path or where distributions put it.
    static func isInstalled(_ program: String) -> Bool {
        let path = getenv("PATH").map { String(cString: $0) } ?? ""
        return (path.split(separator: ":") + ["/usr/bin", "/bin"]).contains { access("\($0)/\(program)", X_OK) == 0 }
    }

    private static func inherited(with additions: [String: String]) -> [String] {
        var variables: [String] = []
        var next = environ
        while let variable = next.pointee {
            let text = String(cString: variable)
            let name = String(text.prefix { $0 != "=" })
            if additions[name] == nil { variables.append(text) }
            next += 1
        }
        return variables + additions.map { "\($0.key)=\($0.value)" }.sorted()
    }

    private static func withCStrings<R>(_ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> R) -> R {
        let copies = strings.map { strdup($0) }
        defer { for copy in copies { free(copy) } }
        return body(copies + [nil])
    }
}

/// A pipe whose ends no program inherits unless it is given them.
final class Pipe {
    private let reading: CInt
    private(set) var writing: CInt

    init() throws(ErrorNumber) {
        var ends: [CInt] = [-1, -1]
        guard pipe2(&ends, O_CLOEXEC) == 0 else { throw ErrorNumber.last }
        (reading, writing) = (ends[0], ends[1])
    }

    /// Both ends, reading and writing, for someone else to close.
    func take() -> (CInt, CInt) { (reading, writing) }

    func closeWriting() {
        if writing >= 0 { Glibc.close(writing) }
        writing = -1
    }

    func close() {
        closeWriting()
        Glibc.close(reading)
    }

    /// What comes until nobody holds the other end; what exceeds `limit` is read and dropped.
    func readAll(limit: Int) -> String {
        var content: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = read(reading, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return String(decoding: content, as: UTF8.self) }
            content.append(contentsOf: buffer[..<min(count, limit - content.count)])
        }
    }
}
