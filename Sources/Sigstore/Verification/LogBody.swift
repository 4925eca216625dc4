/// The two kinds of Rekor, which sign and promise differently.
enum LogGeneration: Sendable {
    case rekorV1, rekorV2
}

/// What a log recorded (`canonicalizedBody`), by the kind of entry.
struct LogBody {
    let generation: LogGeneration
    private let signature: [UInt8]
    /// The signer's certificate or public key, DER.
    private let verifier: [UInt8]
    private let digest: (of: Digested, algorithm: DigestAlgorithm, bytes: [UInt8])

    private enum Digested {
        case signedBytes, payload
    }

    /// - Throws: `rejected` if the kind is not known or the body has not its form; what parsing JSON throws.
    init(_ entry: LogEntry, limits: Limits) throws(SigstoreError) {
        let json = try JSONValue(parsing: entry.canonicalizedBody, limits: limits)
        guard json["kind"]?.string == entry.kind, json["apiVersion"]?.string == entry.kindVersion else {
            throw .reject(
                .logBody, expected: "\(entry.kind) \(entry.kindVersion), as the bundle says",
                found: "\(json["kind"]?.string ?? "nothing") \(json["apiVersion"]?.string ?? "")")
        }
        let spec = json["spec"]
        switch (entry.kind, entry.kindVersion) {
        case ("hashedrekord", "0.0.1"):
            generation = .rekorV1
            signature = try Self.base64(spec?["signature"]?["content"])
            verifier = try Self.pem(spec?["signature"]?["publicKey"]?["content"])
            let (algorithm, bytes) = try Self.hexDigest(spec?["data"]?["hash"])
            digest = (.signedBytes, algorithm, bytes)
        case ("dsse", "0.0.1"):
            generation = .rekorV1
            let only = try Self.only(spec?["signatures"])
            signature = try Self.base64(only["signature"])
            verifier = try Self.pem(only["verifier"])
            let (algorithm, bytes) = try Self.hexDigest(spec?["payloadHash"])
            digest = (.payload, algorithm, bytes)
        case ("intoto", "0.0.2"):
            generation = .rekorV1
            let content = spec?["content"]
            let only = try Self.only(content?["envelope"]?["signatures"])
            // This kind encodes signatures twice.
            signature = try Self.base64(.string(String(decoding: Self.base64(only["sig"]), as: UTF8.self)))
            verifier = try Self.pem(only["publicKey"])
            let (algorithm, bytes) = try Self.hexDigest(content?["payloadHash"])
            digest = (.payload, algorithm, bytes)
        case ("hashedrekord", "0.0.2"):
            generation = .rekorV2
            let record = spec?["hashedRekordV002"]
            signature = try Self.base64(record?["signature"]?["content"])
            verifier = try Self.verifier(record?["signature"]?["verifier"])
            let (algorithm, bytes) = try Self.protobufDigest(record?["data"])
            digest = (.signedBytes, algorithm, bytes)
        case ("dsse", "0.0.2"):
            generation = .rekorV2
            let record = spec?["dsseV002"]
            let only = try Self.only(record?["signatures"])
            signature = try Self.base64(only["content"])
            verifier = try Self.verifier(only["verifier"])
            let (algorithm, bytes) = try Self.protobufDigest(record?["payloadHash"])
            digest = (.payload, algorithm, bytes)
        case (let kind, let version):
            throw .reject(
                .logBody, expected: "hashedrekord, dsse or intoto of a version that is known",
                found: "\(kind) \(version)")
        }
    }

    /// Checks that the log recorded this very signature, by this signer, over these bytes (client specification, 4.4).
    ///
    /// - Parameter signer: the certificate or the SubjectPublicKeyInfo, DER.
    /// - Throws: `rejected`.
    func verify(_ signed: SignedContent, signer: [UInt8]) throws(SigstoreError) {
        // "1. The signature from the parsed body is the same as the provided signature."
        guard signature == signed.signature else {
            throw .reject(.logBody, expected: "the bundle's signature", found: "another one")
        }
        // "2. The key or certificate from the parsed body is the same as in the input certificate."
        guard verifier == signer else {
            throw .reject(.logBody, expected: "the bundle's certificate or the given key", found: "another signer")
        }
        // "3. The 'subject' of the parsed body matches the artifact."
        let expected: [UInt8]?
        switch (digest.of, signed.content) {
        case (.signedBytes, _): expected = try signed.digest(digest.algorithm)
        case (.payload, .envelope(let envelope)): expected = try digest.algorithm.digest(of: envelope.payload)
        case (.payload, .messageSignature):
            throw .reject(
                .logBody, expected: "an entry for a signature over the artifact", found: "one for an envelope")
        }
        guard let expected else {
            throw .reject(
                .logBody, expected: "the artifact's \(digest.algorithm), which the log recorded",
                found: signed.artifact.summary)
        }
        guard digest.bytes == expected else {
            throw .reject(
                .logBody, expected: "\(digest.algorithm):\(Hex.text(of: expected))",
                found: "\(digest.algorithm):\(Hex.text(of: digest.bytes))")
        }
    }

    private static func malformed(_ expected: String, _ value: JSONValue?) -> SigstoreError {
        .reject(.logBody, expected: expected, found: value.map(\.kind) ?? "nothing")
    }

    private static func base64(_ value: JSONValue?) throws(SigstoreError) -> [UInt8] {
        guard let bytes = value?.string.flatMap(Base64.bytes), !bytes.isEmpty else {
            throw malformed("a signature or key in base64", value)
        }
        return bytes
    }

    /// Rekor v1 keeps signers as base64 of PEM.
    private static func pem(_ value: JSONValue?) throws(SigstoreError) -> [UInt8] {
        let blocks = try base64(value).withUnsafeBytes { PEMBlock.blocks(in: $0) }
        guard blocks.count == 1, ["CERTIFICATE", "PUBLIC KEY"].contains(blocks[0].label) else {
            throw malformed("one certificate or public key in PEM form", value)
        }
        return blocks[0].content.withUnsafeBytes { Array($0) }
    }

    /// Rekor v2's `Verifier`.
    private static func verifier(_ value: JSONValue?) throws(SigstoreError) -> [UInt8] {
        switch (value?["x509Certificate"], value?["publicKey"]) {
        case (let certificate?, nil): try base64(certificate["rawBytes"])
        case (nil, let key?): try base64(key["rawBytes"])
        default: throw malformed("a certificate or a public key", value)
        }
    }

    private static func only(_ value: JSONValue?) throws(SigstoreError) -> JSONValue {
        guard let elements = value?.array, elements.count == 1 else {
            throw .reject(
                .logBody, expected: "exactly one signature", found: String(value?.array?.count ?? 0))
        }
        return elements[0]
    }

    private static func hexDigest(_ value: JSONValue?) throws(SigstoreError) -> (DigestAlgorithm, [UInt8]) {
        guard let algorithm = value?["algorithm"]?.string.flatMap(DigestAlgorithm.init(rawValue:)),
            let bytes = value?["value"]?.string.flatMap(Hex.bytes)
        else { throw malformed("a SHA-2 digest", value) }
        return (algorithm, bytes)
    }

    private static func protobufDigest(_ value: JSONValue?) throws(SigstoreError) -> (DigestAlgorithm, [UInt8]) {
        guard let name = value?["algorithm"]?.string,
            let algorithm = DigestAlgorithm.allCases.first(where: { $0.messageAlgorithm.name == name }),
            let bytes = value?["digest"]?.string.flatMap(Base64.bytes)
        else { throw malformed("a SHA-2 digest", value) }
        return (algorithm, bytes)
    }
}
