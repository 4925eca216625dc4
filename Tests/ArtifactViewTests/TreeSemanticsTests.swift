import ArtifactView
import AssayModel
import AssayTestSupport
import DigestCatalog
import Testing

/// docs/SEMANTICS.md, "Tree".
@Suite struct TreeSemanticsTests {
    /// - `/by-source/SOURCE/KEY/PATH` is the entry `PATH` of the archive under `KEY`, without the key's `.zip`.
    @Test func anEntryStandsUnderItsKeyWithoutZip() async throws {
        let gallery = try Gallery()
        try await gallery.put("p/build 1.zip", archiveOf: [ZipBuilder.Entry("dist/app", "the app")])
        try await gallery.index()
        #expect(try gallery.names("") == ["by-digest", "by-source"])
        #expect(try gallery.names("by-source") == ["bucket"])
        #expect(try gallery.names("by-source/bucket/p") == ["build 1"])
        #expect(try await gallery.bytes("by-source/bucket/p/build 1/dist/app") == Array("the app".utf8))
        #expect(throws: ViewError.notFound) { try gallery.node("by-source/bucket/p/build 1.zip") }
    }

    /// - `/by-source/SOURCE/KEY` is a loose object, itself an artifact: one whose key does not end in `.zip`, in upper
    ///   or lower case, or has nothing before it in its last component.
    @Test func anyOtherObjectIsItselfAFile() async throws {
        let gallery = try Gallery()
        for key in ["p/app.tar.gz", "p/.zip", "p/x.zip.txt", "plain"] { try await gallery.put(key, Array(key.utf8)) }
        try await gallery.put("p/UPPER.ZIP", archiveOf: [ZipBuilder.Entry("x", "1")])
        try await gallery.index()
        for key in ["p/app.tar.gz", "p/.zip", "p/x.zip.txt", "plain"] {
            #expect(try await gallery.bytes("by-source/bucket/" + key) == Array(key.utf8))
        }
        #expect(try gallery.names("by-source/bucket/p/UPPER") == ["x"])
    }

    /// - `/by-digest/sha256/AB/DIGEST` is the artifact with that SHA-256, wherever it lies; `AB` are the first two of its
    ///   64 digits.
    @Test func anArtifactStandsUnderItsDigestWhileItIsInAStore() async throws {
        let gallery = try Gallery()
        let hex = SHA256Digest(of: "same".utf8).hex
        let folder = "by-digest/sha256/\(hex.prefix(2))"
        try await gallery.put("a.zip", archiveOf: [ZipBuilder.Entry("x", "same")])
        try await gallery.put("b.zip", archiveOf: [ZipBuilder.Entry("y", "same")])
        try await gallery.index()
        try gallery.attest()
        #expect(try gallery.names("by-digest") == ["sha256"])
        #expect(try gallery.names("by-digest/sha256").count == 256)
        #expect(try gallery.names(folder) == [hex, hex + ".bundle"])
        #expect(try await gallery.bytes("\(folder)/\(hex)") == Array("same".utf8))
        for wrong in [hex.uppercased(), "sha256:" + hex, String(hex.dropLast()), SHA256Digest(of: "no".utf8).hex] {
            #expect(throws: ViewError.notFound) { try gallery.node("\(folder)/\(wrong)") }
        }
        let other = hex.hasPrefix("00") ? "01" : "00"
        #expect(throws: ViewError.notFound) { try gallery.node("by-digest/sha256/\(other)/\(hex)") }

        let node = try gallery.node("\(folder)/\(hex)")
        gallery.bucket.remove(ObjectKey("a.zip"))
        try await gallery.index()
        #expect(try await gallery.bytes("\(folder)/\(hex)") == Array("same".utf8), "it still lies in the other archive")
        gallery.bucket.remove(ObjectKey("b.zip"))
        try await gallery.index()
        #expect(try gallery.names(folder).isEmpty)
        #expect(throws: ViewError.notFound) { try gallery.node("\(folder)/\(hex)") }
        #expect(throws: ViewError.notFound) { try gallery.tree.node(node.id) }
        #expect(throws: ViewError.notFound) { try gallery.tree.open(node.id) }
    }

