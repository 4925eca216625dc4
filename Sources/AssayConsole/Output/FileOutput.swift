import Glibc

/// An open file of the process that text is written to: standard output or standard error.
struct FileOutput: Sendable {
    let descriptor: Int32

    var isTerminal: Bool { isatty(descriptor) == 1 }

    /// The terminal's width; nil if this is none, or it does not say.
    var columns: Int? {
        var size = winsize()
        guard isTerminal, ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
        return Int(size.ws_col)
    }

    /// Writes all of `text`.
    ///
    /// - Returns: 0, or the errno of the failure.
    func write(_ text: String) -> Int32 {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if written >= 0 {
                rest = rest.dropFirst(written)
            } else if errno == EAGAIN {
                var wait = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                _ = poll(&wait, 1, -1)
            } else if errno != EINTR {
                return errno
            }
        }
        return 0
    }
}

/// A file that cannot be read, and why.
package struct FileProblem: Error, CustomStringConvertible {
    package let description: String
}

/// Reads small files whole.
package enum SmallFile {
    /// - Throws: if the file cannot be read, or holds more than `limit` bytes.
    package static func read(_ path: String, limit: Int) throws(FileProblem) -> [UInt8] {
        guard let file = fopen(path, "re") else { throw FileProblem(description: SystemText.error(errno)) }
        defer { fclose(file) }
        let room = limit + 1
        let bytes = [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
            count = fread(buffer.baseAddress, 1, room, file)
        }
        if ferror(file) != 0 { throw FileProblem(description: SystemText.error(errno)) }
        guard bytes.count <= limit else { throw FileProblem(description: "it is larger than \(limit) bytes") }
        return bytes
    }
}

enum SystemText {
    /// The system's words for an errno: `No such file or directory`.
    static func error(_ number: Int32) -> String {
        String(cString: strerror(number))
    }
}
