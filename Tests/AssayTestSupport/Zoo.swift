/// Hostile, damaged and merely odd archives, each with what must become of it.
///
/// Expectations are the stable `code` strings of the errors, so that tests from the archive reader up to the whole
/// program can use them.
public enum Zoo {
    public struct Animal: Sendable, CustomStringConvertible {
        public let name: String
        public let bytes: [UInt8]
        /// The code of the error that refuses the archive as a whole; nil if it can be read.
        public let archiveError: String?
        /// The codes of the errors that refuse entries, by their place in the directory.
        public let refused: [Int: String]
        /// The paths of the entries that are good, in the directory's order.
        public let good: [String]

        public var description: String { name }
    }

    /// All archives, each under its own name.
    public static let all: [Animal] = names + directories + headers + contents + links + ends

    static let text = Array("good contents, good contents, good contents\n".utf8)
    static let first = ZipBuilder.Entry("first.txt", text)
    static let last = ZipBuilder.Entry("last.txt", text)
    static let zeros = [UInt8](repeating: 0, count: 8 << 20)

    /// A bad entry between two good ones, which stay good.
    static func bad(_ name: String, _ code: String, _ entry: ZipBuilder.Entry) -> Animal {
        Animal(
            name: name, bytes: ZipBuilder([first, entry, last]).build(), archiveError: nil, refused: [1: code],
            good: ["first.txt", "last.txt"])
    }

    static func odd(_ name: String, _ good: [String], _ builder: ZipBuilder, _ refused: [Int: String] = [:])
        -> Animal
    {
        Animal(name: name, bytes: builder.build(), archiveError: nil, refused: refused, good: good)
    }

    static func broken(_ name: String, _ code: String, _ bytes: [UInt8]) -> Animal {
        Animal(name: name, bytes: bytes, archiveError: code, refused: [:], good: [])
    }

    typealias Entry = ZipBuilder.Entry

    static let names = [
        bad("traversal", "name-traversal", Entry("../../etc/passwd", text)),
        bad("traversal-nested", "name-traversal", Entry("a/b/../../../c", text)),
        bad("traversal-backslash-dos", "name-traversal", Entry("..\\..\\evil", text) { $0.host = 0 }),
        bad("absolute", "name-absolute", Entry("/etc/passwd", text)),
        bad("absolute-drive", "name-absolute", Entry("C:\\evil", text) { $0.host = 0 }),
        bad("nul", "name-nul", Entry("good.txt\u{0}.exe", text)),
        bad("empty-name", "name-empty", Entry("", text)),
        bad("dot-name", "name-empty", Entry("./", "")),
        bad("long-name", "name-too-long", Entry(String(repeating: "long/", count: 900) + "name", text)),
        bad("deep-name", "name-too-deep", Entry(String(repeating: "d/", count: 255) + "name", text)),
        bad("long-component", "component-too-long", Entry("a/" + String(repeating: "c", count: 256), text)),
        bad(
            "not-utf8", "name-not-utf8",
            Entry("x", text) {
                $0.name = [0x61, 0xff, 0xfe]
                $0.flags = 0x800
            }),
        odd(
            "duplicates", ["first.txt", "same"],
            ZipBuilder([Entry("same", "old"), first, Entry("./same", "newer"), Entry("same", "newest")]),
            [0: "duplicate-name", 2: "duplicate-name"]),
        odd(
            "duplicate-of-refused", ["first.txt"],
            ZipBuilder([Entry("same", "old"), first, Entry("same", "new") { $0.flags = 1 }]),
            [0: "duplicate-name", 2: "encrypted"]),
        odd(
            "file-and-directory", ["a", "a/b", "a"],
            ZipBuilder([Entry("a", text), Entry("a/b", text), Entry("a/", "") { $0.mode = 0o40755 }])),
    ]

    static let directories = [
        bad("encrypted", "encrypted", Entry("secret", text) { $0.flags = 1 }),
        bad("deflate64", "unsupported-method", Entry("old", text) { $0.method = 9 }),
        bad("unknown-method", "unsupported-method", Entry("odd", text) { $0.method = 1234 }),
        bad("entry-on-other-disk", "on-other-disk", Entry("far", text) { $0.central.disk = 3 }),
        bad("extra-overrun", "extra-field-malformed", Entry("x", text) { $0.centralExtra = [0x55, 0x54, 200, 0, 1] }),
        bad(
            "zip64-field-short", "extra-field-malformed",
            Entry("x", text) {
                $0.centralExtra = ZipBuilder.field(1, [1, 2, 3, 4])
                $0.central.size = .max
            }),
        bad("zip64-size-near-2-63", "too-large", zip64Lie(Int64.max)),
        bad("zip64-size-negative", "number-too-large", zip64Lie(-1)),
        bad(
            "zip64-offset-overflow", "outside-archive",
            Entry("x", text) {
                $0.centralExtra = ZipBuilder.field(1, ZipBuilder.number(Int64.max - 8))
                $0.central.headerOffset = .max
            }),
        bad("special-file", "special-file", Entry("pipe", "") { $0.mode = 0o010644 }),
        bad("directory-with-data", "directory-with-data", Entry("dir/", text) { $0.mode = 0o040755 }),
        bad(
            "too-large", "too-large",
            Entry("x", text) {
                $0.centralExtra = ZipBuilder.field(1, ZipBuilder.number(Int64(1) << 40))
                $0.central.size = .max
            }),
        bad("ratio-bomb", "expands-too-much", Entry("bomb", zeros) { $0.method = ZipCompressor.bzip2 }),
        bad("beyond-directory", "outside-archive", Entry("x", text) { $0.central.headerOffset = 1 << 30 }),
        bad(
            "data-beyond-directory", "outside-archive",
            Entry("x", text) {
                $0.central.compressedSize = 1 << 30
                $0.central.size = 1 << 30
            }),
        odd(
            "overlap-full", ["first.txt", "last.txt"],
            ZipBuilder([first, Entry("a", text), Entry("b", text) { $0.central.headerOffset = kernelOffset }, last]),
            [1: "overlapping", 2: "overlapping"]),
        odd("overlap-swallowed", ["first.txt"], swallowing, [1: "overlapping", 2: "overlapping"]),
        quotedBomb,
    ]

