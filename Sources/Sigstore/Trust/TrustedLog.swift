/// A log of the trusted root: of signatures (Rekor), or of certificates (RFC 6962).
public struct TrustedLog: Sendable {
    /// Where the log answers; empty if the root does not say.
    public let baseURL: String
    /// The name that entries and certificates give the log.
    public let id: [UInt8]
    /// What the log signs with.
    public let key: PublicKey
    /// When its key was trusted.
    public let validity: ValidityWindow
    /// What stands before its signatures under checkpoints: four bytes.
    let checkpointKeyHint: [UInt8]

    /// The host of the base URL, and the port if it names one.
    var hostAndPort: String {
        var rest = baseURL[...]
        if let scheme = rest.firstRange(of: "://") { rest = rest[scheme.upperBound...] }
        return String(rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" })
    }

    /// The host alone.
    var host: String {
        let text = hostAndPort
        if text.hasPrefix("["), let close = text.firstIndex(of: "]") { return String(text[...close]) }
        return String(text.prefix { $0 != ":" })
    }

    /// For messages.
    var name: String { baseURL.isEmpty ? Hex.text(of: id) : baseURL }
}

extension TrustedLog {
    /// The encodings of `dev.sigstore.common.v1.PublicKeyDetails`, in the order of their numbers.
    static let keyDetails = [
        "PUBLIC_KEY_DETAILS_UNSPECIFIED", "PKCS1_RSA_PKCS1V5", "PKCS1_RSA_PSS", "PKIX_RSA_PKCS1V5", "PKIX_RSA_PSS",
        "PKIX_ECDSA_P256_SHA_256", "PKIX_ECDSA_P256_HMAC_SHA_256", "PKIX_ED25519", "PKIX_ED25519_PH",
        "PKIX_RSA_PKCS1V15_2048_SHA256", "PKIX_RSA_PKCS1V15_3072_SHA256", "PKIX_RSA_PKCS1V15_4096_SHA256",
        "PKIX_ECDSA_P384_SHA_384", "PKIX_ECDSA_P521_SHA_512", "LMS_SHA256", "LMOTS_SHA256",
        "PKIX_RSA_PSS_2048_SHA256", "PKIX_RSA_PSS_3072_SHA256", "PKIX_RSA_PSS_4096_SHA256",
        "PKIX_ECDSA_P384_SHA_256", "PKIX_ECDSA_P521_SHA_256",
    ]

    /// `dev.sigstore.trustroot.v1.TransparencyLogInstance`.
    init(_ reader: inout MessageReader) throws(SigstoreError) {
        baseURL = try reader.string("baseUrl")
        _ = try reader.enumeration("hashAlgorithm", names: MessageSignature.HashAlgorithm.names)
        _ = try reader.string("operator")
        let logID = try reader.message("logId") { (id) throws(SigstoreError) in try id.bytes("keyId") } ?? []
        let checkpointID =
            try reader.message("checkpointKeyId") { (id) throws(SigstoreError) in try id.bytes("keyId") } ?? []
        id = logID.isEmpty ? checkpointID : logID
        guard !id.isEmpty else { throw reader.fault("logId", "is missing") }
        checkpointKeyHint = Array((checkpointID.isEmpty ? logID : checkpointID).prefix(4))
        let key = try reader.message("publicKey") { (key) throws(SigstoreError) in
            let details = Self.keyDetails[try key.enumeration("keyDetails", names: Self.keyDetails)]
            let bytes = try key.bytes("rawBytes")
            let validity = try key.validityWindow("validFor")
            do throws(SigstoreError) {
                return (try Self.key(bytes, details: details), validity)
            } catch {
                throw key.fault("rawBytes", "is not a key that can be used as \(details): \(error)")
            }
        }
        guard let (publicKey, validity) = key else { throw reader.fault("publicKey", "is missing") }
        self.key = publicKey
        self.validity = validity
    }

    private static func key(_ bytes: [UInt8], details: String) throws(SigstoreError) -> PublicKey {
        let key = details.hasPrefix("PKCS1_") ? try PublicKey(pkcs1: bytes) : try PublicKey(der: bytes)
        let expected: String
        switch details {
        case "PKIX_ED25519": expected = "Ed25519"
        case _ where details.contains("ECDSA_P256_SHA"): expected = "EC P-256"
        case _ where details.contains("ECDSA_P384"): expected = "EC P-384"
        case _ where details.contains("ECDSA_P521"): expected = "EC P-521"
        case _ where details.contains("_RSA_"): expected = "RSA"
        default: throw .key(.unsupported(found: details, expected: "ECDSA, RSA or Ed25519"))
        }
        guard key.algorithm.hasPrefix(expected) else {
            throw .key(.unsupported(found: key.algorithm, expected: expected))
        }
        return key
    }
}
