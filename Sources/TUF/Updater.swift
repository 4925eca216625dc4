import AssayModel
public import Sigstore

/// A client of The Update Framework (specification 1.0, section 5): it takes what a mirror sends for true as far as
/// the keys of a root that is trusted from the start have signed it, and it is the newest that the client can know of.
///
/// One updater does one refresh, with one moment for every comparison with an expiry. Only one at a time may work on a
/// cache.
public struct Updater: Sendable {
    private let mirror: any Mirror
    private let cache: MetadataCache
    let limits: UpdateLimits
    private let now: UTCTime

    var root: RootMetadata
    private var timestamp: TimestampMetadata?
    var snapshot: SnapshotMetadata?
    var targets: TargetsMetadata?
    /// Delegated roles by role and by who delegates to it: another one may name other keys.
    var delegated: [DelegatedRole: TargetsMetadata] = [:]

    struct DelegatedRole: Hashable {
        let name: ExactString
        let parent: ExactString
    }

    /// - Parameters:
    ///   - mirror: where metadata comes from.
    ///   - cache: holds at least the root that is trusted (5.2).
    ///   - now: the moment of the refresh (5.1).
    /// - Throws: `cache` if there is no root, `malformed` or `signatures` if it is none, or not signed as it says.
    public init(
        mirror: any Mirror, cache: MetadataCache, now: UTCTime, limits: UpdateLimits = UpdateLimits()
    ) throws(TUFError) {
        self.mirror = mirror
        self.cache = cache
        self.now = now
        self.limits = limits
        guard let bytes = try cache.read("root", limit: limits.rootSize) else {
            throw .cache(path: cache.path("root"), problem: "is missing: start with a root that you trust")
        }
        root = try Self.checkedRoot(bytes, limits: limits)
    }

    /// Whether `bytes` are a root that can be trusted from the start: signed as it says itself. It may have expired.
    ///
    /// - Throws: `malformed`, `signatures` or `limitExceeded` if they are not.
    public static func check(initialRoot bytes: [UInt8], limits: UpdateLimits = UpdateLimits()) throws(TUFError) {
        guard bytes.count <= limits.rootSize else {
            throw .limitExceeded(what: "bytes of root.json", limit: limits.rootSize)
        }
        _ = try checkedRoot(bytes, limits: limits)
    }

    private static func checkedRoot(_ bytes: [UInt8], limits: UpdateLimits) throws(TUFError) -> RootMetadata {
        let root = try RootMetadata(parsing: bytes, limits: limits)
        try root.verifyItself()
        return root
    }

    // MARK: Refresh

    /// Brings the metadata of the roles at the top up to date (5.3 to 5.6). What was verified stays in the cache, also
    /// if a later step fails; a second call does nothing.
    ///
    /// - Throws: the first thing that is not as it must be.
    public mutating func refresh() async throws(TUFError) {
        guard targets == nil else { return }
        try await updateRoot()
        let timestamp = try await updateTimestamp()
        let snapshot = try await updateSnapshot(timestamp)
        self.timestamp = timestamp
        self.snapshot = snapshot
        targets = try await load("targets", keys: root.keys(of: .targets), signers: "the root", snapshot)
    }

    /// A role's metadata after a refresh.
    public struct RoleState: Equatable, Sendable {
        public let name: String
        public let version: Int
        public let expiry: UTCTime
    }

    /// The roles at the top; after a failed refresh those that were reached.
    public var roles: [RoleState] {
        [root.metadata, timestamp?.metadata, snapshot?.metadata, targets?.metadata].compactMap { metadata in
            metadata.map {
                RoleState(name: String($0.file.prefix { $0 != "." }), version: $0.version, expiry: $0.expiry)
            }
        }
    }

    private mutating func updateRoot() async throws(TUFError) {
        for _ in 0..<limits.rootRotations {
            let (next, overflows) = root.metadata.version.addingReportingOverflow(1)
            guard !overflows, let bytes = try await mirror.file("\(next).root.json", limit: limits.rootSize) else {
                break
            }
            let successor = try root.successor(parsing: bytes, limits: limits)
            if successor.withdrawsOnlineKeys(of: root) {
                // Before the new root is kept: were it the other way round, an end in between would leave behind
                // what a thief of the old keys may have signed with versions that nothing can follow (5.3.11).
                try cache.remove("timestamp")
                try cache.remove("snapshot")
            }
            try cache.write("root", bytes)
            root = successor
        }
        try root.metadata.checkExpiry(now)
    }