    static let headers = [
        bad("local-header-missing", "local-header-missing", Entry("x", text) { $0.local.signature = 0 }),
        bad("local-name", "local-header-disagrees", Entry("shown", text) { $0.local.name = Array("other".utf8) }),
        bad("local-method", "local-header-disagrees", Entry("x", text) { $0.local.method = 0 }),
        bad("local-size", "local-header-disagrees", Entry("x", text) { $0.local.size = 7 }),
        bad("local-compressed-size", "local-header-disagrees", Entry("x", text) { $0.local.compressedSize = 7 }),
        bad("local-crc", "local-header-disagrees", Entry("x", text) { $0.local.crc32 = 7 }),
        bad("local-encrypted", "local-header-disagrees", Entry("x", text) { $0.local.flags = 1 }),
        odd(
            "local-extra-overrun", ["first.txt"],
            ZipBuilder([first, Entry("x", text) { $0.local.extraLength = 20 }, Entry("y", text)]),
            [1: "overlapping", 2: "overlapping"]),
        bad(
            "descriptor-lies", "descriptor-disagrees",
            Entry("x", text) {
                $0.hasDescriptor = true
                $0.descriptorCRC = 7
            }),
        odd(
            "descriptor-missing", ["first.txt", "x", "last.txt"],
            ZipBuilder([
                first,
                Entry("x", text) {
                    $0.hasDescriptor = true
                    $0.omitsDescriptor = true
                }, last,
            ])),
    ]

    static func zip64Lie(_ size: Int64) -> Entry {
        Entry("x", text) {
            $0.centralExtra = ZipBuilder.field(1, ZipBuilder.number(size))
            $0.central.size = .max
        }
    }

    static func sizeLie(_ size: UInt32) -> Entry {
        Entry("x", text) {
            $0.central.size = size
            $0.local.size = size
        }
    }

    static func garbage(_ method: UInt16) -> Entry {
        Entry("x", text) {
            $0.method = method
            $0.data = [UInt8](repeating: 0xee, count: 99)
        }
    }

    /// Where the second entry of an archive begins whose first one is `first`.
    static let kernelOffset = UInt32(
        30 + first.name.count + ZipCompressor.compress(text, method: ZipCompressor.deflate).count)

    /// An archive whose second entry has the whole third one, header and all, as its stored contents.
    static let swallowing: ZipBuilder = {
        let inner = ZipBuilder([Entry("inner", text)]).build()
        let size = 30 + 5 + ZipCompressor.compress(text, method: ZipCompressor.deflate).count
        let outer = Entry("outer", Array(inner[..<size])) { $0.method = ZipCompressor.stored }
        let innerAgain = Entry("inner", text) {
            $0.central.headerOffset = kernelOffset + 30 + 5
        }
        return ZipBuilder([first, outer, innerAgain])
    }()

    /// Many entries that share one kernel of data, each quoting the header of the next one in a stored block.
    static let quotedBomb: Animal = {
        let count = 20
        let kernel = [UInt8](repeating: 0, count: 1 << 20)
        var data = ZipCompressor.compress(kernel, method: ZipCompressor.deflate)
        var entries: [Entry] = []
        for number in (0..<count).reversed() {
            if let next = entries.first {
                // RFC 1951, 3.2.4: a stored block that is not the last one.
                let header = ZipBuilder.localHeader(next, dataSize: data.count)
                let length = UInt16(header.count)
                data = [0] + ZipBuilder.number(length) + ZipBuilder.number(~length) + header + data
            }
            let name = "bomb-\(number + 10)"
            let entry = Entry(name, kernel) {
                $0.data = data
                $0.isOnlyListed = number > 0
                $0.central.headerOffset = UInt32(number * (30 + name.utf8.count + 5))
            }
            entries.insert(entry, at: 0)
        }
        let refused = Dictionary(uniqueKeysWithValues: (0..<count).map { ($0, "overlapping") })
        return odd("overlap-quoted", [], ZipBuilder(entries), refused)
    }()
}
