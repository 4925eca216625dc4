internal import CISAL

/// The checksum of zip (APPNOTE 4.4.7).
enum CRC32 {
    /// The checksum of `bytes` after those whose checksum is `start`.
    static func of(_ bytes: UnsafeRawBufferPointer, after start: UInt32 = 0) -> UInt32 {
        crc32_gzip_refl(start, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), UInt64(bytes.count))
    }
}
