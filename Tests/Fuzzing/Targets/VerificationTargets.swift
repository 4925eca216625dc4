@testable import Sigstore

/// The parts of verification, and all of it, with input that claims to be what somebody trusted signed.
enum VerificationTargets {
    static func trustedRoot(_ bytes: [UInt8]) throws {
        guard let root = try accepted({ () throws(SigstoreError) in try TrustedRoot(parsing: bytes) }) else { return }
        let authorities = root.certificateAuthorities + root.timestampAuthorities
        try promise("authorities have certificates", authorities.allSatisfy { !$0.certificates.isEmpty })
        // The root is trusted, so whom it accepts is its own business.
        for original in Originals.shared.all {
            _ = try accepted { () throws(SigstoreError) in try original.verify(root) }
        }
    }

    /// A bundle is accepted only if it says what one of the originals says.
    static func verification(_ bytes: [UInt8]) throws {
        guard let bundle = try? SigstoreBundle(parsing: bytes) else { return }
        let originals = Originals.shared
        for original in originals.all {
            let verified = try accepted { () throws(SigstoreError) in try original.verify(bundle: bundle) }
            guard let verified else { continue }
            try promise(
                "what verifies says what was signed: \(verified)",
                originals.all.contains { $0.isSaid(by: verified) })
        }
    }

    static func logBody(_ bytes: [UInt8]) throws {
        let json = try? JSONValue(parsing: bytes)
        for original in Originals.shared.all {
            guard var entry = original.bundle.logEntries.first else { continue }
            entry.canonicalizedBody = bytes
            entry.kind = json?["kind"]?.string ?? entry.kind
            entry.kindVersion = json?["apiVersion"]?.string ?? entry.kindVersion
            _ = try accepted { () throws(SigstoreError) in
                try LogBody(entry, limits: Limits()).verify(original.signed(), signer: original.recordedSigner)
            }
        }
    }

    static func checkpoint(_ bytes: [UInt8]) throws {
        let originals = Originals.shared
        let note = String(decoding: bytes, as: UTF8.self)
        let parsed = try accepted { () throws(SigstoreError) in try Checkpoint(note, limits: Limits()) }
        guard let parsed else { return }
        try promise("a checkpoint is of a tree", parsed.treeSize >= 0 && parsed.rootHash.count == 32)
        for log in originals.root.transparencyLogs {
            for generation in [LogGeneration.rekorV1, .rekorV2] {
                let isVerified = try isAccepted { () throws(SigstoreError) in
                    try parsed.verify(log: log, generation: generation)
                }
                guard isVerified else { continue }
                try promise(
                    "a checkpoint that verifies is one that the log signed",
                    originals.checkpoints.contains {
                        $0.treeSize == parsed.treeSize && $0.rootHash == parsed.rootHash && $0.origin == parsed.origin
                    })
            }
        }
    }

    static func certificate(_ bytes: [UInt8]) throws {
        let originals = Originals.shared
        let handle = try accepted { () throws(SigstoreError) in try CertificateHandle(der: bytes) }
        guard let handle else { return }
        let certificate = Certificate(handle)
        try promise("a certificate says the same twice", try Certificate(der: bytes) == certificate)
        _ = try accepted { () throws(SigstoreError) in try handle.publicKeyDER() }
        func check(_ what: String, _ body: () throws(SigstoreError) -> Void) throws {
            guard try isAccepted(body) else { return }
            try promise("\(what) only what it issued", originals.certificates.contains(certificate))
        }
        try check("an authority vouches for") { () throws(SigstoreError) in
            _ = try SignerCertificate(der: bytes, root: originals.root, limits: Limits())
        }
        for issuer in originals.root.certificateAuthorities.compactMap(\.chain.first) {
            try check("a certificate log promises") { () throws(SigstoreError) in
                _ = try CertificateTimestampCheck.verify(
                    handle, issuer: issuer, logs: originals.root.certificateLogs, limits: Limits())
            }
        }
    }

    static func timestamp(_ bytes: [UInt8]) throws {
        let originals = Originals.shared
        let timestamp = try accepted { () throws(SigstoreError) in try TimestampCheck(der: bytes) }
        guard let timestamp else { return }
        for authority in originals.root.timestampAuthorities {
            _ = timestamp.claims(authority)
            for original in originals.all {
                let isVerified = try isAccepted { () throws(SigstoreError) in
                    try timestamp.verify(over: original.signed().signature, authority: authority)
                }
                guard isVerified else { continue }
                try promise(
                    "a timestamp that verifies tells the time that the authority told",
                    original.truth.times.contains { $0.time == timestamp.time })
            }
        }
    }
}
