import AssayModel
import AssayTestSupport
import DigestCatalog
import Foundation

let now = Timestamp(year: 2026, month: 5, day: 4)
let later = Timestamp(year: 2028, month: 5, day: 4)

func object(_ key: String, etag: String) -> StoredObject {
    StoredObject(key: ObjectKey(key), version: ObjectVersion(etag: etag), size: 1000, modified: now)
}

func entry(_ path: String, _ content: String) -> IndexedEntry {
    IndexedEntry(path: path, content: .artifact(SHA256Digest(of: content.utf8), size: content.utf8.count))
}

/// A catalog in a folder of its own, with one source.
struct TestCatalog {
    let folder: TemporaryFolder
    let catalog: Catalog
    let source: Source

    init() throws {
        folder = try TemporaryFolder()
        catalog = try Catalog(path: folder.path + "/catalog.sqlite", access: .readWrite)
        source = try catalog.source(at: "s3://bucket/", name: nil, suggestion: "bucket", now: now)
    }

    /// A complete listing; returns what has to be read.
    func list(_ objects: [StoredObject]) throws -> [ObjectToIndex] {
        let scan = try catalog.scan(source)
        let pending = try scan.observe(objects)
        _ = try scan.finish(now: now)
        return pending
    }

    /// Lists an object, beside others that are there, and records what it holds.
    func index(
        _ object: StoredObject, entries: KeyValuePairs<String, String>, others: [StoredObject] = [],
        listing: Bool = true
    ) throws {
        let scan = try catalog.scan(source)
        let pending = try scan.observe([object] + others)
        if listing { _ = try scan.finish(now: now) }
        for target in pending where target.object == object {
            let recorder = catalog.record(target, now: now)
            for (path, content) in entries { try recorder.add(entry(path, content)) }
            try recorder.commit()
        }
    }

    /// The paths of all files in the source's tree.
    func tree() throws -> [String] {
        func walk(_ directory: DirectoryID, _ prefix: String) throws -> [String] {
            try catalog.entries(in: directory).map { prefix + $0.name }
                + catalog.directories(in: directory).flatMap { try walk($0.id, prefix + $0.name + "/") }
        }
        return try walk(source.root, "").sorted()
    }

    func status() throws -> SourceStatus { try catalog.status(of: source) }
}
