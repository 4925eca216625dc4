import Archive
import AssayModel
import AssayTestSupport
import CZip
import Glibc
import Testing

/// What libzip, another implementation, says of the same archives.
@Suite struct OracleTests {
    /// An entry as libzip sees it.
    struct Seen: Hashable {
        let name: String
        let size: Int
        let compressedSize: Int
        let crc32: UInt32
        let method: UInt16
        let contents: [UInt8]
    }

    private static func libzip(_ bytes: [UInt8]) throws -> [Seen] {
        var error = zip_error_t()
        zip_error_init(&error)
        defer { zip_error_fini(&error) }
        return try bytes.withUnsafeBytes { buffer in
            let source = try #require(zip_source_buffer_create(buffer.baseAddress, UInt64(buffer.count), 0, &error))
            guard let archive = zip_open_from_source(source, ZIP_RDONLY | ZIP_CHECKCONS, &error) else {
                zip_source_free(source)
                throw Refused(reason: String(validatingCString: zip_error_strerror(&error)) ?? "")
            }
            defer { zip_discard(archive) }
            return try (0..<UInt64(zip_get_num_entries(archive, 0))).map { index in
                var stat = zip_stat_t()
                try #require(zip_stat_index(archive, index, 0, &stat) == 0)
                let file = try #require(zip_fopen_index(archive, index, 0))
                defer { zip_fclose(file) }
                let contents = try [UInt8](unsafeUninitializedCapacity: Int(stat.size)) { buffer, count in
                    count = Int(zip_fread(file, buffer.baseAddress, stat.size))
                    try #require(count == Int(stat.size))
                }
                return Seen(
                    name: String(cString: stat.name), size: Int(stat.size), compressedSize: Int(stat.comp_size),
                    crc32: stat.crc, method: stat.comp_method, contents: contents)
            }
        }
    }

    struct Refused: Error { let reason: String }

    private func assay(_ bytes: [UInt8]) async throws -> [Seen] {
        let (directory, collector) = try await Collector.read(CountingSource(bytes))
        #expect(collector.refused.isEmpty)
        return directory.entries.map { entry in
            Seen(
                name: entry.path, size: entry.size, compressedSize: entry.compressedSize, crc32: entry.crc32,
                method: entry.method.rawValue, contents: collector.files[entry.path] ?? [])
        }
    }

    // Debian 12's libzip knows neither zstd nor xz.
    @Test(arguments: [ZipCompressor.stored, ZipCompressor.deflate, ZipCompressor.bzip2], 1...4 as ClosedRange<UInt64>)
    func seesWhatLibzipSees(_ method: UInt16, _ seed: UInt64) async throws {
        var random = Seeded(seed)
        let entries = (0..<40).map { number in
            let names = ["plain-\(number).txt", "dir-\(number % 3)/ümläut-\(number)", "a/b/c/日本-\(number)"]
            return ZipBuilder.Entry(names[number % 3], random.text(Int(random.next() % 20_000))) {
                $0.method = method
                $0.flags = 0x800
                // libzip checks descriptors for their signature only; zip64 ones it does not know.
                $0.hasDescriptor = seed == 2
                $0.isZip64 = seed == 3
                $0.comment = seed == 4 ? Array("a comment".utf8) : []
                $0.localExtra = seed == 4 ? ZipBuilder.field(0x7777, [1, 2, 3]) : []
            }
        }
        let bytes = ZipBuilder(entries) {
            $0.isZip64 = seed == 3
            $0.comment = seed == 4 ? Array("PK\u{5}\u{6} is no end record".utf8) : []
        }.build()
        let seen = try Self.libzip(bytes)
        #expect(seen.count == 40)
        #expect(try await assay(bytes) == seen)
    }

    @Test func readsWhatLibzipWrites() async throws {
        var random = Seeded(9)
        let contents = (0..<20).map { number in (name: "file-\(number)", bytes: random.text(number * number * 500 + 1))
        }
        var error = zip_error_t()
        zip_error_init(&error)
        defer { zip_error_fini(&error) }
        let target = try #require(zip_source_buffer_create(nil, 0, 0, &error))
        zip_source_keep(target)
        defer { zip_source_free(target) }
        let archive = try #require(zip_open_from_source(target, ZIP_CREATE | ZIP_TRUNCATE, &error))
        for (number, content) in contents.enumerated() {
            // libzip reads the memory when the archive is closed, and frees it then.
            let copy = try #require(malloc(content.bytes.count + 1))
            copy.copyMemory(from: content.bytes, byteCount: content.bytes.count)
            let source = try #require(zip_source_buffer(archive, copy, UInt64(content.bytes.count), 1))
            let index = zip_file_add(archive, content.name, source, ZIP_FL_ENC_UTF_8)
            let method = [ZIP_CM_STORE, ZIP_CM_DEFLATE, ZIP_CM_BZIP2][number % 3]
            try #require(zip_set_file_compression(archive, UInt64(index), method, 0) == 0)
        }
        try #require(zip_close(archive) == 0)
        try #require(zip_source_open(target) == 0)
        defer { zip_source_close(target) }
        zip_source_seek(target, 0, SEEK_END)
        let size = Int(zip_source_tell(target))
        zip_source_seek(target, 0, SEEK_SET)
        let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            count = Int(zip_source_read(target, buffer.baseAddress, UInt64(size)))
        }
        let (_, collector) = try await Collector.read(CountingSource(bytes))
        #expect(collector.refused.isEmpty)
        for content in contents { #expect(collector.files[content.name] == content.bytes) }
    }
}
