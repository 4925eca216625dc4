internal import CCrypto

enum LibCrypto {
    /// The error that libcrypto left for this thread, and an empty queue behind it.
    static func error(_ operation: String) -> SigstoreError {
        .cryptography(operation: operation, reason: lastReason())
    }

    /// What libcrypto said last on this thread, and an empty queue behind it.
    static func lastReason() -> String {
        let code = ERR_peek_last_error()
        ERR_clear_error()
        guard code != 0, let reason = ERR_reason_error_string(code) else { return "no reason given" }
        return String(cString: reason)
    }

    /// Calls `body` with a read-only BIO over `bytes`.
    static func withReader<R>(over bytes: UnsafeRawBufferPointer, _ body: (OpaquePointer) -> R?) -> R? {
        guard let base = bytes.baseAddress, let size = Int32(exactly: bytes.count) else { return nil }
        guard let bio = BIO_new_mem_buf(base, size) else { return nil }
        defer { BIO_free(bio) }
        return body(bio)
    }

    /// Everything that `body` writes to a BIO, wiped when let go; nil if it reports failure.
    static func written(_ body: (OpaquePointer) -> Bool) -> SecretBytes? {
        guard let bio = BIO_new(BIO_s_mem()) else { return nil }
        defer { BIO_free(bio) }
        let succeeded = body(bio)
        var start: UnsafeMutablePointer<CChar>?
        let count = BIO_ctrl(bio, BIO_CTRL_INFO, 0, &start)
        guard let start, count > 0 else { return nil }
        defer { OPENSSL_cleanse(start, count) }
        return succeeded ? SecretBytes(copying: UnsafeRawBufferPointer(start: start, count: count)) : nil
    }

    /// What `body` writes to a BIO, as text.
    static func text(_ body: (OpaquePointer) -> Bool) -> String? {
        written(body).map { $0.withUnsafeBytes { String(decoding: $0, as: UTF8.self) } }
    }

    /// The name in the form of RFC 2253.
    static func text(of name: OpaquePointer?) -> String {
        guard let name else { return "" }
        return text { X509_NAME_print_ex($0, name, 0, nameFlags) >= 0 } ?? ""
    }

    // XN_FLAG_RFC2253, a macro that Swift does not see, but with characters beyond ASCII as UTF-8 and not as escapes.
    private static let nameFlags = UInt(
        ASN1_STRFLGS_ESC_2253 | ASN1_STRFLGS_ESC_CTRL | ASN1_STRFLGS_UTF8_CONVERT | ASN1_STRFLGS_DUMP_UNKNOWN
            | ASN1_STRFLGS_DUMP_DER | Int32(XN_FLAG_SEP_COMMA_PLUS) | Int32(XN_FLAG_DN_REV)
            | Int32(XN_FLAG_DUMP_UNKNOWN_FIELDS))

    /// The moment, in whole seconds; nil if it cannot be read.
    static func time(_ time: UnsafePointer<ASN1_TIME>?) -> UTCTime? {
        var parts = tm()
        guard let time, ASN1_TIME_to_tm(time, &parts) == 1 else { return nil }
        return UTCTime(
            year: Int(parts.tm_year) + 1900, month: Int(parts.tm_mon) + 1, day: Int(parts.tm_mday),
            hour: Int(parts.tm_hour), minute: Int(parts.tm_min), second: Int(parts.tm_sec))
    }

    /// What an `i2d_` function writes; nil if it reports failure.
    static func der(_ encode: (UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>?) -> Int32) -> [UInt8]? {
        let count = Int(encode(nil))
        guard count > 0 else { return nil }
        var der = [UInt8](repeating: 0, count: count)
        let written = der.withUnsafeMutableBufferPointer { buffer in
            var end = buffer.baseAddress
            return Int(encode(&end))
        }
        return written == count ? der : nil
    }

    /// The content of an ASN.1 string.
    static func bytes(of string: UnsafePointer<ASN1_STRING>?) -> [UInt8]? {
        guard let string else { return nil }
        let count = Int(ASN1_STRING_length(string))
        guard count > 0 else { return count == 0 ? [] : nil }
        return ASN1_STRING_get0_data(string).map { Array(UnsafeBufferPointer(start: $0, count: count)) }
    }

    /// An object identifier in dotted form.
    static func objectIdentifier(_ object: OpaquePointer?) -> String? {
        guard let object else { return nil }
        var text = [CChar](repeating: 0, count: 128)
        let count = Int(OBJ_obj2txt(&text, Int32(text.count), object, 1))
        guard count > 0, count < text.count else { return nil }
        return String(decoding: text.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
