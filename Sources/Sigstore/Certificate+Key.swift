extension Certificate {
    /// The key in the certificate whose DER is given.
    ///
    /// - Throws: `malformed` if it is no certificate, `key` if signatures cannot be verified with its key.
    package static func publicKey(_ der: [UInt8]) throws(SigstoreError) -> PublicKey {
        try PublicKey(der: CertificateHandle(der: der).publicKeyDER())
    }

    /// The DER of the one certificate in a PEM text.
    ///
    /// - Throws: `limitExceeded`, or `malformed` if there is not exactly one.
    package static func der(pem: String, limits: Limits = Limits()) throws(SigstoreError) -> [UInt8] {
        guard pem.utf8.count <= limits.certificateSize else {
            throw .limitExceeded(what: "bytes of a certificate", limit: limits.certificateSize)
        }
        let blocks = Array(pem.utf8).withUnsafeBytes { PEMBlock.blocks(in: $0) }
        guard blocks.count == 1, blocks[0].label == "CERTIFICATE" else {
            throw .malformed(document: "certificate", field: "", problem: "is not one block of PEM")
        }
        return blocks[0].content.withUnsafeBytes { Array($0) }
    }

    /// The certificate whose DER is given as PEM.
    package static func pem(_ der: [UInt8]) -> String {
        let text = Array(Base64.text(of: der).utf8)
        let lines = stride(from: 0, to: text.count, by: 64).map { start in
            String(decoding: text[start..<min(start + 64, text.count)], as: UTF8.self) + "\n"
        }
        return "-----BEGIN CERTIFICATE-----\n" + lines.joined() + "-----END CERTIFICATE-----\n"
    }
}
