internal import CSpawn
import Glibc

/// A pipe whose ends no program inherits unless it is given them.
package final class Pipe: @unchecked Sendable {
    // Changed only by the one who made it, before others have it and after they are done: hence Sendable.
    package private(set) var reading: CInt
    package private(set) var writing: CInt

    package init() throws(Command.Failure) {
        var ends: [CInt] = [-1, -1]
        guard pipe2(&ends, O_CLOEXEC) == 0 else { throw Command.Failure(code: errno) }
        (reading, writing) = (ends[0], ends[1])
    }

    deinit {
        closeReading()
        closeWriting()
    }

    package func closeReading() {
        if reading >= 0 { Glibc.close(reading) }
        reading = -1
    }

    package func closeWriting() {
        if writing >= 0 { Glibc.close(writing) }
        writing = -1
    }

    /// Makes the reading end readable, for ever. A signal handler may do the same with `writing`.
    package func wake() {
        var byte: UInt8 = 0
        _ = write(writing, &byte, 1)
    }

    /// What comes until nobody holds the other end; what exceeds `limit` is read and dropped.
    package func readAll(limit: Int) -> String {
        var content: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = read(reading, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return String(decoding: content, as: UTF8.self) }
            content.append(contentsOf: buffer[..<min(count, limit - content.count)])
        }
    }
}
