import Archive
import AssayModel
import DigestCatalog

/// Hashes the entries of an archive as they stream by, and records them.
struct EntryDigester: EntryConsumer {
    private let recorder: ObjectRecorder
    private let onRefusal: (Refusal) -> Void
    private let hasher = Hasher()
    private var current: (entry: ArchiveEntry, dataOffset: Int)?
    private(set) var entries = 0
    private(set) var contentSize = 0
    private(set) var refused = 0

    // A noncopyable value cannot be in a struct that is passed inout through a generic, but a class can hold it.
    private final class Hasher {
        var sha256 = SHA256Hasher()
    }

    init(recorder: ObjectRecorder, onRefusal: @escaping (Refusal) -> Void) {
        self.recorder = recorder
        self.onRefusal = onRefusal
    }

    mutating func begin(_ entry: ArchiveEntry, dataOffset: Int) { current = (entry, dataOffset) }

    mutating func consume(_ bytes: UnsafeRawBufferPointer) { hasher.sha256.update(bytes) }

    mutating func end() async throws {
        let digest = hasher.sha256.finish()
        guard let (entry, dataOffset) = current else { return }
        current = nil
        entries += 1
        contentSize += entry.size
        try recorder.add(
            IndexedEntry(
                path: entry.path, content: .artifact(digest, size: entry.size), method: Int(entry.method.rawValue),
                dataOffset: dataOffset, compressedSize: entry.compressedSize, crc32: entry.crc32,
                modified: entry.modified, mode: entry.mode.map(Int.init)))
    }

    mutating func link(_ entry: ArchiveEntry, target: String) async throws {
        entries += 1
        try recorder.add(IndexedEntry(path: entry.path, content: .link(target), modified: entry.modified))
    }

    mutating func directory(_ entry: ArchiveEntry) async throws {
        try recorder.add(IndexedEntry(path: entry.path, content: .directory))
    }

    mutating func refuse(_ entry: RefusedEntry) async throws {
        if current != nil {
            _ = hasher.sha256.finish()
            current = nil
        }
        refused += 1
        let refusal = Refusal(name: entry.name, code: entry.error.code, reason: "\(entry.error)")
        recorder.refuse(refusal)
        onRefusal(refusal)
    }
}
