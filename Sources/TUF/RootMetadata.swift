import AssayModel

/// Whose keys sign the other roles (specification, 4.3).
struct RootMetadata: Sendable {
    let metadata: SignedMetadata
    /// Whether the mirror's files carry versions and digests in their names.
    let hasConsistentSnapshots: Bool
    private let root: KeyRing
    private let timestamp: KeyRing
    private let snapshot: KeyRing
    private let targets: KeyRing

    init(parsing bytes: [UInt8], limits: UpdateLimits) throws(TUFError) {
        metadata = try SignedMetadata(parsing: bytes, as: .root, file: "root.json", limits: limits)
        let signed = metadata.signed
        hasConsistentSnapshots = signed.has("consistent_snapshot") ? try signed.boolean("consistent_snapshot") : false
        let keys = try KeyRing.keys(signed.fields("keys"), limits: limits)
        let roles = try signed.fields("roles")
        func ring(_ role: SignedMetadata.Role) throws(TUFError) -> KeyRing {
            try KeyRing(roles.fields(role.rawValue), known: keys, limits: limits)
        }
        root = try ring(.root)
        timestamp = try ring(.timestamp)
        snapshot = try ring(.snapshot)
        targets = try ring(.targets)
    }

    func keys(of role: SignedMetadata.Role) -> KeyRing {
        switch role {
        case .root: root
        case .timestamp: timestamp
        case .snapshot: snapshot
        case .targets: targets
        }
    }

    /// The next version of the root, proven by this one's keys and its own (5.3.4, 5.3.5).
    func successor(parsing bytes: [UInt8], limits: UpdateLimits) throws(TUFError) -> RootMetadata {
        let next = try RootMetadata(parsing: bytes, limits: limits)
        try root.verify(next.metadata, as: "version \(metadata.version) of the root")
        try next.verifyItself()
        guard next.metadata.version - 1 == metadata.version else {
            throw .version(
                file: "root.json", expected: "the one after \(metadata.version)", found: next.metadata.version)
        }
        return next
    }

    /// - Throws: `signatures` if the root is not signed as it says itself.
    func verifyItself() throws(TUFError) { try root.verify(metadata, as: "the root itself") }

    /// Whether a key that could sign timestamp or snapshot under `other` no longer can: somebody else may have it.
    func withdrawsOnlineKeys(of other: RootMetadata) -> Bool {
        !timestamp.holdsAll(of: other.timestamp) || !snapshot.holdsAll(of: other.snapshot)
    }
}
