internal import CCrypto

/// Computes a SHA-256 from bytes that come in pieces.
public struct SHA256Hasher: ~Copyable {
    private let context: OpaquePointer

    /// - Precondition: libcrypto has memory for a context and offers SHA-256; both are conditions of the process.
    public init() {
        guard let context = EVP_MD_CTX_new(), EVP_DigestInit_ex(context, Self.algorithm.pointer, nil) == 1 else {
            preconditionFailure("libcrypto cannot compute SHA-256")
        }
        self.context = context
    }

    deinit { EVP_MD_CTX_free(context) }

    /// Appends bytes to what is hashed.
    public mutating func update(_ bytes: UnsafeRawBufferPointer) {
        guard let base = bytes.baseAddress else { return }
        _ = EVP_DigestUpdate(context, base, bytes.count)
    }

    /// The digest of all bytes since the start or the last `finish`; the hasher then starts anew.
    public mutating func finish() -> SHA256Digest {
        let digest = SHA256Digest { _ = EVP_DigestFinal_ex(context, $0.baseAddress, nil) }
        _ = EVP_DigestInit_ex(context, Self.algorithm.pointer, nil)
        return digest
    }

    // Fetched once: an implicit fetch costs more than hashing a small entry (EVP_MD_fetch(3)).
    private static let algorithm = Algorithm()

    private struct Algorithm: @unchecked Sendable {
        let pointer: OpaquePointer?
        init() { pointer = EVP_MD_fetch(nil, "SHA256", nil) }
    }
}

extension SHA256Digest {
    /// The digest of bytes that lie in memory.
    public init(of bytes: some Collection<UInt8>) {
        var hasher = SHA256Hasher()
        if bytes.withContiguousStorageIfAvailable({ hasher.update(UnsafeRawBufferPointer($0)) }) == nil {
            Array(bytes).withUnsafeBytes { hasher.update($0) }
        }
        self = hasher.finish()
    }

    /// The keyed hash of RFC 2104 with SHA-256.
    public static func authenticationCode(for message: some Collection<UInt8>, key: [UInt8]) -> SHA256Digest {
        let message = Array(message)
        return SHA256Digest {
            _ = HMAC(EVP_sha256(), key, Int32(clamping: key.count), message, message.count, $0.baseAddress, nil)
        }
    }
}
