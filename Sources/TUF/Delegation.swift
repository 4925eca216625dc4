import AssayModel
import Sigstore

/// A role that may speak for some targets (specification, 4.5).
struct Delegation: Sendable {
    let name: String
    let keys: KeyRing
    /// Whether the search ends with this role, found or not.
    let isTerminating: Bool
    private let scope: Scope

    private enum Scope: Sendable {
        case patterns([PathPattern])
        /// Beginnings of the SHA-256 of a path, in hexadecimal.
        case hashPrefixes([String])
    }

    init(_ fields: Fields, keys known: [ExactString: MetadataKey], limits: UpdateLimits) throws(TUFError) {
        let name = try fields.string("name")
        guard !name.isEmpty, FileNames.encoded(name).utf8.count <= limits.roleName else {
            throw fields.fault("name", "is empty, or its file's name would be longer than \(limits.roleName) bytes")
        }
        // Their files would be taken for those of the roles at the top.
        guard SignedMetadata.Role.allCases.allSatisfy({ !$0.rawValue.hasSameBytes(as: name) }) else {
            throw fields.fault("name", "'\(name)' is the name of a role at the top")
        }
        self.name = name
        keys = try KeyRing(fields, known: known, limits: limits)
        isTerminating = try fields.boolean("terminating")
        let patterns = try fields.strings("paths", limit: limits.delegatedPaths)
        let prefixes = try fields.strings("path_hash_prefixes", limit: limits.delegatedPaths)
        switch (patterns, prefixes) {
        case (let patterns?, nil): scope = .patterns(patterns.map { PathPattern($0) })
        case (nil, let prefixes?): scope = .hashPrefixes(prefixes)
        case (nil, nil), (_?, _?): throw fields.fault("paths", "and path_hash_prefixes: exactly one must be there")
        }
    }

    /// Whether the role may speak for the target.
    func covers(_ path: String) -> Bool {
        switch scope {
        case .patterns(let patterns): return patterns.contains { $0.matches(path) }
        case .hashPrefixes(let prefixes):
            guard let digest = try? DigestAlgorithm.sha256.digest(of: Array(path.utf8)) else { return false }
            let text = Hex.text(of: digest)
            return prefixes.contains { text.utf8.starts(with: $0.utf8) }
        }
    }
}

/// A pattern of paths: `*` stands for any characters and `?` for one, of one part between slashes. All else, brackets
/// too, stands for itself.
struct PathPattern: Sendable {
    private let parts: [[Unicode.Scalar]]

    init(_ text: String) { parts = Self.parts(text) }

    func matches(_ path: String) -> Bool {
        let names = Self.parts(path)
        return names.count == parts.count && zip(parts, names).allSatisfy { Self.matches($0, $1) }
    }

    private static func parts(_ text: String) -> [[Unicode.Scalar]] {
        text.unicodeScalars.split(separator: "/", omittingEmptySubsequences: false).map { Array($0) }
    }

    /// Going back to the last star only, the time is at most the product of both lengths.
    private static func matches(_ pattern: [Unicode.Scalar], _ name: [Unicode.Scalar]) -> Bool {
        var (position, index) = (0, 0)
        var retry: (position: Int, index: Int)?
        while index < name.count {
            if position < pattern.count, pattern[position] == "*" {
                retry = (position + 1, index)
                position += 1
            } else if position < pattern.count, pattern[position] == "?" || pattern[position] == name[index] {
                position += 1
                index += 1
            } else if let last = retry {
                retry = (last.position, last.index + 1)
                (position, index) = (last.position, last.index + 1)
            } else {
                return false
            }
        }
        return pattern[position...].allSatisfy { $0 == "*" }
    }
}