    private func updateTimestamp() async throws(TUFError) -> TimestampMetadata {
        let known = try cache.read("timestamp", limit: limits.timestampSize).flatMap { try? timestamp($0) }
        guard let bytes = try await mirror.file("timestamp.json", limit: limits.timestampSize) else {
            throw .notFound(file: "timestamp.json")
        }
        let new = try timestamp(bytes)
        if let known {
            try new.checkRollback(known)
            // The same version is the same file (5.4.3.1); the known one counts.
            if new.metadata.version == known.metadata.version {
                try known.metadata.checkExpiry(now)
                return known
            }
        }
        try new.metadata.checkExpiry(now)
        try cache.write("timestamp", bytes)
        return new
    }

    private func timestamp(_ bytes: [UInt8]) throws(TUFError) -> TimestampMetadata {
        let timestamp = try TimestampMetadata(parsing: bytes, limits: limits)
        try root.keys(of: .timestamp).verify(timestamp.metadata, as: "the root")
        return timestamp
    }

    private func updateSnapshot(_ timestamp: TimestampMetadata) async throws(TUFError) -> SnapshotMetadata {
        let kept = try cache.read("snapshot", limit: limits.snapshotSize)
        let known = kept.flatMap { try? snapshot($0) }
        let description = timestamp.snapshot
        if let kept, let known, (try? description.content.check(kept, file: known.metadata.file)) != nil,
            (try? check(known.metadata, is: description)) != nil
        {
            return known
        }

        let bytes = try await fetch("snapshot", description, limit: limits.snapshotSize)
        // What was not described is not even parsed.
        try description.content.check(bytes, file: "snapshot.json")
        let new = try snapshot(bytes)
        try check(new.metadata, is: description)
        if let known { try new.checkRollback(known) }
        try cache.write("snapshot", bytes)
        return new
    }

    private func snapshot(_ bytes: [UInt8]) throws(TUFError) -> SnapshotMetadata {
        let snapshot = try SnapshotMetadata(parsing: bytes, limits: limits)
        try root.keys(of: .snapshot).verify(snapshot.metadata, as: "the root")
        return snapshot
    }

    /// The metadata of a role with targets, from the cache if that is what the snapshot names, otherwise from the
    /// mirror (5.6).
    func load(
        _ role: String, keys: KeyRing, signers: String, _ snapshot: SnapshotMetadata
    ) async throws(TUFError) -> TargetsMetadata {
        guard let description = snapshot[role] else {
            throw .malformed(file: "snapshot.json", field: "meta", problem: "does not name \(role).json")
        }
        func verified(_ bytes: [UInt8]) throws(TUFError) -> TargetsMetadata {
            try description.content.check(bytes, file: "\(role).json")
            let metadata = try TargetsMetadata(parsing: bytes, file: "\(role).json", limits: limits)
            try keys.verify(metadata.metadata, as: signers)
            try check(metadata.metadata, is: description)
            return metadata
        }
        if let kept = try cache.read(role, limit: limits.targetsSize), let known = try? verified(kept) {
            return known
        }
        let bytes = try await fetch(role, description, limit: limits.targetsSize)
        let new = try verified(bytes)
        try cache.write(role, bytes)
        return new
    }

    /// - Throws: `version` if this is not the one that `description` stands for, `expired`.
    private func check(_ metadata: SignedMetadata, is description: MetadataDescription) throws(TUFError) {
        guard metadata.version == description.version else {
            throw .version(file: metadata.file, expected: "\(description.version)", found: metadata.version)
        }
        try metadata.checkExpiry(now)
    }

    private func fetch(
        _ role: String, _ description: MetadataDescription, limit: Int
    ) async throws(TUFError) -> [UInt8] {
        if let length = description.content.length, length > limit {
            throw .limitExceeded(what: "bytes of \(role).json", limit: limit)
        }
        let name = FileNames.encoded(role) + ".json"
        let path = root.hasConsistentSnapshots ? "\(description.version).\(name)" : name
        guard let bytes = try await mirror.file(path, limit: description.content.length ?? limit) else {
            throw .notFound(file: path)
        }
        return bytes
    }
}
