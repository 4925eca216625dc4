import Foundation

/// Inputs to begin with, and those that were found to do harm once: a folder for each target.
enum Corpus {
    struct Input: Sendable {
        let name: String
        let bytes: [UInt8]
    }

    static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Corpus")

    /// The inputs of a target in the order of their names.
    static func inputs(of target: String) throws -> [Input] {
        let folder = folder.appending(path: target)
        return try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted().map { name in
            Input(name: name, bytes: try Array(Data(contentsOf: folder.appending(path: name))))
        }
    }
}
