/// The bounds on what servers, files and programs may send: whatever goes beyond one is an error, never memory.
public struct StorageLimits: Hashable, Sendable {
    /// The most bytes of a listing's page; a thousand keys of 1,024 bytes, percent-encoded, take 4 MiB.
    public var listingBytes = 16 << 20
    /// The most bytes of any other document: error messages, temporary credentials.
    public var documentBytes = 256 << 10
    /// The most bytes of the header of one answer.
    public var headerBytes = 64 << 10
    /// The most bytes of a profile or token file, or of a credential program's output.
    public var settingsFileBytes = 1 << 20
    /// The most bytes that one request uploads.
    public var uploadBytes = 5 << 30
    /// The most requests in flight to one store.
    public var concurrentRequests = 64

    /// The default limits.
    public init() {}
}
