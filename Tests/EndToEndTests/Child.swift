import Foundation
import Synchronization

/// A process that the tests start, and whose end they wait for.
///
/// Its output goes to files, so that neither side ever waits for the other to read.
final class Child: Sendable {
    enum End: Hashable, Sendable {
        case exited(Int32)
        case killed(Int32)
    }

    struct Result: Sendable {
        let end: End
        let output: String
        let errors: String

        /// Its output as JSON; a failure if that is anything but one document.
        func json<T: Decodable>(_ type: T.Type = T.self) throws -> T {
            try JSONDecoder().decode(type, from: Data(output.utf8))
        }
    }

    struct NotStarted: Error, CustomStringConvertible {
        let description: String
    }

    let pid: pid_t
    private let output: URL
    private let errors: URL
    private let ended = Mutex<End?>(nil)

    /// - Parameters:
    ///   - command: the program, found on the path or at a path of its own, and its arguments.
    ///   - input: a file, or a descriptor of this process; nothing if nil.
    ///   - group: the process group to join; nil for one of its own.
    ///   - folder: where what it prints is kept.
    init(
        _ command: [String], environment: [String: String], input: Int32? = nil, group: pid_t? = nil, folder: URL
    ) throws {
        let name = UUID().uuidString
        output = folder.appending(path: "\(name).out")
        errors = folder.appending(path: "\(name).err")
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        if let input {
            posix_spawn_file_actions_adddup2(&actions, input, 0)
        } else {
            posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        }
        let flags = O_WRONLY | O_CREAT | O_TRUNC
        posix_spawn_file_actions_addopen(&actions, 1, output.path, flags, 0o600)
        posix_spawn_file_actions_addopen(&actions, 2, errors.path, flags, 0o600)
        // What other tests hold open is not for this child to keep open.
        for name in (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? [] {
            if let descriptor = Int32(name), descriptor > 2 { posix_spawn_file_actions_addclose(&actions, descriptor) }
        }
        // The threads of tasks block signals, which children would inherit.
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setpgroup(&attributes, group ?? 0)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP))
        var arguments = command.map { strdup($0) } + [nil]
        var variables = environment.map { strdup("\($0)=\($1)") } + [nil]
        defer { for text in arguments + variables { free(text) } }
        var pid: pid_t = 0
        let code = posix_spawnp(&pid, command[0], &actions, &attributes, &arguments, &variables)
        guard code == 0 else { throw NotStarted(description: "\(command[0]): \(String(cString: strerror(code)))") }
        self.pid = pid
    }

    /// Sends a signal, unless it has ended.
    func send(_ signal: Int32) { ended.withLock { if $0 == nil { kill(pid, signal) } } }

    /// Waits for its end; kills it if the test is cancelled.
    func result() async throws -> Result {
        let end = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                Thread.detachNewThread { [self] in continuation.resume(returning: wait()) }
            }
        } onCancel: {
            send(SIGKILL)
        }
        return Result(end: end, output: try text(output), errors: try text(errors))
    }

    /// Whether it goes on.
    var isRunning: Bool {
        ended.withLock { ended in
            var information = siginfo_t()
            guard ended == nil, waitid(P_PID, id_t(pid), &information, WEXITED | WNOWAIT | WNOHANG) == 0 else {
                return false
            }
            return information.si_signo == 0
        }
    }

    /// What it has written to standard error so far.
    var errorsSoFar: String { (try? text(errors)) ?? "" }

    /// Blocks until it has ended.
    @discardableResult
    func wait() -> End {
        // The number stays the child's until it is waited for, so signals cannot reach another process.
        var information = siginfo_t()
        while ended.withLock({ $0 }) == nil {
            if waitid(P_PID, id_t(pid), &information, WEXITED | WNOWAIT) != 0, errno == EINTR { continue }
            ended.withLock { ended in
                guard ended == nil else { return }
                var status: Int32 = 0
                waitpid(pid, &status, 0)
                ended = status & 0x7f == 0 ? .exited(status >> 8 & 0xff) : .killed(status & 0x7f)
            }
        }
        return ended.withLock { $0 } ?? .exited(-1)
    }

    private func text(_ file: URL) throws -> String { String(decoding: try Data(contentsOf: file), as: UTF8.self) }
}
