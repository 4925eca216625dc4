import ArtifactView
import AssayModel
import DigestCatalog
import Foundation
import Testing

/// Directories of random nasty names: whatever the names, the listing and the lookup agree, and every name is a name.
@Suite struct DirectoryPropertyTests {
    private static let long = String(repeating: "n", count: 200)

    private static let alphabet: [String] = [
        "a", "a.zip", "a.ZIP", "a.bundle", "a.assay.bundle", "a.assay", "a.bundle.bundle", "a~2", "a~2.bundle", "a~3",
        "a.zip~2", "%", "%25", "%2E", "%2525", "%%", "%\u{301}", "%.bundle", "%~2", ".", "..", ".zip", ".bundle", "",
        "\u{e9}", "e\u{301}", "\u{e9}.bundle", "\u{600}", "\u{600}.bundle", "\u{600}.zip", "\u{301}", "␀", "~", "~2",
        long + String(repeating: "n", count: 22), long + String(repeating: "n", count: 23),
        long + String(repeating: "n", count: 38), long + String(repeating: "n", count: 38) + ".bundle",
        long + String(repeating: "n", count: 48), long + String(repeating: "n", count: 49),
        long + String(repeating: "n", count: 55), long + String(repeating: "n", count: 100),
        long + String(repeating: "n", count: 44) + ".bundle", long + String(repeating: "é", count: 40) + ".zip",
    ]

    /// Names that lookups are tried with, listed or not.
    private static let candidates: [String] =
        alphabet
        + alphabet.flatMap { name in
            [".bundle", ".assay.bundle", "~2", "~2.bundle", ".zip", "\0", "\0b", "/", "/a"].map { name + $0 }
        } + alphabet.map { "%25" + $0.unicodeScalars.dropFirst().map(String.init).joined() }

    /// Fills a source with random keys, and archives with random entries.
    private func filled(_ random: inout Seeded) throws -> Gallery {
        let gallery = try Gallery()
        func name() -> String { Self.alphabet.randomElement(using: &random) ?? "" }
        var keys = Set<ExactString>()
        for _ in 0..<Int.random(in: 1...14, using: &random) {
            let components = (0..<Int.random(in: 1...2, using: &random)).map { _ in name() }
            let key = components.joined(separator: "/") + (Bool.random(using: &random) ? ".zip" : "")
            if !key.isEmpty { keys.insert(ExactString(key)) }
        }
        let objects = keys.sorted().map {
            StoredObject(key: ObjectKey($0.text), version: ObjectVersion(etag: "1"), size: 1, modified: uploaded)
        }
        for target in try gallery.catalog.scan(gallery.source).observe(objects) {
            let recorder = gallery.catalog.record(target, now: now)
            if Catalog.isArchive(target.object.key) {
                var taken = Set<ExactString>()
                for _ in 0..<Int.random(in: 0...12, using: &random) {
                    let name = name()
                    switch Int.random(in: 0..<5, using: &random) {
                    case 0 where !name.isEmpty: try recorder.add(IndexedEntry(path: name, content: .directory))
                    case 1 where taken.insert(ExactString(name)).inserted:
                        try recorder.add(IndexedEntry(path: name, content: .link("a")))
                    case 2 where !name.isEmpty && taken.insert(ExactString(name + "/a")).inserted:
                        try recorder.add(file(name + "/a"))
                    case _ where taken.insert(ExactString(name)).inserted: try recorder.add(file(name))
                    default: break
                    }
                }
            } else {
                try recorder.add(file(target.object.key.lastComponent))
            }
            try recorder.commit()
        }
        if Bool.random(using: &random) { try gallery.attest() } else { try attestSome(gallery, &random) }
        return gallery
    }

    private func file(_ path: String) -> IndexedEntry {
        IndexedEntry(path: path, content: .artifact(SHA256Digest(of: path.utf8), size: path.utf8.count))
    }

    private func attestSome(_ gallery: Gallery, _ random: inout Seeded) throws {
        let some = try gallery.catalog.unattested(after: 0, limit: 1000).filter { _ in
            Bool.random(using: &random)
        }
        try gallery.catalog.record(
            some.map { AttestationResult(subjects: [$0.id], outcome: .success(bundle: Data("b".utf8))) },
            predicateKind: "provenance", predicateType: "t", now: now, expires: Timestamp(seconds: .max))
    }

    /// Also every object and every entry is somewhere in the tree: no name hides another child.
    @Test(arguments: 1...40 as ClosedRange<UInt64>) func listingAndLookupAgree(seed: UInt64) throws {
        var random = Seeded(seed)
        let gallery = try filled(&random)
        var artifactsAndLinks = 0
        var directories = [try gallery.node("by-source").id]
        while let directory = directories.popLast() {
            let listing = try gallery.tree.list(directory)
            var names = Set<ExactString>()
            for index in 0..<listing.count {
                let (name, node) = listing.entry(at: index)
                #expect(names.insert(ExactString(name)).inserted, "“\(name)” is listed twice")
                #expect((1...255).contains(name.utf8.count), "“\(name)”")
                #expect(!name.utf8.contains(UInt8(ascii: "/")) && !name.utf8.contains(0), "“\(name)”")
                #expect(name != "." && name != "..")
                let found = try? gallery.tree.lookup(name, in: directory)
                #expect(found == node, "“\(name)” is listed and not found, or leads elsewhere")
                #expect(try gallery.tree.node(node.id) == node, "“\(name)” is another node by its number")
                if node.kind == .directory { directories.append(node.id) }
                let attributes = try gallery.tree.extendedAttributes(of: node.id)
                if attributes["user.assay.sha256"] != nil || node.kind == .symbolicLink { artifactsAndLinks += 1 }
            }
            for name in Self.candidates.shuffled(using: &random).prefix(60) where !names.contains(ExactString(name)) {
                let error = outcome { try gallery.tree.lookup(name, in: directory) }
                #expect(error == .notFound, "“\(name)” is found and not listed")
            }
        }
        #expect(artifactsAndLinks == (try gallery.catalog.status(of: gallery.source).entries))
        #expect(try gallery.tree.totals().files == artifactsAndLinks)
    }
}
