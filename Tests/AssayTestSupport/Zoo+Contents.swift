extension Zoo {
    static let contents = [
        bad(
            "crc-wrong", "checksum-disagrees",
            Entry("x", text) {
                $0.central.crc32 = 7
                $0.local.crc32 = 7
            }),
        bad(
            "crc-wrong-stored", "checksum-disagrees",
            Entry("x", text) {
                $0.method = ZipCompressor.stored
                $0.central.crc32 = 7
                $0.local.crc32 = 7
            }),
        bad("size-too-small", "size-disagrees", sizeLie(7)),
        bad("size-too-large", "size-disagrees", sizeLie(70)),
        bad(
            "stored-sizes-differ", "size-disagrees",
            Entry("x", text) {
                $0.method = ZipCompressor.stored
                $0.central.size = 7
            }),
        bad("deflate-garbage", "data-damaged", Entry("x", text) { $0.data = [UInt8](repeating: 0xff, count: 99) }),
        bad(
            "deflate-ends-early", "data-ends-early",
            Entry("x", text) {
                $0.data = Array(ZipCompressor.compress(text, method: ZipCompressor.deflate).dropLast(6))
            }),
        bad(
            "deflate-ends-late", "data-ends-late",
            Entry("x", text) {
                $0.data = ZipCompressor.compress(text, method: ZipCompressor.deflate) + [1, 2, 3]
            }),
        bad("deflate-empty", "data-ends-early", Entry("x", text) { $0.data = [] }),
        bad("bzip2-garbage", "data-damaged", garbage(ZipCompressor.bzip2)),
        bad("zstd-garbage", "data-damaged", garbage(ZipCompressor.zstd)),
        bad("xz-garbage", "data-damaged", garbage(ZipCompressor.xz)),
        bad(
            "zstd-huge-window", "decoder-memory",
            Entry("x", text) {
                $0.method = ZipCompressor.zstd
                // RFC 8878, 3.1.1: a frame whose window descriptor asks for 2 GiB.
                $0.data = [0x28, 0xb5, 0x2f, 0xfd, 0x00, 21 << 3, 0x01, 0x00, 0x00]
            }),
    ]

    static let links = [
        bad("link-escapes", "link-escapes", .link("a/link", to: "../../outside")),
        bad("link-escapes-after-name", "link-escapes", .link("link", to: "a/../../outside")),
        bad("link-dots-after-name", "link-escapes", .link("a/link", to: "b/../../first.txt")),
        bad("link-absolute", "link-absolute", .link("link", to: "/etc/passwd")),
        bad("link-nul", "link-malformed", .link("link", to: "a\u{0}b")),
        bad("link-empty", "link-malformed", .link("link", to: "")),
        bad("link-too-long", "link-too-long", .link("link", to: String(repeating: "x", count: 4097))),
        odd(
            "links", ["first.txt", "a/up", "beside"],
            ZipBuilder([first, .link("a/up", to: "../first.txt"), .link("beside", to: "./a/b")])),
    ]

    static let ends = [
        broken("empty-file", "not-an-archive", []),
        broken("tiny", "not-an-archive", Array("PK".utf8)),
        broken(
            "garbage", "end-record-missing", (0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 9) }),
        broken("truncated", "end-record-missing", Array(ZipBuilder([first, last]).build().dropLast(30))),
        broken("end-record-missing", "end-record-missing", Array(ZipBuilder([first]).build().dropLast(22))),
        broken("directory-beyond-end", "end-record-invalid", ending { $0.statedDirectoryOffset = 1 << 30 }),
        broken("directory-longer-than-archive", "end-record-invalid", ending { $0.statedDirectorySize = 1 << 20 }),
        broken("directory-cut", "directory-invalid", ending { $0.statedDirectorySize = 100 }),
        broken("count-too-small", "entry-count-disagrees", ending { $0.statedCount = 1 }),
        broken("count-too-large", "entry-count-disagrees", ending { $0.statedCount = 3 }),
        broken("count-absurd", "entry-count-disagrees", ending { $0.statedCount = 60_000 }),
        broken("spanned", "spanned", ending { $0.statedDisk = 2 }),
        broken(
            "zip64-count-absurd", "too-many-entries",
            ending {
                $0.isZip64 = true
                $0.statedCount = 1 << 60
            }),
        broken(
            "zip64-count-negative", "end-record-invalid",
            ending {
                $0.isZip64 = true
                $0.statedCount = -1
            }),
        broken(
            "zip64-directory-size-near-2-63", "end-record-invalid",
            ending {
                $0.isZip64 = true
                $0.statedDirectorySize = .max
            }),
        broken(
            "zip64-directory-offset-negative", "end-record-invalid",
            ending {
                $0.isZip64 = true
                $0.statedDirectoryOffset = -1
            }),
        odd("empty-archive", [], ZipBuilder()),
        odd(
            "zip64", ["first.txt", "large", "last.txt"],
            ZipBuilder([
                first,
                Entry("large", text) {
                    $0.isZip64 = true
                    $0.hasDescriptor = true
                }, last,
            ]) { $0.isZip64 = true }),
        odd("huge-comment", ["first.txt"], ZipBuilder([first]) { $0.comment = .init(repeating: 0x50, count: 65_535) }),
        odd(
            "self-extracting", ["first.txt", "last.txt"],
            ZipBuilder([first, last]) { $0.prefix = Array("#!/bin/sh\n".utf8) }),
        odd(
            "self-extracting-zip64", ["first.txt", "last.txt"],
            ZipBuilder([first, last]) {
                $0.prefix = Array("#!/bin/sh\n".utf8)
                $0.isZip64 = true
            }),
    ]

    static func ending(_ change: (inout ZipBuilder) -> Void) -> [UInt8] {
        ZipBuilder([first, last], change).build()
    }
}
