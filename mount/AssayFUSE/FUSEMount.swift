public import ArtifactView
internal import CFUSE
internal import ChildProcess
internal import Glibc
import Synchronization

/// A tree mounted as a read-only file system.
///
/// It is mounted from `init` on, but nobody gets an answer before `run` serves it. A mount that is let go is unmounted.
public final class FUSEMount: Sendable {
    /// libfuse's session, which the serving thread alone uses once it serves.
    private struct Session: @unchecked Sendable { let handle: OpaquePointer }

    private enum State {
        case mounted(Session)
        case serving
        case ended
    }

    /// Where the tree is mounted: absolute, without symbolic links.
    public let mountPoint: String

    private let server: TreeServer
    private let options: MountOptions
    private let state: Mutex<State>
    private let wake: WakeUp

    /// Mounts `tree` at a directory.
    ///
    /// - Parameter log: gets a line for whatever an operator should hear of, such as bytes in the store that are not
    ///   those that were hashed; at most a few each second. May be called on any thread.
    /// - Throws: `MountError`; nothing is left mounted then.
    public init(
        tree: some FileTree, mountPoint: String, options: MountOptions = MountOptions(),
        log: @escaping @Sendable (String) -> Void = { _ in }
    ) throws(MountError) {
        let point = try MountPoint(resolving: mountPoint)
        try point.checkFree()
        let text = try options.text()
        guard Glibc.access("/dev/fuse", F_OK) == 0 else { throw .deviceMissing }
        if geteuid() != 0 {
            guard Command.isInstalled("fusermount3") else { throw .helperMissing }
            if options.allowOther, !Self.othersMayBeLetIn { throw .allowOtherForbidden }
        }
        if point.hasEntries { log("\(point.path) is not empty: what lies in it is hidden while the tree is mounted.") }

        let server = TreeServer(tree: tree, options: options, log: log)
        let wake: WakeUp
        do throws(Command.Failure) { wake = try WakeUp() } catch {
            throw .refused(point.path, reason: error.text)
        }
        state = Mutex(.mounted(try Self.mount(at: point.path, options: text, server: server)))
        self.mountPoint = point.path
        self.server = server
        self.options = options
        self.wake = wake
    }

    deinit {
        if case .mounted(let session) = state.withLock({ $0 }) { Self.end(session) }
    }

    /// Serves the tree on the calling thread until it is unmounted, by `unmount` or from outside, and cleans up. Never
    /// call it on the cooperative pool: it blocks. Returns at once if the mount was served already.
    public func run() {
        let session: Session? = state.withLock { state in
            guard case .mounted(let session) = state else { return nil }
            state = .serving
            return session
        }
        guard let session else { return }
        serve(session)
        server.pending.abandon(ErrorNumber(code: ENOTCONN))
        Self.end(session)
        state.withLock { $0 = .ended }
    }

    /// Like `run`, and unmounts when the process gets SIGINT, SIGTERM or SIGHUP, whose handling is put back afterwards.
    /// One mount of a process at a time can be served this way.
    public func runUntilSignalled() {
        wake.onSignals([SIGINT, SIGTERM, SIGHUP], during: run)
    }

    /// Ends the mount from any thread: what is asked already is answered, reads that still wait for bytes fail with
    /// `ENOTCONN`, and `run` returns. Programs that have files open get errors from then on.
    public func unmount() { wake.signal() }

    /// How many files and directories programs hold open.
    var openHandles: Int { server.files.count + server.directories.count }

    // MARK: Serving

    private func serve(_ session: Session) {
        var buffer = fuse_buf()
        defer { free(buffer.mem) }
        var ends = [
            pollfd(fd: fuse_session_fd(session.handle), events: Int16(POLLIN), revents: 0),
            pollfd(fd: wake.descriptor, events: Int16(POLLIN), revents: 0),
        ]
        var initialised = false
        // Once asked to end, only what waits already is answered, and of a flood not all.
        var lastRequests = 1000
        while fuse_session_exited(session.handle) == 0, lastRequests > 0 {
            let ending = ends[1].revents != 0
            let ready = poll(&ends, nfds_t(ends.count), ending ? 0 : -1)
            if ready < 0, errno == EINTR { continue }
            guard ready > 0 else { break }
            guard ends[0].revents != 0 else {
                if ending { break }
                continue
            }
            if ending { lastRequests -= 1 }
            let count = fuse_session_receive_buf(session.handle, &buffer)
            if count == -EINTR || count == -EAGAIN { continue }
            guard count > 0 else { break }
            fuse_session_process_buf(session.handle, &buffer)
            // The kernel sets its own value when the first request, the greeting, is answered.
            if !initialised {
                initialised = true
                raiseReadAhead()
            }
        }
    }

    private func raiseReadAhead() {
        guard let amount = options.readAheadKiB, amount > 0,
            let device = MountTable.current().top(at: mountPoint)?.device
        else { return }
        SmallFile.write("\(amount)", to: "/sys/class/bdi/\(device)/read_ahead_kb")
    }

    // MARK: libfuse's session

    private static func mount(at path: String, options: String, server: TreeServer) throws(MountError) -> Session {
        LibraryLog.capture()
        _ = LibraryLog.take()
        var table = Operations.table()
        let words: [UnsafeMutablePointer<CChar>?] = ["assay", "-o", options].map { (word: String) in strdup(word) }
        defer { for word in words { free(word) } }
        var pointers = words + [nil]
        let created = pointers.withUnsafeMutableBufferPointer { pointers in
            var arguments = fuse_args(argc: CInt(words.count), argv: pointers.baseAddress, allocated: 0)
            defer { fuse_opt_free_args(&arguments) }
            return fuse_session_new(
                &arguments, &table, MemoryLayout<fuse_lowlevel_ops>.size, Unmanaged.passUnretained(server).toOpaque())
        }
        guard let handle = created else { throw .refused(path, reason: LibraryLog.take()) }
        guard fuse_session_mount(handle, path) == 0 else {
            let error = ErrorNumber.last
            fuse_session_destroy(handle)
            let words = LibraryLog.take()
            throw .refused(path, reason: words.isEmpty ? error.text : words)
        }
        return Session(handle: handle)
    }

    private static func end(_ session: Session) {
        fuse_session_unmount(session.handle)
        fuse_session_destroy(session.handle)
    }

    private static var othersMayBeLetIn: Bool {
        String(decoding: SmallFile.read("/etc/fuse.conf", limit: 1 << 20) ?? [], as: UTF8.self)
            .split(whereSeparator: \.isNewline)
            .contains { $0.split(whereSeparator: \.isWhitespace) == ["user_allow_other"] }
    }
}
