/// Something of known size whose bytes can be read from anywhere: an object at one version.
public protocol ByteSource: Sendable {
    /// The size in bytes. It never changes; a source whose object is replaced throws instead.
    var size: Int { get }

    /// Exactly the bytes of `range`.
    ///
    /// - Throws: whatever kept it from returning all of them. A short answer is an error, never data.
    func read(_ range: ByteRange) async throws -> ByteBlock
}
