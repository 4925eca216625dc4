/// How an entry's bytes are compressed (APPNOTE 4.4.5).
public struct CompressionMethod: RawRepresentable, Hashable, Sendable {
    public let rawValue: UInt16

    public init(rawValue: UInt16) { self.rawValue = rawValue }

    public static let stored = CompressionMethod(rawValue: 0)
    public static let deflate = CompressionMethod(rawValue: 8)
    public static let deflate64 = CompressionMethod(rawValue: 9)
    public static let bzip2 = CompressionMethod(rawValue: 12)
    public static let lzma = CompressionMethod(rawValue: 14)
    public static let zstd = CompressionMethod(rawValue: 93)
    public static let xz = CompressionMethod(rawValue: 95)

    /// Whether entries of this method can be read.
    public var isSupported: Bool {
        switch self {
        case .stored, .deflate, .bzip2, .zstd, .xz: true
        default: false
        }
    }
}

extension CompressionMethod: CustomStringConvertible {
    /// The method's usual name, or `method N` for a number without one.
    public var description: String { Self.names[rawValue] ?? "method \(rawValue)" }

    private static let names: [UInt16: String] = [
        0: "stored", 1: "shrink", 2: "reduce", 3: "reduce", 4: "reduce", 5: "reduce", 6: "implode", 8: "deflate",
        9: "deflate64", 10: "implode (PKWARE DCL)", 12: "bzip2", 14: "lzma", 18: "IBM TERSE", 19: "IBM LZ77",
        20: "zstd (withdrawn number)", 93: "zstd", 94: "mp3", 95: "xz", 96: "jpeg", 97: "WavPack", 98: "PPMd",
        99: "AES encryption",
    ]
}
