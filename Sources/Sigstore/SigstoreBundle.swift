/// A Sigstore bundle: what was signed, the signature, and all that is needed to verify it, in one document.
///
/// The fields are those of `dev.sigstore.bundle.v1.Bundle`; a parsed bundle holds every one that was there.
public struct SigstoreBundle: Equatable, Sendable {
    /// The versions of the format, by the media types that name them.
    public enum MediaType: String, CaseIterable, Sendable {
        case v01 = "application/vnd.dev.sigstore.bundle+json;version=0.1"
        case v02 = "application/vnd.dev.sigstore.bundle+json;version=0.2"
        /// Version 0.3 under the name that early writers gave it.
        case v03Parameter = "application/vnd.dev.sigstore.bundle+json;version=0.3"
        case v03 = "application/vnd.dev.sigstore.bundle.v0.3+json"
    }

    /// Who signed.
    public enum Signer: Equatable, Sendable {
        /// A key that the verifier must have; the hint tells which.
        case publicKey(hint: String)
        /// The signer's certificate, DER.
        case certificate([UInt8])
        /// The signer's certificate first, then those that issued it, DER. Only before version 0.3.
        case certificateChain([[UInt8]])
    }

    /// What was signed.
    public enum Content: Equatable, Sendable {
        case messageSignature(MessageSignature)
        case envelope(Envelope)
    }

    /// The version that the bundle keeps to.
    public var mediaType: MediaType
    /// Whose signature it is, as the bundle says.
    public var signer: Signer
    /// Records of transparency logs; at most `Limits.logEntries` of them are parsed.
    public var logEntries: [LogEntry]
    /// RFC 3161 `TimeStampResp`s, DER.
    public var timestamps: [[UInt8]]
    /// The signature, and what it is over.
    public var content: Content

    /// A bundle of version 0.3.
    public init(signer: Signer, content: Content, logEntries: [LogEntry] = [], timestamps: [[UInt8]] = []) {
        mediaType = .v03
        self.signer = signer
        self.content = content
        self.logEntries = logEntries
        self.timestamps = timestamps
    }
}

/// A signature over an artifact's own bytes.
public struct MessageSignature: Equatable, Sendable {
    /// What the signer said the artifact's digest was; not authenticated.
    public struct MessageDigest: Equatable, Sendable {
        /// The hash that was used.
        public var algorithm: HashAlgorithm
        /// The digest, raw.
        public var digest: [UInt8]
    }

    /// The values of `dev.sigstore.common.v1.HashAlgorithm`.
    public enum HashAlgorithm: Int, CaseIterable, Sendable {
        case unspecified, sha256, sha384, sha512, sha3Width256, sha3Width384

        static let names = ["HASH_ALGORITHM_UNSPECIFIED", "SHA2_256", "SHA2_384", "SHA2_512", "SHA3_256", "SHA3_384"]
        /// The name in JSON.
        public var name: String { Self.names[rawValue] }
    }

    /// Nil if the bundle does not say.
    public var digest: MessageDigest?
    /// The signature itself.
    public var signature: [UInt8]
}

extension MessageSignature {
    /// A signature over `artifact`, with the digest that signers with such a key say.
    ///
    /// - Throws: `cryptography`.
    package init(_ signature: [UInt8], over artifact: [UInt8], by key: PublicKey) throws(SigstoreError) {
        let algorithm = key.usualDigest
        digest = MessageDigest(algorithm: algorithm.messageAlgorithm, digest: try algorithm.digest(of: artifact))
        self.signature = signature
    }
}

/// A transparency log's record of a signature (`dev.sigstore.rekor.v1.TransparencyLogEntry`).
public struct LogEntry: Equatable, Sendable {
    /// The proof that the entry is in the tree (RFC 9162, 2.1.3).
    public struct InclusionProof: Equatable, Sendable {
        /// The leaf's index in the tree, from 0.
        public var logIndex: Int
        /// The root that the path leads to: 32 bytes of SHA-256.
        public var rootHash: [UInt8]
        /// How many leaves the tree has.
        public var treeSize: Int
        /// The path from the leaf to the root: the hashes of the siblings.
        public var hashes: [[UInt8]]
        /// The log's signed note of the tree's size and root; empty if absent.
        public var checkpoint: String

        package init(logIndex: Int, rootHash: [UInt8], treeSize: Int, hashes: [[UInt8]], checkpoint: String) {
            self.logIndex = logIndex
            self.rootHash = rootHash
            self.treeSize = treeSize
            self.hashes = hashes
            self.checkpoint = checkpoint
        }
    }

    /// The entry's index in the log, over all of its trees, from 0.
    public var logIndex: Int
    /// Which log: a digest of its public key.
    public var logID: [UInt8]
    /// The type of the body, such as `dsse`, and the version of that type, such as `0.0.1`.
    public var kind: String
    public var kindVersion: String
    /// Seconds since 1970; 0 where the log gives no time.
    public var integratedTime: Int
    /// The log's promise to include the entry (the "SET"); empty if absent.
    public var signedEntryTimestamp: [UInt8]
    /// Nil only before version 0.2, where a promise is enough.
    public var inclusionProof: InclusionProof?
    /// What the log recorded, as JSON text: the leaf of its tree.
    public var canonicalizedBody: [UInt8]

    package init(
        logIndex: Int, logID: [UInt8], kind: String, kindVersion: String, integratedTime: Int = 0,
        signedEntryTimestamp: [UInt8] = [], inclusionProof: InclusionProof?, canonicalizedBody: [UInt8]
    ) {
        self.logIndex = logIndex
        self.logID = logID
        self.kind = kind
        self.kindVersion = kindVersion
        self.integratedTime = integratedTime
        self.signedEntryTimestamp = signedEntryTimestamp
        self.inclusionProof = inclusionProof
        self.canonicalizedBody = canonicalizedBody
    }
}
