import DigestCatalog

/// What a node's number means: a kind in the low four bits, and the number that the catalog gave it.
///
/// The catalog never gives a number twice, so that an inode means the same bytes for ever.
enum NodeIdentity: Hashable {
    case root
    case bySource
    case byDigest
    case sha256
    /// The artifacts whose digests start with a byte.
    case digestPrefix(UInt8)
    case directory(DirectoryID)
    case entry(Int64)
    case artifact(Int64)
    case bundle(attestation: Int64)

    private enum Kind: UInt64 {
        case fixed = 1
        case directory = 2
        case entry = 3
        case artifact = 4
        case bundle = 5
    }

    init?(_ id: NodeID) {
        let number = Int64(id.rawValue >> 4)
        switch Kind(rawValue: id.rawValue & 15) {
        case .directory: self = .directory(DirectoryID(rawValue: number))
        case .entry: self = .entry(number)
        case .artifact: self = .artifact(number)
        case .bundle: self = .bundle(attestation: number)
        case .fixed:
            switch number {
            case 0: self = .root
            case 1: self = .bySource
            case 2: self = .byDigest
            case 3: self = .sha256
            case 256..<512: self = .digestPrefix(UInt8(number - 256))
            default: return nil
            }
        case nil: return nil
        }
    }

    var id: NodeID {
        switch self {
        case .root: .root
        case .bySource: Self.make(.fixed, 1)
        case .byDigest: Self.make(.fixed, 2)
        case .sha256: Self.make(.fixed, 3)
        case .digestPrefix(let byte): Self.make(.fixed, 256 + Int64(byte))
        case .directory(let id): Self.make(.directory, id.rawValue)
        case .entry(let number): Self.make(.entry, number)
        case .artifact(let number): Self.make(.artifact, number)
        case .bundle(let number): Self.make(.bundle, number)
        }
    }

    private static func make(_ kind: Kind, _ number: Int64) -> NodeID {
        NodeID(rawValue: UInt64(truncatingIfNeeded: number) << 4 | kind.rawValue)
    }
}
