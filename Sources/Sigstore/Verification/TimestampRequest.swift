internal import CCrypto

/// What a timestamp authority is asked (RFC 3161, 2.4.1): to vouch for the time of a signature.
package struct TimestampRequest: Sendable {
    private let digest: [UInt8]
    /// So that an old answer cannot pass for a new one. It is positive and has no leading zeros, as DER demands.
    private let nonce: [UInt8]

    /// A request for a timestamp over the SHA-256 of `signature`, with a random nonce.
    ///
    /// - Throws: `cryptography`.
    package init(over signature: [UInt8]) throws(SigstoreError) {
        digest = try DigestAlgorithm.sha256.digest(of: signature)
        nonce = [.random(in: 1...0x7F)] + (0..<7).map { _ in .random(in: 0...0xFF) }
    }

    /// The request in DER. All its parts have a fixed length, and so have their headers.
    package var der: [UInt8] {
        let version: [UInt8] = [0x02, 0x01, 0x01]
        // AlgorithmIdentifier of SHA-256, 2.16.840.1.101.3.4.2.1 with NULL.
        let algorithm: [UInt8] = [
            0x30, 0x0D, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00,
        ]
        let imprint = [0x30, 0x31] + algorithm + [0x04, 0x20] + digest
        // certReq: the signer's certificate belongs into the answer, for verifiers that do not know it yet.
        return [0x30, 0x43] + version + imprint + [0x02, 0x08] + nonce + [0x01, 0x01, 0xFF]
    }

    /// Checks that `response` is a timestamp, and the one that was asked for. Who signed it is for the verifier to say.
    ///
    /// - Throws: `rejected` with what differs, or why the authority refused.
    package func check(response der: [UInt8]) throws(SigstoreError) {
        let timestamp = try TimestampCheck(der: der)
        defer { ERR_clear_error() }
        try withExtendedLifetime(timestamp) { () throws(SigstoreError) in try check(timestamp.response) }
    }

    private func check(_ response: OpaquePointer) throws(SigstoreError) {
        if let refusal = TimestampCheck.refusal(response) {
            throw .reject(.timestamp, expected: "a timestamp", found: refusal)
        }
        let info = TS_RESP_get_tst_info(response)
        guard let imprint = TS_TST_INFO_get_msg_imprint(info),
            LibCrypto.bytes(of: TS_MSG_IMPRINT_get_msg(imprint)) == digest, isSHA256(TS_MSG_IMPRINT_get_algo(imprint))
        else { throw .reject(.timestamp, expected: "a timestamp over the bundle's signature", found: "another one") }
        guard let found = TS_TST_INFO_get_nonce(info), LibCrypto.bytes(of: found) == nonce,
            ASN1_STRING_type(found) == V_ASN1_INTEGER
        else { throw .reject(.timestamp, expected: "the nonce of the request", found: "another one or none") }
    }

    private func isSHA256(_ algorithm: UnsafeMutablePointer<X509_ALGOR>?) -> Bool {
        algorithm.map { OBJ_obj2nid($0.pointee.algorithm) == NID_sha256 } ?? false
    }
}
