import Archive
import ArtifactView
import AssayModel
import AssayTestSupport
import DigestCatalog
import Foundation
import Indexing
import ObjectStorage
import Synchronization

let now = Timestamp(year: 2026, month: 5, day: 4)
let opened = Timestamp(year: 2026, month: 6, day: 1)
let signed = Timestamp(year: 2026, month: 5, day: 5)
let uploaded = Timestamp(seconds: 1_700_000_000)

/// A bucket in memory, a catalog of it, and the tree that shows both.
struct Gallery {
    let folder: TemporaryFolder
    let catalog: Catalog
    let source: Source
    let bucket: MemoryStore
    let counting: CountingStore
    let tree: ArtifactTree

    /// - Parameter wrap: what stands between the bucket and the tree.
    init(
        cacheSize: Int = 64 << 20, bucket: MemoryStore = MemoryStore(),
        wrap: (any ObjectStore) -> any ObjectStore = { $0 }
    ) throws {
        folder = try TemporaryFolder()
        catalog = try Catalog(path: folder.path + "/catalog.sqlite", access: .readWrite)
        source = try catalog.source(at: "s3://bucket/", name: nil, suggestion: "bucket", now: now)
        self.bucket = bucket
        let counting = CountingStore(wrap(bucket))
        self.counting = counting
        tree = ArtifactTree(catalog: catalog, cacheSize: cacheSize, now: opened) { _ in counting }
    }

    /// The same catalog as another process sees it.
    func reopened(cacheSize: Int = 1 << 20) throws -> ArtifactTree {
        let catalog = try Catalog(path: self.catalog.path, access: .readOnly)
        return ArtifactTree(catalog: catalog, cacheSize: cacheSize, now: opened) { [counting] _ in counting }
    }

    func put(_ key: String, _ bytes: [UInt8]) async throws {
        _ = try await bucket.put(ObjectKey(key), ByteBlock(bytes))
    }

    func put(_ key: String, archiveOf entries: [ZipBuilder.Entry]) async throws {
        try await put(key, ZipBuilder(entries).build())
    }

    @discardableResult
    func index() async throws -> IndexReport {
        try await Indexer(
            catalog: catalog, source: source, store: bucket, prefix: "",
            options: Indexer.Options(jobs: 1, window: 32 << 20, limits: ArchiveLimits()), now: { now }
        ).run { _ in }
    }

    /// Gives every artifact a bundle of its own, without cryptography.
    func attest() throws {
        let results = try catalog.unattested(after: 0, limit: 100_000).map {
            AttestationResult(subjects: [$0.id], outcome: .success(bundle: Data("bundle of \($0.digest.hex)".utf8)))
        }
        try catalog.record(
            results, predicateKind: "provenance", predicateType: "https://slsa.dev/provenance/v1", now: signed,
            expires: Timestamp(year: 2028, month: 5, day: 4))
    }

    /// The node at a path from the root.
    func node(_ path: String, in tree: ArtifactTree? = nil) throws -> Node {
        let tree = tree ?? self.tree
        return try path.utf8.split(separator: UInt8(ascii: "/")).reduce(try tree.node(.root)) { node, name in
            try tree.lookup(String(Substring(name)), in: node.id)
        }
    }

    func names(_ path: String) throws -> [String] {
        let listing = try tree.list(node(path).id)
        return (0..<listing.count).map { listing.entry(at: $0).name }
    }

    /// The whole file, read in pieces as the kernel does.
    func bytes(_ path: String) async throws -> [UInt8] { try await bytes(of: tree.open(node(path).id)) }

    func bytes(of file: any OpenFile, pieceSize: Int = 128 << 10) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        while true {
            let block = try await file.read(offset: bytes.count, count: pieceSize)
            if block.count == 0 { return bytes }
            block.withUnsafeBytes { bytes.append(contentsOf: $0) }
        }
    }
}

/// What a view's call came to.
func outcome<T>(_ body: () throws -> T) -> ViewError? {
    do {
        _ = try body()
        return nil
    } catch {
        return error as? ViewError
    }
}

func asyncOutcome<T>(_ body: () async throws -> T) async -> ViewError? {
    do {
        _ = try await body()
        return nil
    } catch {
        return error as? ViewError
    }
}

extension ViewError {
    /// The case without its words.
    var kind: String {
        switch self {
        case .notFound: "notFound"
        case .notADirectory: "notADirectory"
        case .isADirectory: "isADirectory"
        case .notALink: "notALink"
        case .stale: "stale"
        case .damaged: "damaged"
        case .unavailable: "unavailable"
        case .denied: "denied"
        case .cancelled: "cancelled"
        }
    }
}

/// Numbers that are the same in each run.
struct Seeded: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed &* 0x9e37_79b9_7f4a_7c15 | 1 }

    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state
    }
}

/// Bytes that compress to about half their size, and are the same in each run.
func text(_ count: Int, seed: UInt64 = 1) -> [UInt8] {
    var random = Seeded(seed)
    let words = (0..<(count + 7) / 8).map { _ in random.next() & 0x0f0f_0f0f_0f0f_0f0f | 0x6060_6060_6060_6060 }
    return words.withUnsafeBytes { Array($0.prefix(count)) }
}
