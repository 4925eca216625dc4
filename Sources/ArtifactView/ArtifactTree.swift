public import AssayModel
public import DigestCatalog
public import ObjectStorage

/// The artifacts of a catalog as files, each beside its bundle: docs/SEMANTICS.md says which names it has.
///
///     /by-source/<source>/<key, without .zip>/<path in the archive>
///     /by-digest/sha256/<first two digits>/<digest>
public final class ArtifactTree: FileTree {
    /// Finds the store that a source's objects lie in.
    public typealias StoreFinder = @Sendable (Source) throws(ObjectStorageError) -> any ObjectStore

    let catalog: Catalog
    let source: Source?
    let stores: StoreFinder
    let blocks: BlockCache
    private let listed = NameCache()
    let windows = NeighbourWindows()
    // Directories of keys have no time of their own.
    private let opened: Timestamp

    /// - Parameters:
    ///   - source: the only source to show; nil for all.
    ///   - cacheSize: how many bytes of decompressed content are kept in memory.
    ///   - now: the time that directories show which have none of their own.
    public init(
        catalog: Catalog, source: Source? = nil, cacheSize: Int, now: Timestamp, stores: @escaping StoreFinder
    ) {
        self.catalog = catalog
        self.source = source
        self.stores = stores
        self.blocks = BlockCache(capacity: cacheSize)
        self.opened = now
    }

    public func generation() -> UInt64 { catalog.generation() }

    public func totals() throws(ViewError) -> (files: Int, bytes: Int) {
        let totals = try asking { () throws(CatalogError) in try catalog.totals() }
        return (totals.entries, totals.contentSize)
    }

    // MARK: Nodes

    public func node(_ id: NodeID) throws(ViewError) -> Node {
        switch NodeIdentity(id) {
        case .root, .bySource, .byDigest, .sha256, .digestPrefix: return fixed(id)
        case .directory(let directory):
            let record = try asking { () throws(CatalogError) in try catalog.directory(directory) }
            if let record { return record.node(fallbackTime: opened) }
        case .entry(let number):
            if let record = try asking({ () throws(CatalogError) in try catalog.entry(number) }) { return record.node }
        case .artifact(let number):
            if let record = try asking({ () throws(CatalogError) in try catalog.artifact(id: number, in: source) }) {
                return node(of: record.artifact)
            }
        case .bundle(let attestation):
            if let record = try asking({ () throws(CatalogError) in try catalog.bundleRecord(attestation) }) {
                return record.node
            }
        case nil: break
        }
        throw .notFound
    }

    public func target(ofLink link: NodeID) throws(ViewError) -> String {
        guard case .entry(let number) = NodeIdentity(link) else { throw .notALink }
        guard let record = try asking({ () throws(CatalogError) in try catalog.entry(number) }) else { throw .notFound }
        guard let target = record.link else { throw .notALink }
        return target
    }

    func fixed(_ id: NodeID) -> Node { Node(id: id, kind: .directory, size: 0, modified: opened) }

    func node(of artifact: Artifact) -> Node {
        Node(
            id: NodeIdentity.artifact(artifact.id).id, kind: .file, size: artifact.size, modified: artifact.firstSeen)
    }

    func asking<T>(_ question: () throws(CatalogError) -> T) throws(ViewError) -> T {
        do { return try question() } catch { throw .unavailable(error.description) }
    }

    // MARK: Directories

    public func list(_ directory: NodeID) throws(ViewError) -> any DirectoryListing {
        switch NodeIdentity(directory) {
        case .root: return Listing(Self.top.map(fixed))
        case .byDigest: return Listing([fixed("sha256", .sha256)])
        case .sha256:
            return Listing((0...255).map { fixed(Self.hex(UInt8($0)), .digestPrefix(UInt8($0))) })
        case .digestPrefix(let byte):
            let artifacts = try asking { () throws(CatalogError) in
                try catalog.artifacts(startingWith: byte, in: source)
            }
            return Listing(
                artifacts.flatMap { artifact, bundle in
                    let name = artifact.digest.hex
                    return [(name, node(of: artifact))]
                        + (bundle.map { [(FileName.bundle(of: name), $0.node)] } ?? [])
                })
        case .bySource: return Listing(try sourceNames().items)
        case .directory(let id):
            let generation = generation()
            let names = try names(in: id)
            listed.insert(names, of: id, generation: generation)
            return Listing(names.items)
        case .entry, .artifact, .bundle: throw .notADirectory
        case nil: throw .notFound
        }
    }

    public func lookup(_ name: String, in directory: NodeID) throws(ViewError) -> Node {
        let found: Node? =
            switch NodeIdentity(directory) {
            case .root: Self.top.first { $0.name == name }.map { fixed($0.identity.id) }
            case .byDigest: name == "sha256" ? fixed(NodeIdentity.sha256.id) : nil
            case .sha256: Self.byte(name).map { fixed(NodeIdentity.digestPrefix($0).id) }
            case .digestPrefix(let byte): try artifactOrBundle(name, startingWith: byte)
            case .bySource: try sourceNames().node(named: name)
            case .directory(let id): try child(name, of: id)
            case .entry, .artifact, .bundle: throw .notADirectory
            case nil: throw .notFound
            }
        guard let found else { throw .notFound }
        return found
    }

