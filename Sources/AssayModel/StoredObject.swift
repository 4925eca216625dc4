/// What a listing or `head` says of an object.
public struct StoredObject: Hashable, Sendable {
    public let key: ObjectKey
    public let version: ObjectVersion
    /// In bytes.
    public let size: Int
    public let modified: Timestamp

    public init(key: ObjectKey, version: ObjectVersion, size: Int, modified: Timestamp) {
        self.key = key
        self.version = version
        self.size = size
        self.modified = modified
    }
}
