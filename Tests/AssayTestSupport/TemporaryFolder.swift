public import Foundation

/// A folder that goes away with its last reference.
public final class TemporaryFolder: Sendable {
    public let url: URL
    public var path: String { url.path }

    public init() throws {
        url = FileManager.default.temporaryDirectory.appendingPathComponent("assay-test-" + UUID().uuidString)
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    public func write(_ bytes: some Collection<UInt8>, to name: String) throws {
        try Data(bytes).write(to: url.appending(path: name))
    }

    public func read(_ name: String) throws -> [UInt8] { try Array(Data(contentsOf: url.appending(path: name))) }

    deinit { try? FileManager.default.removeItem(at: url) }
}