    private func sourceNames() throws(ViewError) -> DirectoryNames {
        let roots = try asking { () throws(CatalogError) in try catalog.rootDirectories() }
            .filter { source == nil || $0.id == source?.root }
        return DirectoryNames(directories: roots, entries: [], fallbackTime: opened)
    }

    private func names(in directory: DirectoryID) throws(ViewError) -> DirectoryNames {
        let directories = try asking { () throws(CatalogError) in try catalog.directories(in: directory) }
        let entries = try asking { () throws(CatalogError) in try catalog.entries(in: directory) }
        if directories.isEmpty && entries.isEmpty {
            guard try asking({ () throws(CatalogError) in try catalog.directory(directory) }) != nil else {
                throw .notFound
            }
        }
        return DirectoryNames(directories: directories, entries: entries, fallbackTime: opened)
    }

    /// Finds a child without reading the whole directory, where its name leaves no doubt; the names that `names` gives
    /// are the rule, and this must agree with them.
    private func child(_ name: String, of directory: DirectoryID) throws(ViewError) -> Node? {
        // SQLite's text ends at a NUL.
        if name.utf8.contains(0) { return nil }
        if let names = listed.names(of: directory, generation: generation) { return names.node(named: name) }
        guard let component = FileName.component(of: name) else { return try names(in: directory).node(named: name) }
        let (directories, entries) = try claimants(of: component, in: directory)
        switch (directories.count, entries.count) {
        case (1, 0): return directories[0].node(fallbackTime: opened)
        case (0, 1): return entries[0].node
        case (0, 0): break
        default: return try names(in: directory).node(named: name)
        }
        // Nobody wants the name for itself; it may have been made for a child, or for a child's bundle.
        if FileName.stem(of: name, before: FileName.secondBundleSuffix) == nil,
            let owner = FileName.stem(of: name, before: FileName.bundleSuffix),
            let component = FileName.component(of: owner)
        {
            let (directories, entries) = try claimants(of: component, in: directory)
            if directories.isEmpty, entries.count == 1 { return entries[0].bundle?.node }
            if directories.isEmpty, entries.isEmpty, !Self.mayBeMade(owner) { return nil }
        } else if !Self.mayBeMade(name) {
            return nil
        }
        return try names(in: directory).node(named: name)
    }

    /// Whether a name that no child wants can have been made for one.
    private static func mayBeMade(_ name: String) -> Bool {
        name.utf8.contains(UInt8(ascii: "~")) || name.utf8.first == UInt8(ascii: "%")
            || String(decoding: name.utf8.suffix(4), as: UTF8.self).lowercased() == ".zip"
            || FileName.stem(of: name, before: FileName.bundleSuffix) != nil
    }

    private func claimants(
        of name: String, in directory: DirectoryID
    ) throws(ViewError) -> (directories: [DirectoryRecord], entries: [EntryRecord]) {
        (
            try asking { () throws(CatalogError) in try catalog.directories(in: directory, named: name) },
            try asking { () throws(CatalogError) in try catalog.entries(in: directory, named: name) }
        )
    }

    private func artifactOrBundle(_ name: String, startingWith byte: UInt8) throws(ViewError) -> Node? {
        let owner = FileName.stem(of: name, before: FileName.bundleSuffix)
        let isBundle = owner != nil
        let digits = owner ?? name
        guard let digest = SHA256Digest(hex: digits), digest.hex == digits, digest.bytes.first == byte else {
            return nil
        }
        guard let known = try asking({ () throws(CatalogError) in try catalog.artifact(digest) }),
            let present = try asking({ () throws(CatalogError) in try catalog.artifact(id: known.id, in: source) })
        else { return nil }
        return isBundle ? present.bundle?.node : node(of: present.artifact)
    }

    private static let top: [(name: String, identity: NodeIdentity)] = [
        ("by-digest", .byDigest), ("by-source", .bySource),
    ]

    private func fixed(_ name: String, _ identity: NodeIdentity) -> (name: String, node: Node) {
        (name, fixed(identity.id))
    }

    private static func hex(_ byte: UInt8) -> String { (byte < 16 ? "0" : "") + String(byte, radix: 16) }

    private static func byte(_ name: String) -> UInt8? {
        UInt8(name, radix: 16).flatMap { hex($0) == name ? $0 : nil }
    }

    private struct Listing: DirectoryListing {
        private let items: [(name: String, node: Node)]
        init(_ items: [(name: String, node: Node)]) { self.items = items }
        var count: Int { items.count }
        func entry(at index: Int) -> (name: String, node: Node) { items[index] }
    }
}
