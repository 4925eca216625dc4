public import AssayModel

/// A store of objects under keys: an S3 bucket, a folder, memory.
///
/// Every implementation passes the contract suite of the tests.
public protocol ObjectStore: Sendable {
    /// One page of the objects whose keys start with `prefix`, in the order of their keys' UTF-8 bytes.
    ///
    /// - Parameters:
    ///   - token: nil for the first page, afterwards the `next` of the page before.
    ///   - limit: the most objects a page may hold; the store may give fewer.
    func list(prefix: String, from token: String?, limit: Int) async throws(ObjectStorageError) -> ObjectPage

    /// What the store knows of an object without reading it.
    func head(_ key: ObjectKey) async throws(ObjectStorageError) -> StoredObject

    /// Exactly the bytes of `range` of that version of the object.
    ///
    /// - Throws: `changed` if the key no longer holds that version; `shortRead` or `wrongRange` if the answer was not
    ///   the range asked for. A block is returned only if all its bytes are that version's.
    func read(_ key: ObjectKey, version: ObjectVersion, range: ByteRange) async throws(ObjectStorageError) -> ByteBlock

    /// Stores `bytes` under `key`, whole or not at all.
    @discardableResult
    func put(_ key: ObjectKey, _ bytes: ByteBlock) async throws(ObjectStorageError) -> StoredObject
}

/// A page of a listing.
public struct ObjectPage: Sendable {
    public let objects: [StoredObject]
    /// What to ask for the next page with; nil on the last.
    public let next: String?
    /// What lies in the store in this page's stretch of keys but cannot be an object of it.
    public let problems: [ListingProblem]

    public init(objects: [StoredObject], next: String?, problems: [ListingProblem] = []) {
        self.objects = objects
        self.next = next
        self.problems = problems
    }
}

/// Something that a listing had to leave out.
public struct ListingProblem: Hashable, Sendable {
    /// Its name as far as it can be written, for people only.
    public let name: String
    /// Why it was left out, such as "is a symbolic link".
    public let reason: String

    public init(name: String, reason: String) {
        self.name = name
        self.reason = reason
    }
}
