import AssayModel
import ObjectStorage
import Synchronization

/// An object whose small entries are read together: who reads small pieces that lie close to each other, one after the
/// other, as `cp -r` of an archive does, gets them from one larger request.
struct NeighbourSource: ByteSource {
    private let object: StoredObject
    private let source: ObjectSource
    private let windows: NeighbourWindows

    init(_ object: StoredObject, in store: any ObjectStore, windows: NeighbourWindows) {
        self.object = object
        self.source = ObjectSource(object, in: store)
        self.windows = windows
    }

    var size: Int { object.size }

    /// - Throws: `ObjectStorageError`.
    func read(_ range: ByteRange) async throws -> ByteBlock {
        guard range.length <= NeighbourWindows.smallRead else { return try await source.read(range) }
        let wanted: ByteRange
        switch windows.find(range, of: object) {
        case .atHand(let bytes): return bytes
        case .toRead(let window): wanted = window
        }
        let bytes = try await source.read(wanted)
        windows.keep(bytes, at: wanted, readTo: range.end, of: object)
        return bytes.count == range.length ? bytes : bytes.withUnsafeBytes { ByteBlock($0[..<range.length]) }
    }
}

/// The windows of the objects that were read last.
final class NeighbourWindows: Sendable {
    /// What is at most a small read, and how far from the last one the next may begin to be its neighbour.
    static let smallRead = 64 << 10
    /// So much is read where neighbours are expected.
    static let windowSize = 512 << 10
    /// So many windows are kept.
    private static let capacity = 16

    enum Answer {
        case atHand(ByteBlock)
        case toRead(ByteRange)
    }

    private struct Window {
        let object: StoredObject
        let start: Int
        let bytes: ByteBlock
        var end: Int
    }

    // The last one is the one used last.
    private let windows = Mutex<[Window]>([])

    /// The bytes of a small range, or what is to be read to have them: more than the range after a neighbour.
    func find(_ range: ByteRange, of object: StoredObject) -> Answer {
        windows.withLock { windows in
            guard let index = windows.lastIndex(where: { $0.object == object }) else { return .toRead(range) }
            var window = windows.remove(at: index)
            defer { windows.append(window) }
            if range.offset >= window.start, range.end <= window.start + window.bytes.count {
                window.end = range.end
                return .atHand(
                    window.bytes.withUnsafeBytes {
                        ByteBlock($0[range.offset - window.start..<range.end - window.start])
                    })
            }
            let isNeighbour = range.offset >= window.end && range.offset - window.end <= Self.smallRead
            guard isNeighbour, object.size >= range.end else { return .toRead(range) }
            let length = max(range.length, min(Self.windowSize, object.size - range.offset))
            return .toRead(ByteRange(offset: range.offset, length: length) ?? range)
        }
    }

    /// Lets go of what was read of an object: some of it was wrong.
    func forget(_ object: StoredObject) {
        windows.withLock { windows in windows.removeAll { $0.object == object } }
    }

    /// - Parameter end: where the range ended that was asked for.
    func keep(_ bytes: ByteBlock, at range: ByteRange, readTo end: Int, of object: StoredObject) {
        windows.withLock { windows in
            windows.removeAll { $0.object == object }
            if windows.count >= Self.capacity { windows.removeFirst() }
            windows.append(Window(object: object, start: range.offset, bytes: bytes, end: end))
        }
    }
}
