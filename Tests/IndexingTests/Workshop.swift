import Archive
import AssayModel
import AssayTestSupport
import DigestCatalog
import Indexing
import ObjectStorage
import Synchronization

let now = Timestamp(year: 2026, month: 5, day: 4)
let twoYears = 2 * 365 * 86_400

/// A bucket in memory and a catalog of it in a folder of its own.
struct Workshop {
    let folder: TemporaryFolder
    let catalog: Catalog
    let source: Source
    let bucket: MemoryStore

    init(bucket: MemoryStore = MemoryStore()) throws {
        folder = try TemporaryFolder()
        catalog = try Catalog(path: folder.path + "/catalog.sqlite", access: .readWrite)
        source = try catalog.source(at: "s3://bucket/", name: nil, suggestion: "bucket", now: now)
        self.bucket = bucket
    }

    func put(_ key: String, _ bytes: [UInt8]) async throws {
        _ = try await bucket.put(ObjectKey(key), ByteBlock(bytes))
    }

    /// Stores an archive of texts.
    func put(_ key: String, _ texts: KeyValuePairs<String, String>) async throws {
        try await put(key, ZipBuilder(texts.map { ZipBuilder.Entry($0, $1) }).build())
    }

    func indexer(through store: (any ObjectStore)? = nil, jobs: Int = 2, prefix: String = "") -> Indexer {
        Indexer(
            catalog: catalog, source: source, store: store ?? bucket, prefix: prefix,
            options: Indexer.Options(jobs: jobs, window: 32 << 20, limits: ArchiveLimits()), now: { now })
    }

    @discardableResult
    func index(
        through store: (any ObjectStore)? = nil, jobs: Int = 2, prefix: String = "",
        _ observer: @escaping Indexer.Observer = { _ in }
    ) async throws -> IndexReport {
        try await indexer(through: store, jobs: jobs, prefix: prefix).run(observer)
    }

    /// All files and links of the source by their paths in the tree.
    func tree() throws -> [String: EntryRecord] {
        func walk(_ directory: DirectoryID, _ prefix: String, _ found: inout [String: EntryRecord]) throws {
            for entry in try catalog.entries(in: directory) { found[prefix + entry.name] = entry }
            for child in try catalog.directories(in: directory) {
                try walk(child.id, prefix + child.name + "/", &found)
            }
        }
        var found: [String: EntryRecord] = [:]
        try walk(source.root, "", &found)
        return found
    }

    /// Everything that the catalog tells, without numbers of rows.
    func dump() throws -> [String] {
        let entries = try tree().map { path, entry in
            let content = entry.artifact.map { "\($0.digest) \($0.size)" } ?? entry.link ?? ""
            return "\(path) \(content) \(entry.method) \(entry.dataOffset) \(entry.compressedSize) \(entry.crc32)"
                + " \(entry.modified)"
        }
        let problems = try catalog.problems(limit: 10_000).map { "\($0.key) \($0.name) \($0.reason)" }
        let status = try catalog.status(of: source)
        let artifacts = try catalog.status(now: now).artifacts
        return entries.sorted() + problems.sorted() + [
            "\(ObjectState.allCases.map { status.objects[$0] ?? 0 }) \(status.storedSize) \(status.entries)"
                + " \(status.contentSize) \(status.refusedEntries) \(artifacts)"
        ]
    }

    func digests() throws -> [String: SHA256Digest] { try tree().compactMapValues { $0.artifact?.digest } }
}

/// What was observed, in the order in which it came.
final class Log<Event: Sendable>: Sendable {
    private let state = Mutex<[Event]>([])
    var events: [Event] { state.withLock { $0 } }
    func add(_ event: Event) { state.withLock { $0.append(event) } }
}

/// Bytes that are the same in each run. The first 64 KiB do not compress, and then they repeat.
func noise(_ count: Int, seed: UInt64 = 1) -> [UInt8] {
    var state = seed
    let unit = (0..<min(count, 1 << 16)).map { _ in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return UInt8(truncatingIfNeeded: state >> 56)
    }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count)
    while bytes.count < count { bytes += unit.prefix(count - bytes.count) }
    return bytes
}
