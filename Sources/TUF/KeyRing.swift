import AssayModel

/// The keys of which a threshold must sign for a role.
struct KeyRing: Sendable {
    /// By identifier. Identifiers are names that the metadata gives; nothing is derived from them.
    private let keys: [ExactString: MetadataKey]
    let threshold: Int

    /// - Parameters:
    ///   - role: an object with `keyids` and `threshold`.
    ///   - known: the keys that the same metadata holds. An identifier without a key can never sign.
    init(_ role: Fields, known: [ExactString: MetadataKey], limits: UpdateLimits) throws(TUFError) {
        guard let identifiers = try role.strings("keyids", limit: limits.keys) else {
            throw role.fault("keyids", "is missing")
        }
        var keys: [ExactString: MetadataKey] = [:]
        var seen: Set<ExactString> = []
        for identifier in identifiers.map({ ExactString($0) }) {
            guard seen.insert(identifier).inserted else { throw role.fault("keyids", "names a key twice") }
            keys[identifier] = known[identifier]
        }
        self.keys = keys
        threshold = try role.integer("threshold", atLeast: 1)
    }

    /// How many different keys have signed `metadata`.
    func signers(of metadata: SignedMetadata) -> Int {
        var signers: Set<[UInt8]> = []
        for (identifier, signature) in metadata.signatures {
            guard let key = keys[identifier], !signers.contains(key.identity),
                key.verifies(signature, of: metadata.canonical)
            else { continue }
            signers.insert(key.identity)
        }
        return signers.count
    }

    /// Whether every key of `other` is here, too.
    func holdsAll(of other: KeyRing) -> Bool {
        let mine = Set(keys.values.map(\.identity))
        return other.keys.values.allSatisfy { mine.contains($0.identity) }
    }

    /// - Parameter signers: whose keys these are, for the message.
    /// - Throws: `signatures` if the threshold is not met.
    func verify(_ metadata: SignedMetadata, as signers: String) throws(TUFError) {
        let found = self.signers(of: metadata)
        guard found >= threshold else {
            throw .signatures(file: metadata.file, signers: signers, expected: threshold, found: found)
        }
    }

    /// The keys of an object of identifiers and keys.
    static func keys(_ fields: Fields, limits: UpdateLimits) throws(TUFError) -> [ExactString: MetadataKey] {
        let members = fields.object.members
        guard members.count <= limits.keys else {
            throw .limitExceeded(what: "keys in \(fields.file)", limit: limits.keys)
        }
        var keys: [ExactString: MetadataKey] = [:]
        for member in members {
            keys[ExactString(member.name)] = try MetadataKey(fields.fields(member.name), limits: limits)
        }
        return keys
    }
}
