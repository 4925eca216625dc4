internal import CSpawn
import Glibc

/// A program to start, by `posix_spawn`: never by `fork`, which a process with threads cannot survive.
package struct Command: Sendable {
    /// Which processes get a signal that is sent to the new one's group, such as that of Control-C.
    package enum Group: Sendable {
        /// It stays in the caller's.
        case callers
        /// It leads one of its own, in which all that it starts will be.
        case own
        /// It leads one of its own, without the caller's terminal.
        case ownSession
    }

    /// A call of the operating system that failed.
    package struct Failure: Error, Hashable {
        /// Such as `ENOENT`, if there is no such program.
        package let code: CInt

        package init(code: CInt) { self.code = code }

        /// What the C library says of it, such as `Permission denied`.
        package var text: String { strerror(code).map { String(cString: $0) } ?? "error \(code)" }
    }

    /// The program, found on the path or at a path of its own, and its arguments.
    package var words: [String]
    /// All the variables that it gets.
    package var environment: [String: String]
    package var group: Group

    package init(
        _ words: [String], environment: [String: String] = Command.ownEnvironment(), group: Group = .callers
    ) {
        self.words = words
        self.environment = environment
        self.group = group
    }

    /// This process's variables.
    package static func ownEnvironment() -> [String: String] {
        var variables: [String: String] = [:]
        var next = environ
        while let variable = next.pointee {
            let text = String(cString: variable)
            if let equals = text.firstIndex(of: "=") {
                variables[String(text[..<equals])] = String(text[text.index(after: equals)...])
            }
            next += 1
        }
        return variables
    }

    /// Whether a program is to be found, on the path or where distributions put it.
    package static func isInstalled(_ program: String) -> Bool {
        let path = getenv("PATH").map { String(cString: $0) } ?? ""
        return (path.split(separator: ":") + ["/usr/bin", "/bin"]).contains { access("\($0)/\(program)", X_OK) == 0 }
    }

    /// Starts the program and returns its process id, which somebody has to `wait` for.
    ///
    /// - Parameter descriptors: what the program gets as its descriptors 0, 1, 2 and so on; nil is `/dev/null`. It gets
    ///   no others.
    package func start(_ descriptors: [CInt?]) throws(Failure) -> CInt {
        guard let program = words.first else { throw Failure(code: EINVAL) }
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        // Copied above all others first, so that no descriptor is overwritten before it was used.
        let base = CInt(clamping: max(descriptors.count, Int(descriptors.compactMap { $0 }.max() ?? 0) + 1))
        let targets = zip(CInt(0)..., descriptors)
        for case (let target, let descriptor?) in targets {
            posix_spawn_file_actions_adddup2(&actions, descriptor, base + target)
        }
        for (target, descriptor) in targets {
            if descriptor == nil {
                posix_spawn_file_actions_addopen(&actions, target, "/dev/null", O_RDWR, 0)
            } else {
                posix_spawn_file_actions_adddup2(&actions, base + target, target)
            }
        }
        posix_spawn_file_actions_addclosefrom_np(&actions, CInt(clamping: descriptors.count))
        // Signals that this process ignores or blocks are not for the other to inherit: a shell may then wait for ever.
        var signals = sigset_t()
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        var flags = Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK)
        switch group {
        case .callers: break
        case .own: flags |= Int16(POSIX_SPAWN_SETPGROUP)
        case .ownSession: flags |= assay_spawn_new_session
        }
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(&attributes, flags)

        var process = pid_t()
        let code = Self.withCStrings(words) { arguments in
            Self.withCStrings(environment.map { "\($0.key)=\($0.value)" }.sorted()) { variables in
                posix_spawnp(&process, program, &actions, &attributes, arguments, variables)
            }
        }
        guard code == 0 else { throw Failure(code: code) }
        return process
    }

    /// Waits for the process's end and returns its exit code; 128 and the signal's number if it was killed.
    package static func wait(for process: CInt) -> CInt {
        var status: CInt = 0
        while waitpid(process, &status, 0) < 0 {
            guard errno == EINTR else { return -1 }
        }
        return code(of: status)
    }

    /// The exit code in a status of wait(2).
    static func code(of status: CInt) -> CInt { status & 0x7f == 0 ? status >> 8 & 0xff : 128 + status & 0x7f }

    private static func withCStrings<R>(_ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> R) -> R {
        let copies = strings.map { strdup($0) }
        defer { for copy in copies { free(copy) } }
        return body(copies + [nil])
    }
}
