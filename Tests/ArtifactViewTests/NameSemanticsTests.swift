import ArtifactView
import AssayModel
import AssayTestSupport
import Testing

/// docs/SEMANTICS.md, "Names".
@Suite struct NameSemanticsTests {
    /// What is found in the source's folder when these keys are there, attested, as bytes.
    private func gallery(_ objects: KeyValuePairs<String, [ZipBuilder.Entry]>, attested: Bool = true) async throws
        -> Gallery
    {
        let gallery = try Gallery()
        for (key, entries) in objects {
            if entries.isEmpty {
                try await gallery.put(key, Array(key.utf8))
            } else {
                try await gallery.put(key, archiveOf: entries)
            }
        }
        try await gallery.index()
        if attested { try gallery.attest() }
        return gallery
    }

    private func entry(_ name: String) -> ZipBuilder.Entry { ZipBuilder.Entry(name, "contents of \(name)") }

    /// - Names are bytes: two names that only look alike are two files.
    @Test func namesThatLookAlikeAreTwoFiles() async throws {
        let (composed, decomposed) = ("\u{e9}", "e\u{301}")
        let gallery = try await gallery([
            composed: [], decomposed: [], "a.zip": [entry(composed), entry(decomposed)],
        ])
        for folder in ["by-source/bucket/", "by-source/bucket/a/"] {
            let prefix = folder.hasSuffix("a/") ? "contents of " : ""
            #expect(try await gallery.bytes(folder + composed) == Array((prefix + composed).utf8))
            #expect(try await gallery.bytes(folder + decomposed) == Array((prefix + decomposed).utf8))
        }
        #expect(try gallery.names("by-source/bucket/a").map { $0.utf8.count } == [3, 10, 2, 9])
    }

    /// - An empty component of a key (`a//b`, `/a`) is written `%`, and `.` and `..` are written `%2E` and `%2E%2E`.
    @Test func componentsThatAreNoNamesAreWrittenOtherwise() async throws {
        let gallery = try await gallery(["a//b": [], "/a": [], "./c": [], "../d": [], "e/..": [], "f/..zip/x": []])
        for (path, key) in [
            "a/%/b": "a//b", "%/a": "/a", "%2E/c": "./c", "%2E%2E/d": "../d", "e/%2E%2E": "e/..",
            "f/..zip/x": "f/..zip/x",
        ] {
            #expect(try await gallery.bytes("by-source/bucket/" + path) == Array(key.utf8))
        }
        #expect(try gallery.names("by-source/bucket") == ["%", "%2E", "%2E%2E", "a", "e", "f"])
    }

