import AssayModel

extension Updater {
    /// The paths of all targets that the top-level role names itself; empty before a refresh.
    public var topLevelTargets: [String] { targets?.paths ?? [] }

    /// What the metadata says of a target, by the most trusted role that speaks for it and names it (5.6.7): roles are
    /// asked depth first, in the order in which they are delegated to.
    ///
    /// - Returns: nil if no such role names it.
    /// - Throws: what `refresh` throws, which comes first if it was not called; `limitExceeded` if too many roles may
    ///   speak for the target.
    public mutating func target(_ path: String) async throws(TUFError) -> TargetFile? {
        try await refresh()
        guard let top = targets, let snapshot else { return nil }
        if let target = try top.target(path) { return target }
        var visited: Set<ExactString> = []
        // The next one last.
        var waiting = Self.children(of: "targets", top, for: path)
        while let (parent, delegation) = waiting.popLast() {
            // A role that was visited already is a cycle, or another way to it.
            guard visited.insert(ExactString(delegation.name)).inserted else { continue }
            guard visited.count <= limits.delegations else {
                throw .limitExceeded(what: "roles to ask for the target '\(path)'", limit: limits.delegations)
            }
            let role = DelegatedRole(name: ExactString(delegation.name), parent: ExactString(parent))
            let metadata: TargetsMetadata
            if let loaded = delegated[role] {
                metadata = loaded
            } else {
                metadata = try await load(delegation.name, keys: delegation.keys, signers: parent, snapshot)
                delegated[role] = metadata
            }
            if let target = try metadata.target(path) { return target }
            let children = Self.children(of: delegation.name, metadata, for: path)
            // One that ends the search ends it for all that would have come after.
            if children.first?.delegation.isTerminating == true { waiting = [] }
            waiting += children
        }
        return nil
    }

    /// The roles to ask about a target, the first one last, and none after one that ends the search.
    private static func children(
        of parent: String, _ metadata: TargetsMetadata, for path: String
    ) -> [(parent: String, delegation: Delegation)] {
        var children: [(parent: String, delegation: Delegation)] = []
        for delegation in metadata.delegations where delegation.covers(path) {
            children.append((parent, delegation))
            if delegation.isTerminating { break }
        }
        return children.reversed()
    }

    /// A target's bytes (5.7).
    ///
    /// - Parameter files: where target files come from.
    /// - Throws: `notFound`, `length` or `hash`, `limitExceeded`, `mirror`, `cancelled`.
    public func download(_ target: TargetFile, from files: any Mirror) async throws(TUFError) -> [UInt8] {
        guard target.length <= limits.targetSize else {
            throw .limitExceeded(what: "bytes of \(target.path)", limit: limits.targetSize)
        }
        var path = FileNames.encodedPath(target.path)
        if root.hasConsistentSnapshots, let hash = target.content.hashes.first {
            let name = path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex
            path.insert(contentsOf: hash.digest + ".", at: name)
        }
        guard let bytes = try await files.file(path, limit: target.length) else { throw .notFound(file: path) }
        try target.check(bytes)
        return bytes
    }

    /// The path of a target's file in `folder`, to which it is downloaded if it is not there or not the target.
    ///
    /// The file's name is the target's path, percent-encoded as a whole, so it never lies elsewhere.
    ///
    /// - Throws: what `download(_:from:)` throws, and `cache`.
    public func download(
        _ target: TargetFile, from files: any Mirror, into folder: String
    ) async throws(TUFError) -> String {
        let file = "\(folder)/\(FileNames.encoded(target.path))"
        let kept: [UInt8]?
        do throws(FileFailure) { kept = try DiskFile.read(file, limit: target.length) } catch { kept = nil }
        if let kept, (try? target.check(kept)) != nil { return file }
        let bytes = try await download(target, from: files)
        do throws(FileFailure) { try DiskFile.replace(file, bytes) } catch {
            if case .system(let problem) = error { throw .cache(path: file, problem: problem) }
        }
        return file
    }
}
