import Synchronization
import TUF

/// A mirror of files in memory, which keeps a record of what it was asked for.
final class MemoryMirror: Mirror {
    enum Answer: Sendable {
        case bytes([UInt8])
        /// Bytes without end.
        case endless
        case failure
    }

    private struct State {
        var files: [String: Answer] = [:]
        var requests: [String] = []
    }

    private let state = Mutex(State())

    var requests: [String] { state.withLock { $0.requests } }
    func forgetRequests() { state.withLock { $0.requests = [] } }

    subscript(path: String) -> Answer? {
        get { state.withLock { $0.files[path] } }
        set { state.withLock { $0.files[path] = newValue } }
    }

    func bytes(_ path: String) -> [UInt8]? {
        if case .bytes(let bytes)? = self[path] { bytes } else { nil }
    }

    func file(_ path: String, limit: Int) async throws(TUFError) -> [UInt8]? {
        let answer = state.withLock { state in
            state.requests.append(path)
            return state.files[path]
        }
        switch answer {
        case .bytes(let bytes) where bytes.count <= limit: return bytes
        case .bytes, .endless: throw .limitExceeded(what: "bytes of \(path)", limit: limit)
        case .failure: throw .mirror("status 503")
        case nil: return nil
        }
    }
}