    /// - A component that begins with `%` is written with `%25` in its place, so that no two components become one name.
    @Test func percentSignsAtTheStartAreEscaped() async throws {
        let keys = ["%", "%2E", "%25", "%2525", "%\u{301}x", "a%"]
        let gallery = try await gallery(
            ["%": [], "%2E": [], "%25": [], "%2525": [], "%\u{301}x": [], "a%": []], attested: false)
        #expect(
            try gallery.names("by-source/bucket")
                == ["%25", "%252525", "%2525", "%252E", "%25\u{301}x", "a%"].sorted {
                    $0.utf8.lexicographicallyPrecedes($1.utf8)
                })
        for key in keys {
            let name = key.utf8.first == UInt8(ascii: "%") ? "%25" + String(key.unicodeScalars.dropFirst()) : key
            #expect(try await gallery.bytes("by-source/bucket/" + name) == Array(key.utf8))
        }
        #expect(throws: ViewError.notFound) { try gallery.node("by-source/bucket/%") }
    }

    /// - An object whose key has a NUL in it, which no name can hold, is left out, and `assay index` says so.
    @Test func keysWithNULAreLeftOut() async throws {
        let gallery = try await gallery(["a": []])
        try await gallery.put("a\0b", [1])
        #expect(try await gallery.index().skipped == 1)
        #expect(try gallery.names("by-source/bucket") == ["a", "a.bundle"])
        let folder = try gallery.node("by-source/bucket").id
        #expect(throws: ViewError.notFound) { try gallery.tree.lookup("a\0b", in: folder) }
        #expect(throws: ViewError.notFound) { try gallery.tree.lookup("a\0", in: folder) }
    }

    /// - A name of more than 255 bytes is cut, and ends in `~` and the first 16 digits of its SHA-256; before `.bundle`
    ///   it is cut so that both have room.
    @Test(arguments: ["x", "é", "€", "😀"]) func longNamesAreCut(scalar: String) async throws {
        func key(_ bytes: Int) -> String {
            let fill = String(repeating: scalar, count: bytes / scalar.utf8.count)
            return fill + String(repeating: "y", count: bytes - fill.utf8.count)
        }
        let gallery = try await gallery([key(300): [], key(255): [], key(248): [], key(247): []])
        let names = try gallery.names("by-source/bucket")
        #expect(names.count == 8)
        #expect(Set(names.map { Array($0.utf8) }).count == 8)
        #expect(names.allSatisfy { $0.utf8.count <= 255 })
        let cut = "~" + SHA256Digest(of: key(300).utf8).hex.prefix(16)
        let long = try #require(names.first { $0.hasSuffix(cut) })
        #expect(key(300).utf8.starts(with: long.utf8.dropLast(17)))
        #expect(long.utf8.count > 250)
        #expect(try await gallery.bytes("by-source/bucket/" + long) == Array(key(300).utf8))
        let bundle = try #require(
            names.first { $0.hasSuffix("~\(SHA256Digest(of: key(255).utf8).hex.prefix(16)).bundle") })
        #expect(key(255).utf8.starts(with: bundle.utf8.dropLast(24)))
        #expect(names.contains(key(248) + ".bundle"))
        #expect(names.contains(key(247) + ".bundle"))
        for name in names { #expect(throws: Never.self) { try gallery.node("by-source/bucket/" + name) } }
    }

    /// - Where several children want a name, folders of keys and of archives come first, then files, then archives; who
    ///   comes later gets `~2`, `~3` and so on after the name.
    @Test func foldersComeFirstThenFilesThenArchives() async throws {
        let gallery = try await gallery(
            ["x": [], "x/inner": [], "x~2": [], "a.zip": [entry("d"), entry("d/e"), entry("d~2")]], attested: false)
        #expect(try gallery.names("by-source/bucket") == ["a", "x", "x~2", "x~3"])
        #expect(try gallery.names("by-source/bucket/x") == ["inner"])
        #expect(try await gallery.bytes("by-source/bucket/x~2") == Array("x~2".utf8), "who is called so keeps the name")
        #expect(try await gallery.bytes("by-source/bucket/x~3") == Array("x".utf8))
        #expect(try gallery.names("by-source/bucket/a") == ["d", "d~2", "d~3"])
        #expect(try await gallery.bytes("by-source/bucket/a/d~3") == Array("contents of d".utf8))
    }

    /// - An archive whose name without `.zip` belongs to another child is shown under its whole name, with `.zip` as its
    ///   key has it.
    @Test func anArchiveWithoutANameOfItsOwnKeepsZip() async throws {
        let gallery = try await gallery(
            [
                "x": [], "x.zip": [entry("1")], "y/z": [], "y.ZIP": [entry("2")], "w.zip": [entry("3")],
                "w.Zip": [entry("4")],
            ],
            attested: false)
        #expect(try gallery.names("by-source/bucket") == ["w", "w.zip", "x", "x.zip", "y", "y.ZIP"])
        #expect(try gallery.names("by-source/bucket/x.zip") == ["1"])
        #expect(try gallery.names("by-source/bucket/y.ZIP") == ["2"])
        #expect(try gallery.names("by-source/bucket/w") == ["4"], "the one that was listed first")
        #expect(try gallery.names("by-source/bucket/w.zip") == ["3"])
    }

    /// - An archive's own `NAME.bundle` is kept byte for byte, and the bundle of `NAME` is then called
    ///   `NAME.assay.bundle`.
    @Test func anArchivesOwnBundleIsKept() async throws {
        let gallery = try await gallery(["a.zip": [entry("x"), entry("x.bundle"), entry("y")]])
        #expect(
            try gallery.names("by-source/bucket/a")
                == ["x", "x.assay.bundle", "x.bundle", "x.bundle.bundle", "y", "y.bundle"])
        #expect(try await gallery.bytes("by-source/bucket/a/x.bundle") == Array("contents of x.bundle".utf8))
        let bundle = "bundle of \(SHA256Digest(of: "contents of x".utf8).hex)"
        #expect(try await gallery.bytes("by-source/bucket/a/x.assay.bundle") == Array(bundle.utf8))
    }

    /// - Where an archive has both names itself, the bundle is found under `by-digest` alone.
    @Test func whereBothNamesAreTakenTheBundleIsUnderItsDigest() async throws {
        let gallery = try await gallery(["a.zip": [entry("x"), entry("x.bundle"), entry("x.assay.bundle")]])
        for name in ["x.bundle", "x.assay.bundle"] {
            #expect(try await gallery.bytes("by-source/bucket/a/" + name) == Array("contents of \(name)".utf8))
        }
        let hex = SHA256Digest(of: "contents of x".utf8).hex
        let bundles = try gallery.names("by-source/bucket/a").filter { $0.hasSuffix(".bundle") }
        for name in bundles {
            #expect(try await gallery.bytes("by-source/bucket/a/" + name) != Array("bundle of \(hex)".utf8))
        }
        let path = "by-digest/sha256/\(hex.prefix(2))/\(hex).bundle"
        #expect(try await gallery.bytes(path) == Array("bundle of \(hex)".utf8))
    }

    /// - Names of entries are UTF-8 where the archive says so, or where it was made on Unix and the name is valid UTF-8,
    ///   and code page 437 otherwise.
    @Test func namesOfEntriesAreDecodedAsTheirArchiveSays() async throws {
        func raw(_ bytes: [UInt8], flags: UInt16 = 0, host: UInt8) -> ZipBuilder.Entry {
            ZipBuilder.Entry("", "\(bytes) \(host)") {
                $0.name = bytes
                $0.flags = flags
                $0.host = host
            }
        }
        let utf8 = Array("é".utf8)
        let gallery = try await gallery(
            [
                "said.zip": [raw(utf8, flags: 0x800, host: 0)], "unix.zip": [raw(utf8, host: 3)],
                "dos.zip": [raw([0x82], host: 0)], "invalid.zip": [raw([0x82], host: 3)],
            ], attested: false)
        for name in ["said", "unix", "dos", "invalid"] {
            #expect(try gallery.names("by-source/bucket/\(name)").map { Array($0.utf8) } == [utf8], "\(name)")
        }
    }
}
