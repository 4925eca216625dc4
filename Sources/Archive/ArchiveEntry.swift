public import AssayModel

/// One member of an archive, as the central directory describes it.
public struct ArchiveEntry: Hashable, Sendable {
    public enum Kind: Hashable, Sendable { case file, directory, symbolicLink }

    /// The entry's place in the central directory, counted from 0 over good and refused entries.
    public let index: Int
    /// Relative, with `/` between components, none of which is empty, `.` or `..`; no slash at the end.
    public let path: String
    public let kind: Kind
    public let method: CompressionMethod
    /// The CRC-32 of the contents.
    public let crc32: UInt32
    /// The size of the data in the archive, in bytes.
    public let compressedSize: Int
    /// The size of the contents, in bytes.
    public let size: Int
    /// Where the local file header begins in the object.
    public let headerOffset: Int
    /// Nil where the archive gives no possible date. Times without a zone are taken as UTC.
    public let modified: Timestamp?
    /// The Unix permission bits (07777), where the archive was made on Unix and has them.
    public let mode: UInt16?
}

/// An entry that cannot be had, and why.
public struct RefusedEntry: Hashable, Sendable {
    /// The entry's place in the central directory, counted from 0 over good and refused entries.
    public let index: Int
    /// The entry's name for people to read: possibly shortened, with replacements for what is no UTF-8.
    public let name: String
    public let error: EntryError
}

extension RefusedEntry: CustomStringConvertible {
    public var description: String { "“\(name)” (entry \(index)): \(error)" }
}
