import ArtifactView
import Foundation
import Synchronization
import Testing

@testable import AssayFUSE

/// What a machine must have for these tests. A missing thing skips them, and fails them if `ASSAY_REQUIRE_ALL` is 1.
enum FUSERequirement {
    static let message: Comment = "needs /dev/fuse and root, or fusermount3 (package fuse3)"

    static var isMet: Bool {
        if ProcessInfo.processInfo.environment["ASSAY_REQUIRE_ALL"] == "1" { return true }
        let helper = ["/usr/bin/fusermount3", "/bin/fusermount3"].contains { (path: String) in access(path, X_OK) == 0 }
        return access("/dev/fuse", R_OK | W_OK) == 0 && (geteuid() == 0 || helper)
    }
}

/// A directory of its own for a test, taken away with whatever was mounted in it.
final class Scratch: Sendable {
    let path: String

    init() throws {
        var template = Array((NSTemporaryDirectory() + "assay-fuse-XXXXXX").utf8CString)
        guard mkdtemp(&template) != nil else { throw POSIXError(.EIO) }
        let name = template.withUnsafeBytes { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        path = try MountPoint(resolving: name).path
    }

    deinit {
        try? FUSEMount.unmount(path: path, lazy: true)
        rmdir(path)
    }
}

/// Mounts `tree`, serves it on a thread of its own while `body` runs on another, and takes it away again.
///
/// Blocking calls into the mount never run on the cooperative pool, whose threads the tree's reads need.
func withMount<R: Sendable>(
    _ tree: MemoryTree, _ options: MountOptions = MountOptions(), log: @escaping @Sendable (String) -> Void = { _ in },
    _ body: @escaping @Sendable (String, FUSEMount) throws -> R
) async throws -> R {
    let scratch = try Scratch()
    let mount = try FUSEMount(tree: tree, mountPoint: scratch.path, options: options, log: log)
    async let served: Void = onThread { mount.run() }
    let result: Result<R, any Error>
    do {
        result = .success(try await onThread { try body(scratch.path, mount) })
    } catch {
        result = .failure(error)
    }
    mount.unmount()
    try await served
    #expect(!FUSEMount.mounts().contains(scratch.path))
    return try result.get()
}

/// Runs blocking work on a thread of its own, as part of the test that asks for it.
func onThread<R: Sendable>(_ body: @escaping @Sendable () throws -> R) async throws -> R {
    try await Task(executorPreference: ThreadPerJob()) { try body() }.value
}

/// Unlike a bare thread, an executor keeps the task's own values, so that a failed expectation finds its test.
private final class ThreadPerJob: TaskExecutor {
    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        Thread.detachNewThread { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}

/// Waits until `condition` holds. The test run's own time limit ends a wait for what never comes.
func waitUntil(_ condition: () -> Bool) { while !condition() { usleep(2000) } }

/// The system calls, with errors as values.
enum Call {
    struct Failed: Error, Equatable, CustomStringConvertible {
        let code: CInt
        var description: String { String(cString: strerror(code)) }
    }

    @discardableResult
    static func checked<N: SignedInteger>(_ value: N) throws -> N {
        if value < 0 { throw Failed(code: errno) }
        return value
    }

    static func code<N>(_ body: () throws -> N) -> CInt {
        do { _ = try body() } catch let error as Failed { return error.code } catch { return -1 }
        return 0
    }

    static func read(_ path: String, offset: Int = 0, count: Int) throws -> [UInt8] {
        let file = try checked(open(path, O_RDONLY))
        defer { close(file) }
        return try read(file, offset: offset, count: count)
    }

    static func read(_ file: CInt, offset: Int, count: Int) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0xEE, count: count)
        let got = try checked(pread(file, &bytes, count, off_t(offset)))
        return Array(bytes[..<got])
    }

    static func status(_ path: String) throws -> stat {
        var status = stat()
        try checked(lstat(path, &status))
        return status
    }

    static func names(_ path: String) throws -> [String] {
        guard let stream = opendir(path) else { throw Failed(code: errno) }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            withUnsafeBytes(of: entry.pointee.d_name) { name in
                names.append(String(decoding: name.prefix { $0 != 0 }, as: UTF8.self))
            }
        }
        return names
    }
}

/// Bytes that are nowhere alike.
func pattern(_ count: Int) -> [UInt8] {
    var state: UInt64 = 0x9E37_79B9_7F4A_7C15
    return (0..<count).map { _ in
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return UInt8(truncatingIfNeeded: state)
    }
}

/// What was logged.
final class Lines: Sendable {
    private let lines = Mutex<[String]>([])

    var all: [String] { lines.withLock { $0 } }

    @Sendable func append(_ line: String) { lines.withLock { $0.append(line) } }
}
