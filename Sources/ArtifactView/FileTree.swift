public import AssayModel

/// A read-only tree of files, as kernel adapters, the mirror and HTTP walk it.
///
/// Metadata is answered at once, from the catalog or memory; only bytes may have to be waited for. Node numbers are
/// stable: a number never means another content, in this process or the next. Two implementations: `ArtifactTree`, and
/// the in-memory tree that tests the kernel adapter.
public protocol FileTree: Sendable {
    /// The node that a name in a directory leads to. Names are bytes: no normalisation.
    func lookup(_ name: String, in directory: NodeID) throws(ViewError) -> Node

    /// What `stat` says of a node.
    func node(_ id: NodeID) throws(ViewError) -> Node

    /// All names of a directory as they are now; the listing does not change while it is held.
    func list(_ directory: NodeID) throws(ViewError) -> any DirectoryListing

    /// Where a symbolic link points, relative to the directory it lies in.
    func target(ofLink link: NodeID) throws(ViewError) -> String

    /// Extended attributes (`user.assay.sha256`, ...) by name; empty for nodes that have none.
    func extendedAttributes(of id: NodeID) throws(ViewError) -> [String: [UInt8]]

    /// Opens a file for reading.
    func open(_ file: NodeID) throws(ViewError) -> any OpenFile

    /// How many files there are and their size in bytes, for `statfs`.
    func totals() throws(ViewError) -> (files: Int, bytes: Int)

    /// A number that grows when names or contents may have changed; cheap to ask.
    func generation() -> UInt64
}

/// The number of a node in a tree; the inode number of a mount.
public struct NodeID: RawRepresentable, Hashable, Sendable {
    public let rawValue: UInt64
    public init(rawValue: UInt64) { self.rawValue = rawValue }

    /// The tree's root.
    public static let root = NodeID(rawValue: 1)
}

/// What a tree says of a node without reading it.
public struct Node: Hashable, Sendable {
    public enum Kind: Hashable, Sendable { case directory, file, symbolicLink }

    public let id: NodeID
    public let kind: Kind
    /// In bytes; 0 for directories.
    public let size: Int
    public let modified: Timestamp

    public init(id: NodeID, kind: Kind, size: Int, modified: Timestamp) {
        self.id = id
        self.kind = kind
        self.size = size
        self.modified = modified
    }
}

/// The names in a directory, in a fixed order, without `.` and `..`.
public protocol DirectoryListing: Sendable {
    var count: Int { get }
    /// The entry at a position below `count`.
    func entry(at index: Int) -> (name: String, node: Node)
}

/// A file that was opened. Reads may come from any thread, and at the same time.
public protocol OpenFile: Sendable {
    var size: Int { get }

    /// The bytes if they are at hand without waiting; nil if they have to be read. Answers shorter only at the file's end.
    func readAtOnce(offset: Int, count: Int) -> ByteBlock?

    /// The bytes from `offset`: `count` of them, fewer only at the file's end, none beyond it.
    func read(offset: Int, count: Int) async throws(ViewError) -> ByteBlock
}
