import AssayModel
import AssayTestSupport
import DigestCatalog
import ObjectStorage
import Synchronization
import Testing

@testable import ArtifactView

/// docs/SEMANTICS.md, "Files": what happens when the store no longer holds what was indexed.
@Suite struct DamageTests {
    /// A store whose reads can be made to fail, or to give other bytes, at any time.
    final class Troubled: ObjectStore {
        private let base: any ObjectStore
        let error = Mutex<ObjectStorageError?>(nil)
        /// The place of a byte that is read as another one.
        let damage = Mutex<(key: String, offset: Int)?>(nil)

        init(_ base: any ObjectStore) { self.base = base }

        func list(prefix: String, from token: String?, limit: Int) async throws(ObjectStorageError) -> ObjectPage {
            try await base.list(prefix: prefix, from: token, limit: limit)
        }

        func head(_ key: ObjectKey) async throws(ObjectStorageError) -> StoredObject { try await base.head(key) }

        func read(
            _ key: ObjectKey, version: ObjectVersion, range: ByteRange
        ) async throws(ObjectStorageError) -> ByteBlock {
            if let error = error.withLock({ $0 }) { throw error }
            let block = try await base.read(key, version: version, range: range)
            if let (damaged, offset) = damage.withLock({ $0 }), damaged == key.name, offset >= range.offset,
                offset < range.end
            {
                block.withUnsafeMutableBytes { $0[offset - range.offset] ^= 0x55 }
            }
            return block
        }

        func put(_ key: ObjectKey, _ bytes: ByteBlock) async throws(ObjectStorageError) -> StoredObject {
            try await base.put(key, bytes)
        }
    }

    private func troubled() throws -> (Gallery, Troubled) {
        let bucket = MemoryStore()
        let store = Troubled(bucket)
        return (try Gallery(bucket: bucket) { _ in store }, store)
    }

    private static let path = "by-source/bucket/a/x"

    private func dataOffset(_ gallery: Gallery) throws -> Int {
        let folder = try #require(try gallery.catalog.directories(in: gallery.source.root, named: "a").first)
        return try #require(try gallery.catalog.entries(in: folder.id, named: "x").first).dataOffset
    }

    /// - A file whose object was replaced or deleted since it was indexed gives `ESTALE`, never bytes of another version;
    ///   what is in memory of the version that was indexed may still be read.
    @Test(arguments: [ZipCompressor.stored, ZipCompressor.deflate], [false, true])
    func aReplacedOrDeletedObjectIsStale(method: UInt16, deletes: Bool) async throws {
        let gallery = try Gallery()
        let old = text(3 << 20, seed: 1)
        try await gallery.put("a.zip", archiveOf: [ZipBuilder.Entry("x", old) { $0.method = method }])
        try await gallery.index()
        let node = try gallery.node(Self.path)
        let file = try gallery.tree.open(node.id)
        _ = try await file.read(offset: 0, count: 10)
        if deletes {
            gallery.bucket.remove(ObjectKey("a.zip"))
        } else {
            try await gallery.put(
                "a.zip", archiveOf: [ZipBuilder.Entry("x", text(3 << 20, seed: 2)) { $0.method = method }])
        }
        #expect(await asyncOutcome { try await file.read(offset: 3_000_000, count: 10) }?.kind == "stale")
        #expect(
            await asyncOutcome { try await gallery.tree.open(node.id).read(offset: 3_000_000, count: 10) }?.kind
                == "stale")
        let kept = try await file.read(offset: 0, count: 10).withUnsafeBytes { Array($0) }
        #expect(kept == Array(old[..<10]))

