/// Whom a verifier trusts to certify signers, to tell the time, and to keep logs, and when.
public struct TrustedRoot: Sendable {
    /// Who certifies signers (Fulcio).
    public let certificateAuthorities: [CertificateAuthority]
    /// Who signs timestamps (RFC 3161).
    public let timestampAuthorities: [CertificateAuthority]
    /// The logs of signatures (Rekor).
    public let transparencyLogs: [TrustedLog]
    /// The logs of certificates (RFC 6962).
    public let certificateLogs: [TrustedLog]

    static let document = "trusted root"

    /// A root that trusts nobody: enough where a key decides alone.
    public static let empty = TrustedRoot(merging: [])

    /// A root that trusts everybody whom one of `roots` trusts.
    public init(merging roots: [TrustedRoot]) {
        certificateAuthorities = roots.flatMap(\.certificateAuthorities)
        timestampAuthorities = roots.flatMap(\.timestampAuthorities)
        transparencyLogs = roots.flatMap(\.transparencyLogs)
        certificateLogs = roots.flatMap(\.certificateLogs)
    }
}

extension TrustedRoot {
    /// When it is proven that the certificates of an authority's chain issued one another; before, the authority
    /// verifies nothing.
    package enum ChainProof: Sendable {
        /// When the root is read, so that a root with a fault is refused.
        case atOnce
        /// When an authority is first needed: quicker for a process that verifies a single bundle.
        case whenNeeded
        /// It was, of these very bytes.
        case given
    }

    private static let mediaTypes = [
        "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
        "application/vnd.dev.sigstore.trustedroot.v0.2+json",
    ]

    /// The root that `bytes` are the JSON text of (`dev.sigstore.trustroot.v1.TrustedRoot`), in every spelling that
    /// protobuf's JSON mapping allows, and nothing else.
    ///
    /// - Throws: `malformedJSON`, `malformed` with the field's path, or `limitExceeded`.
    public init(parsing bytes: [UInt8], limits: Limits = Limits()) throws(SigstoreError) {
        try self.init(parsing: bytes, proof: .atOnce, limits: limits)
    }

    /// The same, with a choice of when the authorities' chains are proven.
    package init(parsing bytes: [UInt8], proof: ChainProof, limits: Limits = Limits()) throws(SigstoreError) {
        let json = try JSONValue(parsing: bytes, limits: limits)
        var reader = try MessageReader(json, document: Self.document, unknownFields: .refused)
        let mediaType = try reader.string("mediaType")
        guard Self.mediaTypes.contains(where: { $0.hasSameBytes(as: mediaType) }) else {
            throw reader.fault("mediaType", "\"\(TerminalText.excerpt(mediaType))\" is not one that is known")
        }
        func logs(_ name: String) throws(SigstoreError) -> [TrustedLog] {
            try reader.messages(name, limit: limits.trustedInstances) { (log) throws(SigstoreError) in
                try TrustedLog(&log)
            }
        }
        func authorities(_ name: String) throws(SigstoreError) -> [CertificateAuthority] {
            try reader.messages(name, limit: limits.trustedInstances) { (authority) throws(SigstoreError) in
                try CertificateAuthority(&authority, limits: limits, proof: proof)
            }
        }
        transparencyLogs = try logs("tlogs")
        certificateAuthorities = try authorities("certificateAuthorities")
        certificateLogs = try logs("ctlogs")
        timestampAuthorities = try authorities("timestampAuthorities")
        try reader.finish()
    }
}

extension CertificateAuthority {
    /// `dev.sigstore.trustroot.v1.CertificateAuthority`.
    fileprivate init(
        _ reader: inout MessageReader, limits: Limits, proof: TrustedRoot.ChainProof
    ) throws(SigstoreError) {
        // Who it is, its certificates say; these fields are for people.
        _ = try reader.message("subject") { (subject) throws(SigstoreError) in
            _ = try subject.string("organization")
            _ = try subject.string("commonName")
        }
        _ = try reader.string("operator")
        let uri = try reader.string("uri")
        let chain =
            try reader.message("certChain") { (chain) throws(SigstoreError) -> [[UInt8]] in
                try chain.messages("certificates", limit: limits.certificates) {
                    (certificate) throws(SigstoreError) -> [UInt8] in
                    let bytes = try certificate.bytes("rawBytes")
                    guard bytes.count <= limits.certificateSize else {
                        throw .limitExceeded(what: "bytes of a certificate", limit: limits.certificateSize)
                    }
                    return bytes
                }
            } ?? []
        try self.init(
            uri: uri, chain: chain, validity: reader.validityWindow("validFor"), field: reader.path,
            proof: proof)
    }
}

extension MessageReader {
    /// `dev.sigstore.common.v1.TimeRange`. A start is required: a window that is open on both sides would trust a key
    /// from before it was made.
    mutating func validityWindow(_ name: String) throws(SigstoreError) -> ValidityWindow {
        let window = try message(name) { (range) throws(SigstoreError) in
            let start = try range.time("start")
            let end = try range.time("end")
            guard let start else { throw range.fault("start", "is missing") }
            guard end.map({ $0 >= start }) ?? true else { throw range.fault("end", "lies before the start") }
            return ValidityWindow(start: start, end: end)
        }
        guard let window else { throw fault(name, "is missing") }
        return window
    }

    private mutating func time(_ name: String) throws(SigstoreError) -> UTCTime? {
        let text = try string(name)
        if text.isEmpty { return nil }
        guard let time = UTCTime(rfc3339: text) else { throw fault(name, "is not a time in the form of RFC 3339") }
        return time
    }
}
