internal import CCrypto

/// The kinds of public keys that are used most, in the one form that DER gives them.
///
/// libcrypto 3.0 searches its decoders for so long that a P-256 signature is verified in less; from the point of such a
/// key it makes the key at once, and checks as well that the point is on the curve.
enum PlainKey: CaseIterable {
    case p256, p384, ed25519

    /// The form that a SubjectPublicKeyInfo is in; nil if it is in none of these.
    static func form(of der: [UInt8]) -> PlainKey? {
        allCases.first { der.count == $0.start.count + $0.size && der.starts(with: $0.start) }
    }

    /// What stands before the point (RFC 5480, 2; RFC 8410, 4).
    private var start: [UInt8] {
        switch self {
        case .p256:
            [
                0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86,
                0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
            ]
        case .p384:
            [
                0x30, 0x76, 0x30, 0x10, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x05, 0x2b, 0x81,
                0x04, 0x00, 0x22, 0x03, 0x62, 0x00,
            ]
        case .ed25519: [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00]
        }
    }

    /// The bytes of the point, uncompressed (SEC 1, 2.3.3).
    private var size: Int {
        switch self {
        case .p256: 65
        case .p384: 97
        case .ed25519: 32
        }
    }

    /// The key; nil if the point is not on the curve, or not written out. The caller frees it.
    func key(_ der: [UInt8]) -> OpaquePointer? {
        var point = Array(der.suffix(size))
        switch self {
        case .p256: return Self.key("P-256", &point)
        case .p384: return Self.key("P-384", &point)
        case .ed25519: return EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nil, point, point.count)
        }
    }

    /// `EVP_PKEY_PUBLIC_KEY`, a macro that Swift does not see: the parameters and the public half.
    private static let publicHalf: Int32 = 0x86

    private static func key(_ curve: String, _ point: inout [UInt8]) -> OpaquePointer? {
        guard point.first == 0x04, let context = EVP_PKEY_CTX_new_from_name(nil, "EC", nil) else { return nil }
        defer { EVP_PKEY_CTX_free(context) }
        var name = Array(curve.utf8CString)
        var key: OpaquePointer?
        return name.withUnsafeMutableBufferPointer { name in
            point.withUnsafeMutableBytes { point in
                var parameters = [
                    OSSL_PARAM_construct_utf8_string(Self.pointer("group"), name.baseAddress, 0),
                    OSSL_PARAM_construct_octet_string(Self.pointer("pub"), point.baseAddress, point.count),
                    OSSL_PARAM_construct_end(),
                ]
                guard EVP_PKEY_fromdata_init(context) == 1,
                    EVP_PKEY_fromdata(context, &key, Self.publicHalf, &parameters) == 1
                else { return nil }
                return key
            }
        }
    }

    /// The name of a parameter, which libcrypto reads later: a string that is converted for the call would be gone.
    private static func pointer(_ name: StaticString) -> UnsafePointer<CChar> {
        UnsafeRawPointer(name.utf8Start).assumingMemoryBound(to: CChar.self)
    }
}
