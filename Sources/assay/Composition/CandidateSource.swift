import AssayConsole
import AssayModel
import DigestCatalog
import Glibc

/// What is to be verified, one after the other, from wherever the user said.
///
/// Nothing is listed in advance, so that a tree or a catalog of millions needs no memory.
struct CandidateSource {
    private enum Names {
        case arguments(ArraySlice<String>)
        case lines(PathLines)
        case attested(Catalog, after: Int64, page: ArraySlice<(id: Int64, digest: SHA256Digest)>)
    }

    private static let pageSize = 1000

    private var names: Names
    private var walk: ArtifactWalk?

    init(paths: [String]) { names = .arguments(paths[...]) }

    init(lines: PathLines) { names = .lines(lines) }

    /// Every artifact of the catalog that has a bundle.
    init(attestedIn catalog: Catalog) { names = .attested(catalog, after: 0, page: []) }

    /// Whether the next one can be told without waiting for who writes a list.
    var isReady: Bool {
        if walk == nil, case .lines(let lines) = names { lines.isReady } else { true }
    }

    /// - Throws: `usage` for a list that cannot be read, `catalog` for a catalog.
    mutating func next() throws(CommandError) -> Candidate? {
        if let candidate = walk?.next() { return candidate }
        walk = nil
        switch names {
        case .arguments(var rest):
            guard let name = rest.popFirst() else { return nil }
            names = .arguments(rest)
            return try candidate(name)
        case .lines(var lines):
            let name = try lines.next()
            names = .lines(lines)
            guard let name else { return nil }
            return try candidate(name)
        case .attested(let catalog, var last, var page):
            if page.isEmpty {
                do throws(CatalogError) { page = try catalog.attested(after: last, limit: Self.pageSize)[...] } catch {
                    throw CommandError(error)
                }
            }
            guard let next = page.popFirst() else { return nil }
            last = next.id
            names = .attested(catalog, after: last, page: page)
            return .digest(next.digest, name: next.digest.description)
        }
    }

    /// What a user means by a name. A file may be called like a digest: what can be seen comes first.
    private mutating func candidate(_ name: String) throws(CommandError) -> Candidate? {
        var information = stat()
        if stat(name, &information) == 0 {
            guard information.st_mode & S_IFMT == S_IFDIR else { return .file(name, companions: nil) }
            walk = ArtifactWalk(name)
            return try next()
        }
        let problem = FileProblem.last
        if let digest = SHA256Digest(hex: name) { return .digest(digest, name: name) }
        return .problem(name, reason: "neither a SHA-256 nor a file that can be read: \(problem)")
    }

    static func isFolder(_ path: String) -> Bool {
        var information = stat()
        return stat(path, &information) == 0 && information.st_mode & S_IFMT == S_IFDIR
    }
}