    @Test(arguments: ["1", "100", "+1", "0A", "AB", "zz", " 1", ""]) func aFolderOfDigestsHasOneName(name: String)
        throws
    {
        let gallery = try Gallery()
        let sha256 = try gallery.node("by-digest/sha256").id
        #expect(throws: ViewError.notFound) { try gallery.tree.lookup(name, in: sha256) }
    }

    /// - Beside every artifact with a successful attestation stands its bundle, `NAME.bundle`.
    @Test func theBundleStandsBesideItsArtifact() async throws {
        let gallery = try Gallery()
        try await gallery.put(
            "a.zip", archiveOf: [ZipBuilder.Entry("d/app.tar.gz", "app"), .link("d/link", to: "app.tar.gz")])
        try await gallery.put("loose", Array("loose".utf8))
        try await gallery.index()
        #expect(try gallery.names("by-source/bucket/a/d") == ["app.tar.gz", "link"])
        #expect(throws: ViewError.notFound) { try gallery.node("by-source/bucket/loose.bundle") }
        try gallery.attest()
        try await gallery.put("new", Array("not attested".utf8))
        try await gallery.index()
        #expect(try gallery.names("by-source/bucket/a/d") == ["app.tar.gz", "app.tar.gz.bundle", "link"])
        #expect(try gallery.names("by-source/bucket") == ["a", "loose", "loose.bundle", "new"])
        let bundle = Array("bundle of \(SHA256Digest(of: "app".utf8).hex)".utf8)
        #expect(try await gallery.bytes("by-source/bucket/a/d/app.tar.gz.bundle") == bundle)
        #expect(try gallery.node("by-source/bucket/a/d/app.tar.gz.bundle").size == bundle.count)
        #expect(throws: ViewError.notFound) { try gallery.node("by-source/bucket/a/d/link.bundle") }
    }

    /// - An object whose key ends in `/` and that is empty is a folder marker of a console, not an artifact.
    @Test func folderMarkersAreNotShown() async throws {
        let gallery = try Gallery()
        try await gallery.put("folder/", [])
        try await gallery.put("other/", [1])
        try await gallery.index()
        #expect(try gallery.names("by-source/bucket") == ["other"])
        #expect(try gallery.names("by-source/bucket/other") == ["%"])
    }

    /// - An object that was refused as a whole, and an entry that was refused, are not in the tree; `assay status` says
    ///   why.
    @Test func whatWasRefusedIsNotShownAndItsReasonIsKept() async throws {
        let gallery = try Gallery()
        try await gallery.put("broken.zip", Array("no archive at all, though it has the name".utf8))
        try await gallery.put(
            "half.zip",
            archiveOf: [
                ZipBuilder.Entry("good", "1"), ZipBuilder.Entry("../bad", "2"),
                ZipBuilder.Entry("locked", "3") { $0.flags = 1 },
            ])
        try await gallery.index()
        #expect(try gallery.names("by-source/bucket") == ["half"])
        #expect(try gallery.names("by-source/bucket/half") == ["good"])
        let problems = try gallery.catalog.problems(limit: 9).map { "\($0.key) \($0.reason.prefix { $0 != ":" })" }
        #expect(problems == ["broken.zip end-record-missing", "half.zip name-traversal", "half.zip encrypted"])
    }

    /// - A new artifact or bundle appears in a running mount within seconds, without a remount.
    ///
    /// The mount asks for the generation; here the tree shows at once what was committed, also by another process.
    @Test func whatIsNewAppearsWithoutReopening() async throws {
        let gallery = try Gallery()
        try await gallery.put("a", [1])
        try await gallery.index()
        let other = try gallery.reopened()
        let listed = try gallery.tree.list(gallery.node("by-source/bucket").id)
        var generations = [other.generation()]
        #expect(other.generation() == generations[0], "nothing happened")
        try await gallery.put("b", [2])
        try await gallery.index()
        generations.append(other.generation())
        #expect(try gallery.node("by-source/bucket/b", in: other).size == 1)
        try gallery.attest()
        generations.append(other.generation())
        #expect(try gallery.node("by-source/bucket/b.bundle", in: other).kind == .file)
        #expect(Set(generations).count == 3)
        #expect(generations == generations.sorted())
        #expect(listed.count == 1, "a listing that is held does not change")
    }

