public import AssayModel
public import DigestCatalog
public import ObjectStorage

/// Something that happened while a source was indexed.
public enum IndexEvent: Sendable {
    /// So many objects were listed so far.
    case listed(ScanSummary)
    /// Something in the source cannot be an object of it, and is left out.
    case skipped(ListingProblem)
    /// Bytes came from the store.
    case read(bytes: Int)
    case indexed(StoredObject, entries: Int)
    /// An entry was refused; the others of its archive go on.
    case refusedEntry(StoredObject, Refusal)
    /// An object was refused as a whole; it is not read again until it changes.
    case refused(StoredObject, code: String, reason: String)
    /// An object could not be read this time; the next run tries again.
    case failed(StoredObject, reason: String)
}

/// What indexing a source came to.
public struct IndexReport: Hashable, Sendable {
    public var scan = ScanSummary()
    public var indexed = 0
    public var entries = 0
    /// Uncompressed, in bytes.
    public var contentSize = 0
    public var refusedEntries = 0
    public var refused = 0
    public var failed = 0
    /// What was left out because it cannot be an object at all.
    public var skipped = 0
    /// Read from the store, in bytes.
    public var bytesRead = 0
    /// Read requests, with those that failed.
    public var requests = 0

    /// Whether all that is new or changed was taken in, and nothing had to be left out.
    public var isComplete: Bool { refusedEntries == 0 && refused == 0 && failed == 0 && skipped == 0 }
}
