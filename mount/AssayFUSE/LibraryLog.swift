internal import CFUSE
internal import Glibc
import Synchronization

/// What libfuse would print to standard error: its last lines are kept for an error's text.
enum LibraryLog {
    private static let lines = Mutex<[String]>([])
    private static let lineLimit = 8

    /// To be called before libfuse is asked anything; again does no harm.
    static func capture() {
        fuse_set_log_func { _, format, arguments in
            guard let format, let arguments else { return }
            var buffer = [CChar](repeating: 0, count: 1024)
            let length = vsnprintf(&buffer, buffer.count, format, arguments)
            guard length > 0 else { return }
            let bytes = buffer.prefix(min(Int(length), buffer.count - 1)).map { UInt8(bitPattern: $0) }
            let line = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline).joined(separator: " ")
            LibraryLog.lines.withLock { lines in
                lines.append(line)
                lines.removeFirst(max(0, lines.count - LibraryLog.lineLimit))
            }
        }
    }

    /// What was said since the last time.
    static func take() -> String {
        lines.withLock { lines in
            defer { lines = [] }
            return lines.joined(separator: "; ")
        }
    }
}
