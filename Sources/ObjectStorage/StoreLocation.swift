import Foundation

/// Where objects are: a bucket with a prefix, or a folder.
public enum StoreLocation: Hashable, Sendable {
    /// The objects of `bucket` whose keys start with `prefix`, taken as it is written; it may be empty.
    case bucket(String, prefix: String)
    /// The files below an absolute path.
    case folder(String)

    /// The location that a text names: `s3://bucket/prefix`, `file:///folder`, or a path.
    ///
    /// - Parameter workingFolder: what relative paths begin at; nil for the process's own.
    /// - Throws: `configuration` if the text names none.
    public init(_ text: String, workingFolder: String? = nil) throws(ObjectStorageError) {
        guard !text.isEmpty, !text.utf8.contains(0) else {
            throw .configuration("A source is s3://bucket/prefix or a folder, and none was given.")
        }
        if text.lowercased().hasPrefix("s3://") {
            let rest = text.dropFirst(5)
            let bucket = rest.prefix { $0 != "/" }
            guard !bucket.isEmpty else { throw .configuration("'\(text)' lacks the bucket: s3://bucket/prefix.") }
            self = .bucket(String(bucket), prefix: String(rest.dropFirst(bucket.count + 1)))
        } else if text.lowercased().hasPrefix("file://") {
            guard let url = URL(string: text), url.host() ?? "" == "" || url.host() == "localhost",
                let path = url.path(percentEncoded: true).removingPercentEncoding, path.hasPrefix("/")
            else { throw .configuration("'\(text)' is not a folder of this machine: file:///folder.") }
            self = .folder(Self.normal(path))
        } else if text.prefix(while: { $0 != "/" }).hasSuffix(":"), text.contains("://") {
            throw .configuration("'\(text)' is of a kind that Assay does not read. Use s3://bucket/prefix or a folder.")
        } else {
            let base = workingFolder ?? FileManager.default.currentDirectoryPath
            self = .folder(Self.normal(text.hasPrefix("/") ? text : "\(base)/\(text)"))
        }
    }

    /// The start of the keys to list.
    public var prefix: String {
        switch self {
        case .bucket(_, let prefix): prefix
        case .folder: ""
        }
    }

    // Dots and double slashes go; links stay, so ".." after one means what it says in the text.
    private static func normal(_ path: String) -> String {
        var parts: [Substring] = []
        for part in path.split(separator: "/") where part != "." {
            if part == ".." { _ = parts.popLast() } else { parts.append(part) }
        }
        return "/" + parts.joined(separator: "/")
    }
}

extension StoreLocation: CustomStringConvertible {
    /// The one text for this location: `s3://bucket/prefix` or an absolute path.
    public var description: String {
        switch self {
        case .bucket(let bucket, let prefix): prefix.isEmpty ? "s3://\(bucket)" : "s3://\(bucket)/\(prefix)"
        case .folder(let path): path
        }
    }
}
