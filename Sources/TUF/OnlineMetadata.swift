import AssayModel

/// Which snapshot is the newest (specification, 4.6).
struct TimestampMetadata: Sendable {
    let metadata: SignedMetadata
    let snapshot: MetadataDescription

    init(parsing bytes: [UInt8], limits: UpdateLimits) throws(TUFError) {
        metadata = try SignedMetadata(parsing: bytes, as: .timestamp, file: "timestamp.json", limits: limits)
        snapshot = try MetadataDescription(metadata.signed.fields("meta").fields("snapshot.json"))
    }

    /// - Throws: `version` if this is older than `known`, or speaks of an older snapshot (5.4.3).
    func checkRollback(_ known: TimestampMetadata) throws(TUFError) {
        guard metadata.version >= known.metadata.version else {
            throw .version(
                file: metadata.file, expected: "\(known.metadata.version) or later", found: metadata.version)
        }
        guard snapshot.version >= known.snapshot.version else {
            throw .version(
                file: "snapshot.json in timestamp.json", expected: "\(known.snapshot.version) or later",
                found: snapshot.version)
        }
    }
}

/// Which files of targets metadata belong together (specification, 4.4).
struct SnapshotMetadata: Sendable {
    let metadata: SignedMetadata
    private let files: [ExactString: MetadataDescription]

    init(parsing bytes: [UInt8], limits: UpdateLimits) throws(TUFError) {
        metadata = try SignedMetadata(parsing: bytes, as: .snapshot, file: "snapshot.json", limits: limits)
        let meta = try metadata.signed.fields("meta")
        var files: [ExactString: MetadataDescription] = [:]
        for member in meta.object.members {
            files[ExactString(member.name)] = try MetadataDescription(
                Fields(member.value, file: metadata.file, path: "meta.\(member.name)"))
        }
        self.files = files
    }

    /// What is said of a role's file.
    subscript(role: String) -> MetadataDescription? { files[ExactString(role + ".json")] }

    /// - Throws: `vanished` or `version` if a file that `known` names is gone or older (5.5.5).
    func checkRollback(_ known: SnapshotMetadata) throws(TUFError) {
        for (name, description) in known.files.sorted(by: { $0.key < $1.key }) {
            guard let new = files[name] else { throw .vanished(file: name.text) }
            guard new.version >= description.version else {
                throw .version(
                    file: "\(name.text) in snapshot.json", expected: "\(description.version) or later",
                    found: new.version)
            }
        }
    }
}
