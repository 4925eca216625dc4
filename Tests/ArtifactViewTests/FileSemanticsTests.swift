import ArtifactView
import AssayModel
import AssayTestSupport
import DigestCatalog
import ObjectStorage
import Testing

/// docs/SEMANTICS.md, "Files". Tested with the mount, in AssayFUSETests:
///
/// - The tree is read-only: whatever would change it fails with `EROFS`.
/// - Files have mode 0444 and directories 0555, whatever the archive says.
@Suite struct FileSemanticsTests {
    private let folder = "by-source/bucket/a/"

    /// - The size is that of the artifact, uncompressed.
    @Test(arguments: ZipCompressor.methods) func theSizeIsTheUncompressedOne(method: UInt16) async throws {
        let gallery = try Gallery()
        let content = [UInt8](repeating: 7, count: 100_000)
        try await gallery.put("a.zip", archiveOf: [ZipBuilder.Entry("x", content) { $0.method = method }])
        try await gallery.put("loose", content)
        try await gallery.index()
        #expect(try gallery.node(folder + "x").size == 100_000)
        #expect(try gallery.tree.open(gallery.node(folder + "x").id).size == 100_000)
        #expect(try gallery.node("by-source/bucket/loose").size == 100_000)
        #expect(try gallery.node("by-source/bucket").size == 0)
    }

    /// - The time is the entry's own, else the object's; a bundle shows when it was signed, an artifact under `by-digest`
    ///   when it was first indexed, and folders of keys when the tree was opened.
    @Test func timesAreThoseOfTheirContents() async throws {
        let gallery = try Gallery()
        let undated = ZipBuilder.Entry("d/undated", "2") {
            $0.dosDate = 0
            $0.dosTime = 0
        }
        try await gallery.put("p/a.zip", archiveOf: [ZipBuilder.Entry("dated", "1"), undated])
        try await gallery.put("p/loose", [3])
        try await gallery.index()
        try gallery.attest()
        let hex = SHA256Digest(of: "1".utf8).hex
        for (path, time) in [
            ("p/a/dated", Timestamp(year: 2026, month: 1, day: 2, hour: 3, minute: 4, second: 6)),
            ("p/a/d/undated", uploaded), ("p/loose", uploaded), ("p/a", uploaded), ("p/a/d", uploaded), ("p", opened),
            ("p/loose.bundle", signed),
        ] {
            #expect(try gallery.node("by-source/bucket/" + path).modified == time, "\(path)")
        }
        #expect(try gallery.node("by-digest/sha256/\(hex.prefix(2))/\(hex)").modified == now)
        #expect(try gallery.node("by-digest/sha256/\(hex.prefix(2))/\(hex).bundle").modified == signed)
        #expect(try gallery.node("by-digest/sha256").modified == opened)
    }

