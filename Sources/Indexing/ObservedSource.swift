import AssayModel
import Synchronization

/// What was read for one object, however many attempts it took.
final class ReadCounts: Sendable {
    private let counts = Mutex((bytes: 0, requests: 0))

    var bytes: Int { counts.withLock { $0.bytes } }
    var requests: Int { counts.withLock { $0.requests } }

    func addRequest() { counts.withLock { $0.requests += 1 } }
    func add(bytes: Int) { counts.withLock { $0.bytes += bytes } }
}

/// Counts what is read from a source, and tells an observer of it.
struct ObservedSource: ByteSource {
    let source: any ByteSource
    let counts: ReadCounts
    let observer: Indexer.Observer

    var size: Int { source.size }

    func read(_ range: ByteRange) async throws -> ByteBlock {
        counts.addRequest()
        let block = try await source.read(range)
        counts.add(bytes: block.count)
        observer(.read(bytes: block.count))
        return block
    }
}

extension SHA256Digest {
    /// The digest of all bytes of a source, the next of which are on their way while the last are hashed.
    init(of source: some ByteSource) async throws {
        let piece = 8 << 20
        var hasher = SHA256Hasher()
        var next = ByteRange(offset: 0, length: min(piece, source.size))
        var block: ByteBlock?
        while let range = next, range.length > 0 {
            let current = if let block { block } else { try await source.read(range) }
            next = ByteRange(offset: range.end, length: min(piece, source.size - range.end))
            if let next, next.length > 0 {
                async let following = source.read(next)
                current.withUnsafeBytes { hasher.update($0) }
                block = try await following
            } else {
                current.withUnsafeBytes { hasher.update($0) }
            }
        }
        self = hasher.finish()
    }
}
