import CBZip2
import CISAL
import CLZMA
import CZstd

/// Compresses what tests put into archives.
public enum ZipCompressor {
    public static let stored: UInt16 = 0
    public static let deflate: UInt16 = 8
    public static let bzip2: UInt16 = 12
    public static let zstd: UInt16 = 93
    public static let xz: UInt16 = 95

    /// The methods that archives may use.
    public static let methods = [stored, deflate, bzip2, zstd, xz]

    /// `content` as an entry of that method holds it; unchanged for methods that are not known here.
    public static func compress(_ content: [UInt8], method: UInt16) -> [UInt8] {
        let room = content.count + content.count / 8 + 4096
        switch method {
        case deflate: return deflated(content, room)
        case bzip2:
            return filled(room) { output in
                var size = UInt32(output.count)
                var input = content
                let result = input.withUnsafeMutableBytes { input in
                    BZ2_bzBuffToBuffCompress(
                        output.baseAddress?.assumingMemoryBound(to: CChar.self), &size,
                        input.baseAddress?.assumingMemoryBound(to: CChar.self), UInt32(input.count), 9, 0, 0)
                }
                precondition(result == BZ_OK)
                return Int(size)
            }
        case zstd:
            return filled(room) { ZSTD_compress($0.baseAddress, $0.count, content, content.count, 3) }
        case xz:
            return filled(room) { output in
                var position = 0
                let result = lzma_easy_buffer_encode(
                    6, LZMA_CHECK_CRC32, nil, content, content.count,
                    output.baseAddress?.assumingMemoryBound(to: UInt8.self), &position, output.count)
                precondition(result == LZMA_OK)
                return position
            }
        default: return content
        }
    }

    /// The CRC-32 of zip.
    public static func crc32(_ content: [UInt8]) -> UInt32 { crc32_gzip_refl(0, content, UInt64(content.count)) }

    // More than any level of ISA-L asks for; its own constants are macros that Swift does not see.
    private static let workSize = 1 << 20

    private static func deflated(_ content: [UInt8], _ room: Int) -> [UInt8] {
        let stream = UnsafeMutablePointer<isal_zstream>.allocate(capacity: 1)
        let work = UnsafeMutablePointer<UInt8>.allocate(capacity: workSize)
        defer {
            stream.deallocate()
            work.deallocate()
        }
        isal_deflate_stateless_init(stream)
        stream.pointee.level = 1
        stream.pointee.level_buf = work
        stream.pointee.level_buf_size = UInt32(workSize)
        stream.pointee.end_of_stream = 1
        var input = content
        return filled(room) { output in
            input.withUnsafeMutableBytes { input in
                stream.pointee.next_in = input.baseAddress?.assumingMemoryBound(to: UInt8.self)
                stream.pointee.avail_in = UInt32(input.count)
                stream.pointee.next_out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
                stream.pointee.avail_out = UInt32(output.count)
                precondition(isal_deflate_stateless(stream) == COMP_OK)
                return output.count - Int(stream.pointee.avail_out)
            }
        }
    }

    private static func filled(_ room: Int, _ body: (UnsafeMutableRawBufferPointer) -> Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
            count = body(UnsafeMutableRawBufferPointer(buffer))
        }
    }
}