        try await gallery.index()
        #expect(await asyncOutcome { try await file.read(offset: 3_000_000, count: 10) }?.kind == "stale")
        if deletes {
            #expect(throws: ViewError.notFound) { try gallery.node(Self.path) }
        } else {
            let newer = try gallery.node(Self.path)
            #expect(newer.id != node.id)
            #expect(try await gallery.bytes(Self.path) == text(3 << 20, seed: 2))
            #expect(outcome { try gallery.tree.open(node.id) }?.kind == "notFound")
        }
    }

    /// - A file whose bytes cannot be decompressed, or fail the checks of the archive, gives `EIO`, and the reason is
    ///   logged.
    ///
    /// The mount logs what the error says; here it names the object and the entry.
    @Test(arguments: [ZipCompressor.deflate, ZipCompressor.bzip2, ZipCompressor.zstd, ZipCompressor.xz])
    func damagedDataIsAnErrorThatNamesThePlace(method: UInt16) async throws {
        let (gallery, store) = try troubled()
        let content = text(600_000)
        try await gallery.put("a.zip", archiveOf: [ZipBuilder.Entry("x", content) { $0.method = method }])
        try await gallery.index()
        let start = try dataOffset(gallery)
        for offset in [start, start + 1000, start + 200_000] {
            store.damage.withLock { $0 = ("a.zip", offset) }
            let error = await asyncOutcome { try await gallery.bytes(Self.path) }
            #expect(error?.kind == "damaged")
            #expect(error?.description.contains("s3://bucket/a.zip: x") == true)
            // Nothing of what was wrong stays.
            store.damage.withLock { $0 = nil }
            let tree = try gallery.reopened()
            #expect(try await gallery.bytes(of: tree.open(gallery.node(Self.path, in: tree).id)) == content)
        }
    }

    /// - Artifacts of up to 256 KiB are checked against their SHA-256 each time they come from the store.
    @Test(arguments: [ZipCompressor.stored, ZipCompressor.deflate], [1, 1000, 256 << 10])
    func noWrongByteOfASmallArtifactIsGiven(method: UInt16, size: Int) async throws {
        let (gallery, store) = try troubled()
        try await gallery.put("a.zip", archiveOf: [ZipBuilder.Entry("x", text(size)) { $0.method = method }])
        try await gallery.index()
        let offset = try dataOffset(gallery)
        store.damage.withLock { $0 = ("a.zip", offset) }
        let file = try gallery.tree.open(gallery.node(Self.path).id)
        for _ in 0..<2 {
            #expect(await asyncOutcome { try await file.read(offset: 0, count: 1) }?.kind == "damaged")
            #expect(file.readAtOnce(offset: 0, count: 1) == nil)
            #expect(gallery.tree.blocks.size == 0)
        }
        store.damage.withLock { $0 = nil }
        #expect(try await gallery.bytes(of: file) == text(size))
    }

    /// - Larger artifacts are checked against their SHA-256, and compressed ones against the archive's CRC-32 too, when
    ///   they come from the store from the first byte to the last, and their last bytes are given only after that.
    @Test(arguments: [0, 300_000, (1 << 20) + 9]) func aLargeArtifactDoesNotEndWellIfAnyByteIsWrong(place: Int)
        async throws
    {
        let (gallery, store) = try troubled()
        let content = text((1 << 20) + 10)
        try await gallery.put("a.zip", archiveOf: [ZipBuilder.Entry("x", content) { $0.method = ZipCompressor.stored }])
        try await gallery.put("loose", content)
        try await gallery.index()
        for (key, path, offset) in [
            ("a.zip", Self.path, try dataOffset(gallery) + place), ("loose", "by-source/bucket/loose", place),
        ] {
            store.damage.withLock { $0 = (key, offset) }
            #expect(await asyncOutcome { try await gallery.bytes(path) }?.kind == "damaged")
            #expect(gallery.tree.blocks.size == 0, "nothing of it stays in memory")
            store.damage.withLock { $0 = nil }
            #expect(try await gallery.bytes(path) == content)
            let tree = try gallery.reopened()
            #expect(try await gallery.bytes(of: tree.open(gallery.node(path, in: tree).id)) == content)
            for index in 0...content.count / ArtifactFile.blockSize {
                for entry in 0...99 { gallery.tree.blocks.remove(.init(entry: Int64(entry), block: index)) }
            }
        }
    }

    @Test func damageInOneArchiveDoesNotReachReadersOfAnother() async throws {
        let (gallery, store) = try troubled()
        let content = text(2 << 20)
        for key in ["a.zip", "b.zip"] {
            try await gallery.put(key, archiveOf: [ZipBuilder.Entry("x", content) { $0.method = ZipCompressor.stored }])
        }
        try await gallery.index()
        let offset = try dataOffset(gallery) + 5
        store.damage.withLock { $0 = ("a.zip", offset) }
        let bad = try gallery.tree.open(gallery.node(Self.path).id)
        _ = try await bad.read(offset: 0, count: 10)
        #expect(try await gallery.bytes("by-source/bucket/b/x") == content)
    }

    /// - A store that does not answer gives `EIO`; one that refuses the credentials gives `EACCES`.
    @Test(arguments: [ZipCompressor.stored, ZipCompressor.deflate]) func aStoreThatIsDownIsAskedAgain(method: UInt16)
        async throws
    {
        let (gallery, store) = try troubled()
        let content = text(2 << 20)
        try await gallery.put("a.zip", archiveOf: [ZipBuilder.Entry("x", content) { $0.method = method }])
        try await gallery.index()
        let file = try gallery.tree.open(gallery.node(Self.path).id)
        for (error, kind) in [
            (ObjectStorageError.unavailable("no route"), "unavailable"),
            (.transient("503", retryAfter: nil), "unavailable"),
            (.denied("AccessDenied"), "denied"), (.invalidResponse("no length"), "unavailable"),
        ] {
            store.error.withLock { $0 = error }
            #expect(await asyncOutcome { try await file.read(offset: 1 << 20, count: 10) }?.kind == kind)
        }
        store.error.withLock { $0 = nil }
        _ = try await file.read(offset: 0, count: 10)
        store.error.withLock { $0 = .unavailable("no route") }
        #expect(await asyncOutcome { try await gallery.bytes(of: file) }?.kind == "unavailable")
        store.error.withLock { $0 = nil }
        #expect(try await gallery.bytes(of: file) == content)
    }

    @Test func aStoreThatCannotBeOpenedIsAnErrorOfTheFile() async throws {
        let gallery = try Gallery()
        try await gallery.put("a.zip", archiveOf: [ZipBuilder.Entry("x", "1")])
        try await gallery.index()
        let tree = ArtifactTree(catalog: gallery.catalog, cacheSize: 1, now: opened) {
            source throws(ObjectStorageError) in
            throw .denied("no credentials for \(source.location)")
        }
        let error = outcome { try tree.open(gallery.node(Self.path).id) }
        #expect(error?.kind == "denied")
        #expect(error?.description.contains("no credentials for s3://bucket/") == true)
    }
}