    /// - An archive appears whole: all its entries, or none.
    @Test func anArchiveIsSeenOnlyOnceItIsCommitted() throws {
        let gallery = try Gallery()
        let object = StoredObject(
            key: ObjectKey("a.zip"), version: ObjectVersion(etag: "1"), size: 9, modified: uploaded)
        let target = try #require(try gallery.catalog.scan(gallery.source).observe([object]).first)
        let recorder = gallery.catalog.record(target, now: now)
        let hex = SHA256Digest(of: "0".utf8).hex
        for number in 0..<20_000 {
            try recorder.add(
                IndexedEntry(path: "\(number)", content: .artifact(SHA256Digest(of: "\(number)".utf8), size: 1)))
        }
        #expect(try gallery.names("by-source/bucket").isEmpty)
        #expect(throws: ViewError.notFound) { try gallery.node("by-digest/sha256/\(hex.prefix(2))/\(hex)") }
        try recorder.commit()
        #expect(try gallery.names("by-source/bucket/a").count == 20_000)
        #expect(try gallery.node("by-digest/sha256/\(hex.prefix(2))/\(hex)").size == 1)
    }

    @Test func everyKindOfNodeRefusesWhatItCannotDo() async throws {
        let gallery = try Gallery()
        try await gallery.put("a.zip", archiveOf: [ZipBuilder.Entry("x", "1"), .link("l", to: "x")])
        try await gallery.index()
        let (file, folder) = (try gallery.node("by-source/bucket/a/x").id, try gallery.node("by-source/bucket/a").id)
        let link = try gallery.node("by-source/bucket/a/l").id
        #expect(throws: ViewError.notADirectory) { try gallery.tree.list(file) }
        #expect(throws: ViewError.notADirectory) { try gallery.tree.lookup("x", in: file) }
        #expect(throws: ViewError.isADirectory) { try gallery.tree.open(folder) }
        #expect(throws: ViewError.isADirectory) { try gallery.tree.open(.root) }
        #expect(throws: ViewError.notALink) { try gallery.tree.target(ofLink: file) }
        #expect(throws: ViewError.notALink) { try gallery.tree.target(ofLink: folder) }
        #expect(throws: ViewError.notFound) { try gallery.tree.open(link) }
        for number in [0, 7, 15, 0x51, 0x11001, UInt64.max, UInt64.max - 13, UInt64.max - 12, UInt64.max - 11] {
            let id = NodeID(rawValue: number)
            #expect(throws: ViewError.notFound, "\(number)") { try gallery.tree.node(id) }
            #expect(throws: ViewError.self, "\(number)") { try gallery.tree.open(id) }
        }
    }

    /// - A tree that was opened for one source shows that source alone, under `by-digest` too.
    @Test func aTreeOfOneSourceShowsNothingOfOthers() async throws {
        let gallery = try Gallery()
        try await gallery.put("a.zip", archiveOf: [ZipBuilder.Entry("x", "here"), ZipBuilder.Entry("y", "both")])
        try await gallery.index()
        let other = try gallery.catalog.source(at: "s3://other/", name: nil, suggestion: "other", now: now)
        let elsewhere = StoredObject(key: ObjectKey("b.zip"), version: ObjectVersion(etag: "1"), size: 1, modified: now)
        for target in try gallery.catalog.scan(other).observe([elsewhere]) {
            let recorder = gallery.catalog.record(target, now: now)
            for text in ["there", "both"] {
                let digest = SHA256Digest(of: text.utf8)
                try recorder.add(IndexedEntry(path: text, content: .artifact(digest, size: text.utf8.count)))
            }
            try recorder.commit()
        }
        let tree = ArtifactTree(catalog: gallery.catalog, source: gallery.source, cacheSize: 1, now: opened) { _ in
            gallery.bucket
        }
        let sources = try tree.list(gallery.node("by-source", in: tree).id)
        #expect((0..<sources.count).map { sources.entry(at: $0).name } == ["bucket"])
        #expect(throws: ViewError.notFound) { try gallery.node("by-source/other", in: tree) }
        for (text, isShown) in [("here", true), ("both", true), ("there", false)] {
            let hex = SHA256Digest(of: text.utf8).hex
            let folder = try gallery.node("by-digest/sha256/\(hex.prefix(2))", in: tree).id
            let listing = try tree.list(folder)
            #expect((0..<listing.count).contains { listing.entry(at: $0).name == hex } == isShown, "\(text)")
            #expect(((try? tree.lookup(hex, in: folder)) != nil) == isShown, "\(text)")
        }
    }
}