    /// - An inode number means the same bytes for ever, in this mount and the next.
    @Test func numbersStayAndAreNeverGivenAgain() async throws {
        let gallery = try Gallery()
        var contents: [NodeID: [UInt8]] = [:]
        func check(_ tree: ArtifactTree, _ directory: NodeID) async throws {
            let listing = try tree.list(directory)
            for index in 0..<listing.count {
                let node = listing.entry(at: index).node
                if node.kind == .directory {
                    try await check(tree, node.id)
                } else {
                    let bytes = try await gallery.bytes(of: tree.open(node.id))
                    #expect(contents.updateValue(bytes, forKey: node.id).map { $0 == bytes } ?? true)
                }
            }
        }
        for round in 0..<4 {
            try await gallery.put(
                "a.zip", archiveOf: [ZipBuilder.Entry("x", "x of \(round)"), ZipBuilder.Entry("same", "same")])
            try await gallery.put("loose", Array("loose \(round)".utf8))
            if round == 2 {
                gallery.bucket.remove(ObjectKey("a.zip"))
                gallery.bucket.remove(ObjectKey("loose"))
            }
            try await gallery.index()
            try gallery.attest()
            let before = contents
            try await check(gallery.tree, .root)
            if round != 2 { #expect(contents.count > before.count) }
            let tree = try gallery.reopened()
            let known = contents
            try await check(tree, .root)
            #expect(contents == known, "a tree opened anew has the same numbers")
        }
    }

    /// - Symbolic links are kept where they stay inside their archive, and refused where they do not.
    @Test func linksThatStayInsideAreKept() async throws {
        let gallery = try Gallery()
        try await gallery.put(
            "a.zip",
            archiveOf: [
                ZipBuilder.Entry("lib/lib.so.1", "library"), .link("lib/lib.so", to: "lib.so.1"),
                .link("current", to: "lib/./lib.so"), .link("lib/up", to: "../current"), .link("out", to: "../other"),
                .link("lib/out", to: "../../other"), .link("absolute", to: "/etc/passwd"),
            ])
        try await gallery.index()
        #expect(try gallery.names("by-source/bucket/a") == ["current", "lib"])
        #expect(try gallery.names("by-source/bucket/a/lib") == ["lib.so", "lib.so.1", "up"])
        for (name, target) in [("lib/lib.so", "lib.so.1"), ("current", "lib/./lib.so"), ("lib/up", "../current")] {
            let node = try gallery.node(folder + name)
            #expect(node.kind == .symbolicLink)
            #expect(node.size == target.utf8.count)
            #expect(try gallery.tree.target(ofLink: node.id) == target)
        }
    }

    /// - `user.assay.sha256` is the digest of an artifact; `user.assay.source`, `.key`, `.etag`, `.version`, `.entry` say
    ///   where it lies, and `.attested` since when its bundle is there.
    @Test func extendedAttributesTellWhatAndWhere() async throws {
        let gallery = try Gallery(bucket: MemoryStore(keepsVersions: true))
        try await gallery.put("p/a.zip", archiveOf: [ZipBuilder.Entry("d/x", "1")])
        try await gallery.put("loose", [3])
        try await gallery.index()
        func attributes(_ path: String) throws -> [String: String] {
            try gallery.tree.extendedAttributes(of: gallery.node(path).id).mapValues {
                String(decoding: $0, as: UTF8.self)
            }
        }
        let hex = SHA256Digest(of: "1".utf8).hex
        let etag = try await gallery.bucket.head(ObjectKey("p/a.zip")).version.etag
        var expected = [
            "user.assay.sha256": hex, "user.assay.source": "s3://bucket/", "user.assay.key": "p/a.zip",
            "user.assay.etag": etag, "user.assay.entry": "d/x",
        ]
        #expect(try attributes("by-source/bucket/p/a/d/x") == expected)
        try gallery.attest()
        expected["user.assay.attested"] = signed.description
        #expect(try attributes("by-source/bucket/p/a/d/x") == expected)
        #expect(try attributes("by-digest/sha256/\(hex.prefix(2))/\(hex)") == expected)
        #expect(try attributes("by-source/bucket/loose")["user.assay.entry"] == nil)
        #expect(try attributes("by-source/bucket/loose")["user.assay.key"] == "loose")
        #expect(try attributes("by-source/bucket/loose.bundle").isEmpty)
        #expect(try attributes("by-source/bucket").isEmpty)

        let object = try await gallery.bucket.head(ObjectKey("loose"))
        let target = try #require(
            try gallery.catalog.scan(gallery.source).observe([
                StoredObject(
                    key: ObjectKey("new"), version: ObjectVersion(etag: "e", id: "v7"), size: 1,
                    modified: object.modified)
            ]).first)
        let recorder = gallery.catalog.record(target, now: now)
        try recorder.add(IndexedEntry(path: "new", content: .artifact(SHA256Digest(of: [9]), size: 1)))
        try recorder.commit()
        #expect(try attributes("by-source/bucket/new")["user.assay.version"] == "v7")
    }

    /// - `statfs` counts the files of the stores and their uncompressed size.
    @Test func totalsCountWhatIsThere() async throws {
        let gallery = try Gallery()
        #expect(try gallery.tree.totals() == (0, 0))
        try await gallery.put("a.zip", archiveOf: [ZipBuilder.Entry("x", "12345"), ZipBuilder.Entry("y", "678")])
        try await gallery.put("loose", [3])
        try await gallery.index()
        #expect(try gallery.tree.totals() == (3, 9))
        gallery.bucket.remove(ObjectKey("a.zip"))
        try await gallery.index()
        #expect(try gallery.tree.totals() == (1, 1))
    }
}
