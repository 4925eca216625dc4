public import AssayModel

/// An entry of an archive, or a loose object, as indexing found it.
public struct IndexedEntry: Sendable {
    public enum Content: Sendable {
        /// Bytes with a digest, and their uncompressed size.
        case artifact(SHA256Digest, size: Int)
        /// A symbolic link and its target.
        case link(String)
        /// A directory.
        case directory
    }

    /// Components joined with `/`; for a loose object, its key's last component.
    public let path: String
    public let content: Content
    /// The method's number in the archive (APPNOTE 4.4.5); 0 for loose objects.
    public let method: Int
    /// Where the compressed data begin in the object.
    public let dataOffset: Int
    public let compressedSize: Int
    public let crc32: UInt32
    public let modified: Timestamp?
    /// Unix permission bits, if the archive tells them.
    public let mode: Int?

    public init(
        path: String, content: Content, method: Int = 0, dataOffset: Int = 0, compressedSize: Int = 0,
        crc32: UInt32 = 0,
        modified: Timestamp? = nil, mode: Int? = nil
    ) {
        self.path = path
        self.content = content
        self.method = method
        self.dataOffset = dataOffset
        self.compressedSize = compressedSize
        self.crc32 = crc32
        self.modified = modified
        self.mode = mode
    }
}

/// An entry that was not taken into the catalog, and why.
public struct Refusal: Hashable, Sendable {
    /// The entry's name, as far as it can be shown.
    public let name: String
    /// A word for machines, such as `overlapping-entries`.
    public let code: String
    /// A sentence for people.
    public let reason: String

    public init(name: String, code: String, reason: String) {
        self.name = name
        self.code = code
        self.reason = reason
    }
}
