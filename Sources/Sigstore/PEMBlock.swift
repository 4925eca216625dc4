internal import CCrypto

/// A block of a PEM file (RFC 7468), still encrypted if its headers say so.
struct PEMBlock {
    let label: String
    let content: SecretBytes
    /// The headers of RFC 1421, which only OpenSSL's older encrypted keys have, NUL-terminated for libcrypto.
    private let headers: [CChar]

    /// Every block in `text`, in order; what stands between blocks is ignored.
    static func blocks(in text: UnsafeRawBufferPointer) -> [PEMBlock] {
        defer { ERR_clear_error() }
        return LibCrypto.withReader(over: text) { bio -> [PEMBlock]? in
            var blocks: [PEMBlock] = []
            while let block = read(from: bio) { blocks.append(block) }
            return blocks
        } ?? []
    }

    private static func read(from bio: OpaquePointer) -> PEMBlock? {
        var name: UnsafeMutablePointer<CChar>?
        var header: UnsafeMutablePointer<CChar>?
        var data: UnsafeMutablePointer<UInt8>?
        var count = 0
        guard PEM_read_bio(bio, &name, &header, &data, &count) == 1 else { return nil }
        defer {
            CRYPTO_free(name, nil, 0)
            CRYPTO_free(header, nil, 0)
            CRYPTO_clear_free(data, max(0, count), nil, 0)
        }
        guard let name, let header, let data, count >= 0 else { return nil }
        return PEMBlock(
            label: String(cString: name),
            content: SecretBytes(copying: UnsafeRawBufferPointer(start: data, count: count)),
            headers: Array(UnsafeBufferPointer(start: header, count: strlen(header) + 1)))
    }

    /// Whether the block itself is encrypted, as OpenSSL did before PKCS#8.
    var isEncrypted: Bool {
        String(decoding: headers.map { UInt8(bitPattern: $0) }, as: UTF8.self).contains("ENCRYPTED")
    }

    /// The content of a block that is encrypted by its headers; nil if the passphrase does not decrypt it.
    func decrypted(passphrase: SecretBytes) -> SecretBytes? {
        defer { ERR_clear_error() }
        var headers = headers
        var cipher = EVP_CIPHER_INFO()
        guard PEM_get_EVP_CIPHER_INFO(&headers, &cipher) == 1 else { return nil }
        // libcrypto's own callback copies a C string: a passphrase with a NUL inside cannot be given to it.
        var text = [UInt8](repeating: 0, count: passphrase.count + 1)
        passphrase.withUnsafeBytes { bytes in text.withUnsafeMutableBytes { $0.copyMemory(from: bytes) } }
        var data = content.withUnsafeBytes { Array($0) }
        defer {
            OPENSSL_cleanse(&text, text.count)
            OPENSSL_cleanse(&data, data.count)
        }
        var count = data.count
        guard !text.dropLast().contains(0), PEM_do_header(&cipher, &data, &count, nil, &text) == 1 else { return nil }
        return data.withUnsafeBytes {
            SecretBytes(copying: UnsafeRawBufferPointer(rebasing: $0[..<min(count, $0.count)]))
        }
    }
}
