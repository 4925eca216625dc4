import AssayModel

/// AWS Signature Version 4 in the header, with S3's rules: the path is encoded once and never normalised.
///
/// "Authenticating Requests: Using the Authorization Header" of the Amazon S3 API reference.
package struct SignatureV4 {
    let credentials: Credentials
    let region: String
    let service: String
    let now: Timestamp

    package init(credentials: Credentials, region: String, service: String, now: Timestamp) {
        self.credentials = credentials
        self.region = region
        self.service = service
        self.now = now
    }

    /// The headers to send with a request: those given, and date, token, content hash and `Authorization`.
    ///
    /// - Parameters:
    ///   - path: percent-encoded, as it stands in the URL.
    ///   - query: sorted and percent-encoded, as it stands in the URL.
    ///   - headers: the headers to sign, `Host` among them.
    ///   - payload: the SHA-256 of the body.
    package func sign(
        _ method: String, path: String, query: String, headers: [(name: String, value: String)], payload: SHA256Digest
    ) -> [(name: String, value: String)] {
        // 20130524T000000Z, out of 2013-05-24T00:00:00Z.
        let moment = String(now.description.filter { $0 != "-" && $0 != ":" })
        let day = String(moment.prefix(8))

        var headers = headers
        headers.append(("x-amz-content-sha256", payload.hex))
        headers.append(("x-amz-date", moment))
        if let token = credentials.sessionToken { headers.append(("x-amz-security-token", token)) }

        let signed = headers.map { ($0.name.lowercased(), Self.trimmed($0.value)) }.sorted { $0.0 < $1.0 }
        let names = signed.map(\.0).joined(separator: ";")
        let canonicalRequest = [
            method, path, query, signed.map { "\($0.0):\($0.1)\n" }.joined(), names, payload.hex,
        ].joined(separator: "\n")

        let scope = "\(day)/\(region)/\(service)/aws4_request"
        let stringToSign = "AWS4-HMAC-SHA256\n\(moment)\n\(scope)\n\(SHA256Digest(of: canonicalRequest.utf8).hex)"
        let key = [day, region, service, "aws4_request"].reduce(Array("AWS4\(credentials.secret)".utf8)) { key, part in
            SHA256Digest.authenticationCode(for: part.utf8, key: key).bytes
        }
        let signature = SHA256Digest.authenticationCode(for: stringToSign.utf8, key: key).hex
        headers.append(
            (
                "Authorization",
                "AWS4-HMAC-SHA256 Credential=\(credentials.accessKeyID)/\(scope),"
                    + "SignedHeaders=\(names),Signature=\(signature)"
            ))
        return headers
    }

    private static func trimmed(_ value: String) -> Substring {
        var value = value[...]
        while value.first == " " { value.removeFirst() }
        while value.last == " " { value.removeLast() }
        return value
    }
}
