internal import CCrypto

/// The hashes that artifacts are identified by; the raw value is the name that in-toto gives.
public enum DigestAlgorithm: String, CaseIterable, Sendable {
    case sha256, sha384, sha512

    package var byteCount: Int {
        switch self {
        case .sha256: 32
        case .sha384: 48
        case .sha512: 64
        }
    }

    var evp: OpaquePointer? {
        switch self {
        case .sha256: EVP_sha256()
        case .sha384: EVP_sha384()
        case .sha512: EVP_sha512()
        }
    }

    var messageAlgorithm: MessageSignature.HashAlgorithm {
        switch self {
        case .sha256: .sha256
        case .sha384: .sha384
        case .sha512: .sha512
        }
    }

    /// The digest of bytes in memory.
    ///
    /// - Throws: `cryptography`.
    package func digest(of bytes: [UInt8]) throws(SigstoreError) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: byteCount)
        guard EVP_Digest(bytes, bytes.count, &digest, nil, evp, nil) == 1 else {
            throw LibCrypto.error("compute \(rawValue)")
        }
        return digest
    }
}
