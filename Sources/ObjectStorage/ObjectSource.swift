public import AssayModel

/// One version of an object, to be read from anywhere.
public struct ObjectSource: ByteSource {
    private let store: any ObjectStore
    private let object: StoredObject

    public init(_ object: StoredObject, in store: any ObjectStore) {
        self.store = store
        self.object = object
    }

    public var size: Int { object.size }

    /// - Throws: `ObjectStorageError`.
    public func read(_ range: ByteRange) async throws -> ByteBlock {
        try await store.read(object.key, version: object.version, range: range)
    }
}
