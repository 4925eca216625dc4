/// The name of an object in its store: any string, with `/` as the usual but not the only separator.
///
/// Equal and ordered by bytes, as stores compare and S3 lists.
public struct ObjectKey: Hashable, Sendable, Comparable, CustomStringConvertible {
    private let exact: ExactString

    public init(_ name: String) { exact = ExactString(name) }

    public var name: String { exact.text }

    public var description: String { name }

    public static func < (a: Self, b: Self) -> Bool { a.exact < b.exact }
}

/// Which content a key held: reads that name a version get that content or an error.
public struct ObjectVersion: Hashable, Sendable {
    /// The entity tag, without the quotes that HTTP puts around it.
    public let etag: String
    /// The version's name, where the bucket keeps versions.
    public let id: String?

    public init(etag: String, id: String? = nil) {
        self.etag = etag
        self.id = id
    }
}
