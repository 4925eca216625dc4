import AssayConsole
import Glibc

/// The lines of a file of paths, one after the other as they come, so that another program may go on writing them.
struct PathLines {
    /// No path is longer.
    private static let lineLimit = 1 << 16

    private let name: String
    private let file: OpenFile
    private var buffer: [UInt8] = []
    private var position = 0
    private var hasEnded = false

    /// - Parameter path: `-` for standard input.
    /// - Throws: `usage` if the file cannot be opened.
    init(_ path: String) throws(CommandError) {
        name = path == "-" ? "standard input" : path
        let descriptor = path == "-" ? dup(0) : open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw CommandError(.usage, "the list of paths \(name) cannot be read: \(FileProblem.last)")
        }
        file = OpenFile(descriptor)
    }

    /// Whether the next line can be told without waiting for who writes it, as far as is known.
    var isReady: Bool {
        if hasEnded || buffer[position...].contains(UInt8(ascii: "\n")) { return true }
        var state = pollfd(fd: file.descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&state, 1, 0) != 0
    }

    /// The next line that is not empty; nil at the end, or if the task is cancelled.
    ///
    /// - Throws: `usage` if the list cannot be read, or is none.
    mutating func next() throws(CommandError) -> String? {
        while true {
            if let end = buffer[position...].firstIndex(of: UInt8(ascii: "\n")) {
                let line = buffer[position..<end]
                position = end + 1
                if let text = try text(line) { return text }
            } else if hasEnded {
                let line = buffer[position...]
                position = buffer.count
                return line.isEmpty ? nil : try text(line)
            } else {
                guard buffer.count - position <= Self.lineLimit else {
                    throw CommandError(.usage, "\(name) is no list of paths: a line is longer than any path")
                }
                try fill()
                if Task.isCancelled { return nil }
            }
        }
    }

    private func text(_ line: ArraySlice<UInt8>) throws(CommandError) -> String? {
        if line.isEmpty { return nil }
        guard let text = String(validating: line, as: UTF8.self), !text.utf8.contains(0) else {
            throw CommandError(.usage, "a line of \(name) is not UTF-8 text, or holds a NUL")
        }
        return text
    }

    private mutating func fill() throws(CommandError) {
        // Whoever writes the list may take their time, and an interruption shall not wait for them.
        var state = pollfd(fd: file.descriptor, events: Int16(POLLIN), revents: 0)
        if poll(&state, 1, 200) == 0 { return }
        buffer.removeSubrange(..<position)
        position = 0
        var piece = [UInt8](repeating: 0, count: 1 << 16)
        let count = read(file.descriptor, &piece, piece.count)
        if count < 0, errno == EINTR { return }
        guard count >= 0 else {
            throw CommandError(.usage, "the list of paths \(name) cannot be read: \(FileProblem.last)")
        }
        hasEnded = count == 0
        buffer += piece[..<count]
    }
}

/// A descriptor that is closed with its last reference.
private final class OpenFile: Sendable {
    let descriptor: Int32

    init(_ descriptor: Int32) { self.descriptor = descriptor }

    deinit { close(descriptor) }
}
