internal import CCrypto

/// The promises of certificate logs that a certificate carries (SCTs, RFC 6962, 3.3).
enum CertificateTimestampCheck {
    private struct Timestamp {
        let logID: [UInt8]
        let time: [UInt8]
        let extensions: [UInt8]
        let hash: UInt8
        let signatureAlgorithm: UInt8
        let signature: [UInt8]
    }

    /// The names of the trusted logs that promised to show the certificate, at least one.
    ///
    /// - Throws: `rejected`, also if a trusted log's promise is there and does not verify.
    static func verify(
        _ certificate: CertificateHandle, issuer: CertificateHandle, logs: [TrustedLog], limits: Limits
    ) throws(SigstoreError) -> [String] {
        let timestamps = try parse(certificate, limits: limits)
        let entry = try precertificate(certificate, issuer: issuer)
        var names: [String] = []
        for timestamp in timestamps {
            var failure: SigstoreError?
            var isVerified = false
            for log in logs where log.id == timestamp.logID && !isVerified {
                do throws(SigstoreError) {
                    try verify(timestamp, entry: entry, log: log)
                    names.append(log.name)
                    isVerified = true
                } catch {
                    failure = error
                }
            }
            if let failure, !isVerified { throw failure }
        }
        guard !names.isEmpty else {
            throw .reject(
                .certificateLog, expected: "a promise of a log that is trusted",
                found: timestamps.isEmpty
                    ? "none" : "logs " + timestamps.map { Hex.text(of: $0.logID) }.joined(separator: ", "))
        }
        return names
    }

    private static func verify(
        _ timestamp: Timestamp, entry: [UInt8], log: TrustedLog
    ) throws(SigstoreError) {
        let milliseconds = timestamp.time.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        let time = UTCTime(
            seconds: Int(milliseconds / 1000), nanoseconds: Int(milliseconds % 1000) * 1_000_000)
        guard log.validity.contains(time) else {
            throw .reject(
                .certificateLog, expected: "a time in which the log \(log.name) is trusted, \(log.validity)",
                found: time.description)
        }
        // RFC 6962, 2.1.4: ECDSA on P-256 or RSA, over SHA-256 (RFC 5246's numbers).
        guard timestamp.hash == 4, timestamp.signatureAlgorithm == (log.key.algorithm.hasPrefix("EC") ? 3 : 1) else {
            throw .reject(
                .certificateLog, expected: "SHA-256 with the algorithm of the log's key",
                found: "hash \(timestamp.hash) with algorithm \(timestamp.signatureAlgorithm)")
        }
        // RFC 6962, 3.2: version v1, type certificate_timestamp, time, precert_entry, extensions.
        let count = timestamp.extensions.count
        let signed =
            [0, 0] + timestamp.time + [0, 1] + entry
            + [UInt8(truncatingIfNeeded: count >> 8), UInt8(truncatingIfNeeded: count)] + timestamp.extensions
        guard log.key.verifies(timestamp.signature, of: signed) else {
            throw .reject(
                .certificateLog, expected: "a promise made by the log \(log.name) for this certificate",
                found: "one that its key does not verify")
        }
    }

    /// 1.3.6.1.4.1.11129.2.4.2, as in a certificate.
    private static let timestampsIdentifier: [UInt8] = [0x2B, 0x06, 0x01, 0x04, 0x01, 0xD6, 0x79, 0x02, 0x04, 0x02]

    /// `PreCert`: the issuer's key, and what the log saw: the certificate's signed part without the promises.
    private static func precertificate(
        _ certificate: CertificateHandle, issuer: CertificateHandle
    ) throws(SigstoreError) -> [UInt8] {
        guard let signedPart = DER.signedPart(ofCertificate: certificate.der, without: timestampsIdentifier),
            signedPart.count < 1 << 24
        else { throw .reject(.certificateLog, expected: "a certificate encoded as DER", found: "another encoding") }
        let count = signedPart.count
        return try DigestAlgorithm.sha256.digest(of: issuer.publicKeyDER())
            + [16, 8, 0].map { UInt8(truncatingIfNeeded: count >> $0) } + signedPart
    }

    /// `SignedCertificateTimestampList`; timestamps of unknown versions are left out, as RFC 6962 asks.
    private static func parse(_ certificate: CertificateHandle, limits: Limits) throws(SigstoreError) -> [Timestamp] {
        guard let list = extensionContent(certificate) else { return [] }
        var reader = VectorReader(list[...])
        var timestamps: [Timestamp] = []
        guard var items = reader.vector().map(VectorReader.init), reader.isAtEnd else { throw malformed }
        while !items.isAtEnd {
            guard var item = items.vector().map(VectorReader.init), let version = item.take(1)?.first else {
                throw malformed
            }
            guard version == 0 else { continue }
            guard let logID = item.take(32), let time = item.take(8), let extensions = item.vector(),
                let algorithms = item.take(2), let signature = item.vector(), item.isAtEnd,
                let hash = algorithms.first, let signatureAlgorithm = algorithms.last
            else { throw malformed }
            guard timestamps.count < limits.certificateTimestamps else {
                throw .limitExceeded(
                    what: "certificate log timestamps in a certificate", limit: limits.certificateTimestamps)
            }
            timestamps.append(
                Timestamp(
                    logID: Array(logID), time: Array(time), extensions: Array(extensions), hash: hash,
                    signatureAlgorithm: signatureAlgorithm, signature: Array(signature)))
        }
        return timestamps
    }

    private static var malformed: SigstoreError {
        .reject(.certificateLog, expected: "a list of certificate timestamps", found: "something that is none")
    }

    /// The octet string inside the extension; nil if the certificate has none, or it is not encoded as one.
    private static func extensionContent(_ certificate: CertificateHandle) -> [UInt8]? {
        defer { ERR_clear_error() }
        return certificate.withPointer { certificate -> [UInt8]? in
            let index = X509_get_ext_by_NID(certificate, NID_ct_precert_scts, -1)
            guard index >= 0, let found = X509_get_ext(certificate, index),
                let der = LibCrypto.bytes(of: X509_EXTENSION_get_data(found))
            else { return nil }
            return der.withUnsafeBufferPointer { bytes in
                var position = bytes.baseAddress
                guard let octets = d2i_ASN1_OCTET_STRING(nil, &position, bytes.count) else { return nil }
                defer { ASN1_OCTET_STRING_free(octets) }
                return LibCrypto.bytes(of: octets)
            }
        }
    }
}

/// TLS presentation language (RFC 8446, 3): fixed fields, and vectors with two bytes of length.
private struct VectorReader {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
        guard rest.count >= count else { return nil }
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count)
    }

    mutating func vector() -> ArraySlice<UInt8>? {
        guard let length = take(2) else { return nil }
        return take(length.reduce(0) { $0 << 8 | Int($1) })
    }
}
