import Foundation

/// Runs the program that a profile names as its `credential_process`.
enum CredentialProgram {
    /// What `command` prints when the shell runs it.
    ///
    /// - Throws: `configuration` if it cannot be run, fails, prints more than `limit` bytes or takes longer than
    ///   `seconds`. What it printed never is part of the error.
    static func output(
        of command: String, environment: [String: String], limit: Int, seconds: Int
    ) async throws(ObjectStorageError) -> [UInt8] {
        let result = await withCheckedContinuation { continuation in
            // A program may take its time: not on the threads that all tasks share.
            Thread { continuation.resume(returning: run(command, environment, limit, seconds)) }.start()
        }
        return try result.get()
    }

    private static func run(
        _ command: String, _ environment: [String: String], _ limit: Int, _ seconds: Int
    ) -> Result<[UInt8], ObjectStorageError> {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { return .failure(.unavailable("No pipe can be made (\(Errno.last.text)).")) }
        let (reading, writing) = (ends[0], ends[1])
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        let child = spawn(command, environment, output: writing)
        close(writing)
        defer { close(reading) }
        guard let child else { return .failure(.configuration("The credential_process cannot be started.")) }

        let output = read(reading, limit, seconds)
        // It leads a group of its own: what it started goes with it.
        if output == nil { kill(-child, SIGKILL) }
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0, errno == EINTR {}
        guard let output else {
            return .failure(
                .configuration("The credential_process takes over \(seconds) s or prints over \(limit) bytes."))
        }
        // The upper byte is the exit status, the lower the signal (wait(2)).
        guard status == 0 else {
            let reason = status & 0x7f == 0 ? "status \(status >> 8 & 0xff)" : "signal \(status & 0x7f)"
            return .failure(.configuration("The credential_process failed with \(reason)."))
        }
        return .success(output)
    }

    /// Starts the shell; nil if that fails.
    private static func spawn(_ command: String, _ environment: [String: String], output: Int32) -> pid_t? {
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
        // The threads of tasks block all signals, and children inherit that: a shell may then wait for ever.
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK))

        var arguments = (["sh", "-c", command] as [String]).map { strdup($0) as UnsafeMutablePointer<CChar>? } + [nil]
        var variables = environment.map { strdup("\($0.key)=\($0.value)") as UnsafeMutablePointer<CChar>? } + [nil]
        defer { for text in arguments + variables { free(text) } }
        var child: pid_t = 0
        return posix_spawn(&child, "/bin/sh", &actions, &attributes, &arguments, &variables) == 0 ? child : nil
    }

    /// Everything up to the end of the pipe; nil if that does not come in time or within the limit.
    private static func read(_ descriptor: Int32, _ limit: Int, _ seconds: Int) -> [UInt8]? {
        let clock = ContinuousClock()
        let end = clock.now + .seconds(seconds)
        var output: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let left = clock.now.duration(to: end).components
            guard left.seconds >= 0, left.attoseconds >= 0 else { return nil }
            var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard poll(&waiting, 1, Int32(clamping: left.seconds * 1000 + 1)) > 0 else {
                if errno == EINTR { continue }
                return nil
            }
            let count = Foundation.read(descriptor, &buffer, buffer.count)
            guard count > 0 else { return count == 0 ? output : nil }
            guard count <= limit - output.count else { return nil }
            output += buffer[..<count]
        }
    }
}
