import AssayConsole
import AssayModel
import FoundationEssentials
import Glibc
import Sigstore

/// Why a file could not be read, in the system's words.
struct FileProblem: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }

    static var last: FileProblem { FileProblem(String(cString: strerror(errno))) }
}

/// Reads files that a user named.
enum FileContents {
    /// The bytes of a small file.
    static func read(_ path: String, limit: Int) throws(FileProblem) -> [UInt8] {
        var bytes: [UInt8] = []
        var isTooLarge = false
        try forEachPiece(of: path) { piece in
            if bytes.count + piece.count > limit { isTooLarge = true } else { bytes += piece }
            return !isTooLarge
        }
        if isTooLarge { throw FileProblem("it is larger than \(HumanNumber.bytes(limit))") }
        return bytes
    }

    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// The SHA-256 of a file of any size.
    static func digest(of path: String) throws(FileProblem) -> SHA256Digest {
        let hasher = Hasher()
        try forEachPiece(of: path) { piece in
            hasher.sha256.update(piece)
            return true
        }
        return hasher.sha256.finish()
    }

    /// The digests of a file of any size by SHA-256 and `others`, and its size in bytes.
    static func identity(
        of path: String, _ others: Set<DigestAlgorithm>
    ) throws(FileProblem) -> (artifact: ArtifactIdentity, size: Int) {
        var hasher: ArtifactHasher
        do throws(SigstoreError) { hasher = try ArtifactHasher(others.union([.sha256])) } catch {
            throw FileProblem("\(error)")
        }
        var size = 0
        try forEachPiece(of: path) { piece in
            hasher.update(piece)
            size += piece.count
            return true
        }
        do throws(SigstoreError) { return (try hasher.finish(), size) } catch { throw FileProblem("\(error)") }
    }

    private final class Hasher {
        var sha256 = SHA256Hasher()
    }

    /// Calls `body` with one piece after another until it returns false.
    private static func forEachPiece(
        of path: String, _ body: (UnsafeRawBufferPointer) -> Bool
    ) throws(FileProblem) {
        // A named pipe would hold up whoever opens it until somebody writes; one that a shell made is there to be read.
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else { throw .last }
        defer { close(file) }
        var information = stat()
        guard fstat(file, &information) == 0, fcntl(file, F_SETFL, 0) == 0 else { throw .last }
        let isPipe = information.st_mode & S_IFMT == S_IFIFO
        guard !isPipe || path.hasPrefix("/dev/") || path.hasPrefix("/proc/") else {
            throw FileProblem("it is a pipe, not a file")
        }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
        defer { buffer.deallocate() }
        while true {
            // A file may be of any size, or a device without end.
            if Task.isCancelled { throw FileProblem("reading was interrupted") }
            let count = Glibc.read(file, buffer.baseAddress, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw .last }
            guard count > 0, body(UnsafeRawBufferPointer(rebasing: buffer[..<count])) else { return }
        }
    }
}

/// Writes files whole or not at all.
enum NewFile {
    /// - Throws: `usage` if the file is there and is not to be replaced; `output` if it cannot be written.
    static func write(_ bytes: [UInt8], to path: String, mode: mode_t, replacing: Bool) throws(CommandError) {
        func fail(_ what: String) -> CommandError {
            CommandError(
                .output, "cannot write \(path): \(what)", hint: "Check the folder, its permissions and the space.")
        }
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        } catch { throw fail("the folder \(folder) cannot be made") }
        let temporary = "\(path).\(getpid()).tmp"
        let file = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
        guard file >= 0 else { throw fail(FileProblem.last.description) }
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.write(file, $0.baseAddress.map { $0 + written }, bytes.count - written)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            written += count
        }
        var problem: CommandError?
        if written < bytes.count || fsync(file) != 0 { problem = fail(FileProblem.last.description) }
        close(file)
        if problem == nil {
            // A link fails where the name is taken; a rename would replace it.
            let result = replacing ? rename(temporary, path) : link(temporary, path)
            if result != 0 {
                problem =
                    errno == EEXIST
                    ? CommandError(
                        .usage, "\(path) is there already", hint: "Choose another name, or use --force to replace it.")
                    : fail(FileProblem.last.description)
            }
        }
        unlink(temporary)
        if let problem { throw problem }
    }
}
