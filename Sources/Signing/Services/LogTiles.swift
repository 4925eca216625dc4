internal import Sigstore

/// A log's tree as it lies in tiles (C2SP tlog-tiles): entries and proofs without asking the log for either.
///
/// Nothing that it reads is believed: whoever uses it checks the proof against a checkpoint.
struct LogTiles {
    /// Gets what lies at a path below the log's tiles, of at most so many bytes; nil if there is nothing.
    typealias Fetch = @Sendable (_ path: String, _ limit: Int) async throws(SigningError) -> [UInt8]?

    private let treeSize: Int
    private let entryBundleSize: Int
    private let fetch: Fetch
    private let untrue: @Sendable (_ reason: String) -> SigningError
    /// Every proof needs few tiles, some of them for several hashes.
    private var kept: [String: [UInt8]] = [:]

    /// Entries of a bundle, and hashes of a tile.
    private static let width = 256
    /// Levels of the tree that one tile spans.
    private static let height = 8
    private static let hashSize = 32

    /// - Parameters:
    ///   - treeSize: the tree's size by a checkpoint that was verified; tiles may be of a later tree.
    ///   - untrue: makes the error for tiles that are not what they should be.
    init(
        treeSize: Int, entryBundleSize: Int, fetch: @escaping Fetch,
        untrue: @escaping @Sendable (_ reason: String) -> SigningError
    ) {
        self.treeSize = treeSize
        self.entryBundleSize = entryBundleSize
        self.fetch = fetch
        self.untrue = untrue
    }

    /// The bytes of the entry.
    ///
    /// - Parameter index: below the tree's size.
    mutating func entry(_ index: Int) async throws(SigningError) -> [UInt8] {
        let number = index / Self.width
        let bundle = try await tile("entries", number, of: treeSize, limit: entryBundleSize)
        var rest = bundle[...]
        for position in 0... {
            guard rest.count >= 2 else { break }
            let length = rest.prefix(2).reduce(0) { $0 << 8 | Int($1) }
            rest = rest.dropFirst(2)
            guard rest.count >= length else { break }
            if position == index % Self.width { return Array(rest.prefix(length)) }
            rest = rest.dropFirst(length)
        }
        throw untrue("its bundle of entries \(number) does not hold entry \(index)")
    }

    /// The hashes beside the way from the entry to the root (RFC 6962, 2.1.1), from the bottom up.
    mutating func inclusionPath(of index: Int) async throws(SigningError) -> [[UInt8]] {
        var path: [[UInt8]] = []
        var (low, high) = (0, treeSize)
        while high - low > 1 {
            let middle = low + Self.largestPower(below: high - low)
            if index < middle {
                path.append(try await hash(middle, high))
                high = middle
            } else {
                path.append(try await hash(low, middle))
                low = middle
            }
        }
        return path.reversed()
    }

    /// The hash over the entries from `low` to before `high`, a part of the tree that some node stands for.
    private mutating func hash(_ low: Int, _ high: Int) async throws(SigningError) -> [UInt8] {
        let count = high - low
        guard count & (count - 1) == 0 else {
            let middle = low + Self.largestPower(below: count)
            return try await join(hash(low, middle), hash(middle, high))
        }
        // A whole subtree: its root is in a tile, or is made of neighbours in one.
        let level = count.trailingZeroBitCount
        let (tileLevel, inner) = level.quotientAndRemainder(dividingBy: Self.height)
        let first = low >> (tileLevel * Self.height)
        let number = first / Self.width
        let bytes = try await tile(
            String(tileLevel), number, of: treeSize >> (tileLevel * Self.height), limit: Self.width * Self.hashSize)
        let start = first % Self.width
        let nodes = start..<start + (1 << inner)
        guard bytes.count >= nodes.upperBound * Self.hashSize else {
            throw untrue("its tile \(number) of level \(tileLevel) is too short")
        }
        var hashes = nodes.map { Array(bytes[$0 * Self.hashSize..<($0 + 1) * Self.hashSize]) }
        while hashes.count > 1 {
            var above: [[UInt8]] = []
            for pair in stride(from: 0, to: hashes.count, by: 2) {
                above.append(try join(hashes[pair], hashes[pair + 1]))
            }
            hashes = above
        }
        return hashes[0]
    }

    private func join(_ left: [UInt8], _ right: [UInt8]) throws(SigningError) -> [UInt8] {
        do throws(SigstoreError) {
            return try DigestAlgorithm.sha256.digest(of: [1] + left + right)
        } catch {
            throw .sigstore(error)
        }
    }

    /// A tile of a row of `total` items: as long as the tree makes it, or whole if the log has let go of the part.
    private mutating func tile(
        _ kind: String, _ number: Int, of total: Int, limit: Int
    ) async throws(SigningError) -> [UInt8] {
        let path = "\(kind)/\(Self.path(number))"
        if let kept = kept[path] { return kept }
        let width = min(Self.width, total - number * Self.width)
        var bytes: [UInt8]?
        if width < Self.width { bytes = try await fetch("\(path).p/\(width)", limit) }
        if bytes == nil { bytes = try await fetch(path, limit) }
        guard let bytes else { throw untrue("it has no tile \(path), though its tree is that large") }
        kept[path] = bytes
        return bytes
    }

    /// The number in groups of three digits, all but the last marked by an x.
    static func path(_ number: Int) -> String {
        var groups: [String] = []
        var rest = number
        repeat {
            let group = String(rest % 1000)
            groups.append(String(repeating: "0", count: 3 - group.utf8.count) + group)
            rest /= 1000
        } while rest > 0
        return groups.reversed().enumerated()
            .map { $0 < groups.count - 1 ? "x" + $1 : $1 }.joined(separator: "/")
    }

    /// The largest power of two below `count`, which is above 1.
    private static func largestPower(below count: Int) -> Int {
        1 << (Int.bitWidth - 1 - (count - 1).leadingZeroBitCount)
    }
}
