@testable import Sigstore
@testable import TUF

/// Metadata of The Update Framework: what a mirror sends, read before any signature is looked at.
///
/// The files `original-*` of the corpora belong to one repository, whose first root is `tuf-root/original-1.json`. Its
/// keys are long gone, so nothing else can be what they signed.
enum UpdateTargets {
    static func root(_ bytes: [UInt8]) throws {
        let parsed = try accepted { () throws(TUFError) in try RootMetadata(parsing: bytes, limits: UpdateLimits()) }
        guard let parsed else { return }
        try check(parsed.metadata)
        let originals = try Originals.shared.get()
        try promise("a root takes no keys from itself", !parsed.withdrawsOnlineKeys(of: parsed))
        _ = parsed.withdrawsOnlineKeys(of: originals.first)
        _ = try isAccepted { () throws(TUFError) in try parsed.verifyItself() }
        let next = try accepted { () throws(TUFError) in
            try originals.first.successor(parsing: bytes, limits: UpdateLimits())
        }
        try promise(
            "a root follows only if it was signed", next == nil || originals.signed.contains(parsed.metadata.canonical))
    }

    static func timestamp(_ bytes: [UInt8]) throws {
        let parsed = try accepted { () throws(TUFError) in
            try TimestampMetadata(parsing: bytes, limits: UpdateLimits())
        }
        guard let parsed else { return }
        try check(parsed.metadata)
        try promise(
            "nothing is older than itself", isAccepted { () throws(TUFError) in try parsed.checkRollback(parsed) })
        let known = try Originals.shared.get().timestamp
        _ = try isAccepted { () throws(TUFError) in try parsed.checkRollback(known) }
    }

    static func snapshot(_ bytes: [UInt8]) throws {
        let parsed = try accepted { () throws(TUFError) in try SnapshotMetadata(parsing: bytes, limits: UpdateLimits())
        }
        guard let parsed else { return }
        try check(parsed.metadata)
        try promise(
            "nothing is older than itself", isAccepted { () throws(TUFError) in try parsed.checkRollback(parsed) })
        let known = try Originals.shared.get().snapshot
        if try isAccepted({ () throws(TUFError) in try parsed.checkRollback(known) }) {
            try promise(
                "a file that was named is named", parsed["targets"]?.version ?? 0 >= known["targets"]?.version ?? 0)
        }
    }

    static func targets(_ bytes: [UInt8]) throws {
        let parsed = try accepted { () throws(TUFError) in
            try TargetsMetadata(parsing: bytes, file: "targets.json", limits: UpdateLimits())
        }
        guard let parsed else { return }
        try check(parsed.metadata)
        for path in parsed.paths {
            for delegation in parsed.delegations { _ = delegation.covers(path) }
            guard let target = try accepted({ () throws(TUFError) in try parsed.target(path) }) else { continue }
            try promise("a target has its path", target?.path.hasSameBytes(as: path) == true)
            _ = try isAccepted { () throws(TUFError) in try target?.check(bytes) }
        }
        for delegation in parsed.delegations {
            _ = try isAccepted { () throws(TUFError) in try delegation.keys.verify(parsed.metadata, as: delegation.name)
            }
        }
    }

    /// What holds for every role's file.
    private static func check(_ metadata: SignedMetadata) throws {
        // A line break in a text stands for itself in the canonical form, which is no JSON then.
        if let again = try? JSONValue(parsing: metadata.canonical) {
            try promise("the canonical form is its own", CanonicalJSON.bytes(of: again) == metadata.canonical)
        } else {
            try promise("only control characters make canonical JSON none", metadata.canonical.contains { $0 < 0x20 })
        }
        let originals = try Originals.shared.get()
        for role in SignedMetadata.Role.allCases {
            let isSigned = try isAccepted { () throws(TUFError) in
                try originals.first.keys(of: role).verify(metadata, as: "the root")
            }
            try promise(
                "only what was signed is taken for it", !isSigned || originals.signed.contains(metadata.canonical))
        }
    }

    private struct Originals {
        let first: RootMetadata
        let timestamp: TimestampMetadata
        let snapshot: SnapshotMetadata
        /// In canonical form.
        let signed: Set<[UInt8]>

        static let shared = Result { try Originals() }

        private init() throws {
            func read(_ role: SignedMetadata.Role) throws -> [[UInt8]] {
                try Corpus.inputs(of: "tuf-\(role)").filter { $0.name.hasPrefix("original") }.map(\.bytes)
            }
            let limits = UpdateLimits()
            func one(_ role: SignedMetadata.Role) throws -> [UInt8] {
                guard let bytes = try read(role).first else {
                    throw BrokenPromise(description: "\(role) has an original")
                }
                return bytes
            }
            first = try RootMetadata(parsing: one(.root), limits: limits)
            timestamp = try TimestampMetadata(parsing: one(.timestamp), limits: limits)
            snapshot = try SnapshotMetadata(parsing: one(.snapshot), limits: limits)
            var signed: Set<[UInt8]> = []
            for role in SignedMetadata.Role.allCases {
                for bytes in try read(role) {
                    let metadata = try SignedMetadata(parsing: bytes, as: role, file: "\(role)", limits: limits)
                    try first.keys(of: role).verify(metadata, as: "the root")
                    signed.insert(metadata.canonical)
                }
            }
            self.signed = signed
        }
    }
}
