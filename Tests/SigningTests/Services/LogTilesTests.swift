import Synchronization
import Testing

@testable import Signing
@testable import Sigstore

@Suite struct LogTilesTests {
    /// A tree whose entries are their own numbers, and its tiles.
    private struct Forest: Sendable {
        let size: Int
        /// Rows of hashes by their level in the tree, as far as nodes are whole.
        let rows: [[[UInt8]]]

        init(size: Int) throws {
            self.size = size
            var rows = [try (0..<size).map { try DigestAlgorithm.sha256.digest(of: [0] + Self.entry($0)) }]
            while let last = rows.last, last.count > 1 {
                rows.append(
                    try (0..<last.count / 2).map {
                        try DigestAlgorithm.sha256.digest(of: [1] + last[2 * $0] + last[2 * $0 + 1])
                    })
            }
            self.rows = rows
        }

        static func entry(_ index: Int) -> [UInt8] { Array("entry \(index)".utf8) }

        func root() throws -> [UInt8] {
            // The whole subtrees from the right, joined.
            var (position, root) = (size, [UInt8]?.none)
            for level in 0..<rows.count where size >> level & 1 == 1 {
                position -= 1 << level
                let node = rows[level][position >> level]
                root = try root.map { try DigestAlgorithm.sha256.digest(of: [1] + node + $0) } ?? node
            }
            return try #require(root)
        }

        /// The file at that path; partial tiles that are whole by now are gone if `isTidy`.
        func file(_ path: String, isTidy: Bool = false) -> [UInt8]? {
            var parts = path.split(separator: "/").map(String.init)
            var width = 256
            if parts.count > 2, parts[parts.count - 2].hasSuffix(".p") {
                width = Int(parts.removeLast()) ?? 0
                parts[parts.count - 1].removeLast(2)
            }
            let number = parts.dropFirst().reduce(0) { $0 * 1000 + (Int($1.drop { $0 == "x" }) ?? 0) }
            let level = parts[0] == "entries" ? 0 : 8 * (Int(parts[0]) ?? 99)
            guard level < rows.count, number * 256 + width <= rows[level].count else { return nil }
            if isTidy, width < 256, (number + 1) * 256 <= rows[level].count { return nil }
            let range = number * 256..<number * 256 + width
            guard parts[0] == "entries" else { return rows[level][range].flatMap { $0 } }
            return range.flatMap { index in
                let entry = Self.entry(index)
                return [UInt8(entry.count >> 8), UInt8(entry.count & 255)] + entry
            }
        }
    }

    private func tiles(
        ofSize size: Int, limit: Int = 1 << 20, _ file: @escaping @Sendable (String) -> [UInt8]?
    ) -> LogTiles {
        LogTiles(
            treeSize: size, entryBundleSize: limit, fetch: { (path, _) async throws(SigningError) in file(path) },
            untrue: { .untrue(operation: "", url: "", reason: $0) })
    }

    private func check(_ index: Int, of size: Int, in forest: Forest, root: [UInt8], isTidy: Bool = false) async throws
    {
        var tiles = tiles(ofSize: size) { forest.file($0, isTidy: isTidy) }
        let body = try await tiles.entry(index)
        #expect(body == Forest.entry(index))
        let proof = LogEntry.InclusionProof(
            logIndex: index, rootHash: root, treeSize: size, hashes: try await tiles.inclusionPath(of: index),
            checkpoint: "")
        try InclusionProofCheck.verify(proof, body: body)
    }

    @Test(arguments: [1, 2, 3, 7, 8, 255, 256, 257, 511, 512, 513, 600, 1023])
    func provesEveryEntryOfATree(_ size: Int) async throws {
        let forest = try Forest(size: size)
        let root = try forest.root()
        for index in 0..<size { try await check(index, of: size, in: forest, root: root) }
    }

    @Test func provesEntriesOfATreeOfSeveralLevelsOfTiles() async throws {
        let forest = try Forest(size: 66_000)
        let root = try forest.root()
        for index in [0, 1, 255, 256, 32_767, 65_535, 65_536, 65_791, 65_792, 65_999] {
            try await check(index, of: 66_000, in: forest, root: root)
        }
    }

    @Test func usesWholeTilesWhereTheLogHasLetGoOfTheParts() async throws {
        let old = try Forest(size: 300)
        let grown = try Forest(size: 600)
        try await check(290, of: 300, in: grown, root: old.root(), isTidy: true)
    }

    @Test func believesNoTileThatIsTooShortOrNotThere() async throws {
        let forest = try Forest(size: 300)
        let whole = try #require(forest.file("entries/001.p/44"))
        for file in [nil, [], [0xFF, 0xFF, 1], Array(whole.dropLast(40))] as [[UInt8]?] {
            var tiles = tiles(ofSize: 300) { _ in file }
            await #expect(throws: SigningError.self) { _ = try await tiles.entry(299) }
            await #expect(throws: SigningError.self) { _ = try await tiles.inclusionPath(of: 299) }
        }
    }

    @Test func namesTilesByGroupsOfThreeDigits() {
        #expect(LogTiles.path(0) == "000")
        #expect(LogTiles.path(67) == "067")
        #expect(LogTiles.path(1_234_067) == "x001/x234/067")
        #expect(LogTiles.path(999_000) == "x999/000")
    }
}
