import ArtifactView
import AssayModel
internal import CFUSE
internal import Glibc
import Synchronization

/// The reads that wait for bytes. Each is answered exactly once: by whoever takes it out first, be it the task that
/// reads, the death of the program that asked, or the end of the mount.
final class PendingReads: Sendable {
    private struct Read {
        let request: Request
        var task: Task<Void, Never>?
    }

    private struct State {
        var reads: [UInt: Read] = [:]
        /// Never used again, and never 0: libfuse keeps it as a pointer.
        var lastNumber: UInt = 0
        /// Answers that were taken out and are being given.
        var answering = 0
    }

    private let state = Mutex(State())

    /// Lets `body` find the bytes on the cooperative pool, and answers with what `conclude` makes of them. To be called
    /// on the serving thread only, which also is where libfuse tells of interruptions.
    func start(
        _ request: Request,
        _ body: @escaping @Sendable () async throws(ViewError) -> ByteBlock,
        conclude: @escaping @Sendable (Request, Result<ByteBlock, ViewError>) -> Void
    ) {
        let number = state.withLock { state in
            state.lastNumber += 1
            state.reads[state.lastNumber] = Read(request: request)
            return state.lastNumber
        }
        // Before the task begins: afterwards the request may be gone at any time.
        let asker = request.thread
        let interruptedAlready = fuse_req_interrupted(request.handle) != 0
        if !interruptedAlready {
            fuse_req_interrupt_func(
                request.handle,
                { handle, data in
                    guard let handle, let server = TreeServer.serving(handle) else { return }
                    server.pending.interrupted(UInt(bitPattern: data), thread: Request(handle: handle).thread)
                }, UnsafeMutableRawPointer(bitPattern: number))
        }
        let task = Task.detached { [self] in
            let result: Result<ByteBlock, ViewError>
            do throws(ViewError) { result = .success(try await body()) } catch { result = .failure(error) }
            take(number) { conclude($0, result) }
        }
        state.withLock { $0.reads[number]?.task = task }
        // Not by libfuse, which would hold the request while it is answered and freed.
        if interruptedAlready { interrupted(number, thread: asker) }
    }

    /// Answers every read that still waits with `error`, and returns when no answer is being given any more.
    func abandon(_ error: ErrorNumber) {
        for number in state.withLock({ Array($0.reads.keys) }) { cancel(number, error) }
        // An answer is one write to the kernel, which does not wait for anything.
        while state.withLock({ $0.answering }) > 0 { usleep(100) }
    }

    var count: Int { state.withLock { $0.reads.count } }

    private func take(_ number: UInt, _ answer: (Request) -> Void) {
        let read = state.withLock { state in
            let read = state.reads.removeValue(forKey: number)
            if read != nil { state.answering += 1 }
            return read
        }
        guard let read else { return }
        answer(read.request)
        state.withLock { $0.answering -= 1 }
    }

    private func cancel(_ number: UInt, _ error: ErrorNumber) {
        let task = state.withLock { $0.reads[number]?.task }
        task?.cancel()
        take(number) { $0.fail(error) }
    }

    /// A signal came for the program that waits. If it dies of it, its read is given up; if it handles the signal, the
    /// read goes on, as on a disk: `EINTR` from a read of a file is what most programs are not written for (and a Go
    /// program sends itself signals all the time). The kernel tells only once, hence the looking again.
    private func interrupted(_ number: UInt, thread: pid_t) {
        if Self.isDying(thread) { return cancel(number, ErrorNumber(code: EINTR)) }
        Task.detached { [self] in
            while state.withLock({ $0.reads[number] != nil }) {
                if Self.isDying(thread) { return cancel(number, ErrorNumber(code: EINTR)) }
                try? await Task.sleep(for: .milliseconds(200))
            }
        }
    }

    /// Whether a signal awaits the thread that will end it. The kernel marks the threads of a process that dies of any
    /// signal with a pending SIGKILL, except where it will write a core.
    private static func isDying(_ thread: pid_t) -> Bool {
        guard thread > 0 else { return false }
        guard let text = SmallFile.read("/proc/\(thread)/status", limit: 1 << 16) else { return true }
        var masks: [Substring: UInt64] = [:]
        for line in String(decoding: text, as: UTF8.self).split(separator: "\n") where line.hasPrefix("S") {
            let parts = line.split(separator: ":\t")
            if parts.count == 2 { masks[parts[0]] = UInt64(parts[1], radix: 16) }
        }
        let pending = (masks["SigPnd"] ?? 0) | (masks["ShdPnd"] ?? 0)
        let harmless = (masks["SigBlk"] ?? 0) | (masks["SigIgn"] ?? 0) | (masks["SigCgt"] ?? 0)
        let fatal = [SIGKILL, SIGQUIT, SIGABRT, SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGXCPU, SIGXFSZ]
        return fatal.contains { pending & ~harmless & (1 << UInt64($0 - 1)) != 0 }
    }
}
