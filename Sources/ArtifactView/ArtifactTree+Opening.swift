import Archive
import AssayModel
import DigestCatalog
import ObjectStorage

extension ArtifactTree {
    public func open(_ file: NodeID) throws(ViewError) -> any OpenFile {
        switch NodeIdentity(file) {
        case .entry(let number):
            guard let entry = try asking({ () throws(CatalogError) in try catalog.entry(number) }) else {
                throw .notFound
            }
            guard let artifact = entry.artifact else { throw .notFound }
            return try open(artifact, as: entry)
        case .artifact(let number):
            guard let known = try asking({ () throws(CatalogError) in try catalog.artifact(id: number, in: source) })
            else {
                throw .notFound
            }
            guard let place = try place(of: known.artifact),
                let entry = try asking({ () throws(CatalogError) in try catalog.entry(place.entryID) })
            else { throw .stale("\(known.artifact.digest) is in no store any more") }
            return try open(known.artifact, as: entry)
        case .bundle(let attestation):
            guard let bundle = try asking({ () throws(CatalogError) in try catalog.bundle(ofAttestation: attestation) })
            else { throw .notFound }
            return BundleFile(content: ByteBlock(bundle))
        case .root, .bySource, .byDigest, .sha256, .digestPrefix, .directory: throw .isADirectory
        case nil: throw .notFound
        }
    }

    private func open(_ artifact: Artifact, as entry: EntryRecord) throws(ViewError) -> any OpenFile {
        guard let place = try asking({ () throws(CatalogError) in try catalog.occurrence(ofEntry: entry.id) }) else {
            throw .stale("the object of “\(entry.name)” was replaced")
        }
        let name = place.description
        let store: any ObjectStore
        do { store = try stores(place.source) } catch { throw ViewError(error, name: name) }
        let source = NeighbourSource(place.object, in: store, windows: windows)
        let maker: any BlockMaker
        if entry.method == CompressionMethod.stored.rawValue {
            maker = StoredBlocks(source: source, dataOffset: entry.dataOffset, size: artifact.size, name: name)
        } else {
            guard let method = UInt16(exactly: entry.method).map(CompressionMethod.init(rawValue:)) else {
                throw .damaged("\(name): the catalog names a compression method that cannot be")
            }
            maker = InflatedBlocks(name: name) { () throws(ArchiveError) in
                try EntryReader(
                    source: source, method: method, dataOffset: entry.dataOffset, compressedSize: entry.compressedSize,
                    size: artifact.size, crc32: entry.crc32)
            }
        }
        return ArtifactFile(entry: entry.id, artifact: artifact, maker: maker, cache: blocks) { [windows] in
            windows.forget(place.object)
        }
    }

    private func place(of artifact: Artifact) throws(ViewError) -> Occurrence? {
        try asking { () throws(CatalogError) in try catalog.place(of: artifact, in: source) }
    }

    public func extendedAttributes(of id: NodeID) throws(ViewError) -> [String: [UInt8]] {
        var attributes: [String: String] = [:]
        let place: Occurrence?
        switch NodeIdentity(id) {
        case .entry(let number):
            guard let entry = try asking({ () throws(CatalogError) in try catalog.entry(number) }) else {
                throw .notFound
            }
            attributes["sha256"] = entry.artifact?.digest.hex
            attributes["attested"] = entry.bundle?.created.description
            place = try asking { () throws(CatalogError) in try catalog.occurrence(ofEntry: number) }
        case .artifact(let number):
            guard let known = try asking({ () throws(CatalogError) in try catalog.artifact(id: number, in: source) })
            else {
                throw .notFound
            }
            attributes["sha256"] = known.artifact.digest.hex
            attributes["attested"] = known.bundle?.created.description
            place = try self.place(of: known.artifact)
        default: return [:]
        }
        if let place {
            attributes["source"] = place.source.location
            attributes["key"] = place.object.key.name
            attributes["etag"] = place.object.version.etag
            attributes["version"] = place.object.version.id
            attributes["entry"] = place.entryPath
        }
        return Dictionary(uniqueKeysWithValues: attributes.map { ("user.assay." + $0.key, Array($0.value.utf8)) })
    }
}

/// A bundle: small, and in memory from the start.
private struct BundleFile: OpenFile {
    let content: ByteBlock
    var size: Int { content.count }

    func readAtOnce(offset: Int, count: Int) -> ByteBlock? {
        guard offset >= 0, count > 0, offset < size else { return ByteBlock([]) }
        return content.withUnsafeBytes { ByteBlock($0[offset..<offset + min(count, size - offset)]) }
    }

    func read(offset: Int, count: Int) async throws(ViewError) -> ByteBlock {
        readAtOnce(offset: offset, count: count) ?? ByteBlock([])
    }
}
