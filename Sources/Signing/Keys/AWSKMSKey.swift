internal import AssayModel
public import ObjectStorage
public import Sigstore

/// An asymmetric key in Amazon's Key Management Service: ECDSA on P-256, P-384 or P-521, or RSA.
public struct AWSKMSKey: SignatureSource {
    public struct Settings: Sendable {
        /// A key id, `alias/NAME`, or the ARN of either.
        public var key: String
        /// The region, if the key's ARN does not name it.
        public var region: String?
        /// Where to ask; nil for Amazon's own address in the region.
        public var endpoint: String?

        public init(key: String, region: String? = nil, endpoint: String? = nil) {
            self.key = key
            self.region = region
            self.endpoint = endpoint
        }
    }

    public let publicKey: PublicKey
    private let service: KeyManagementService
    private let key: String
    private let algorithm: String

    /// Reads the public key.
    ///
    /// - Parameter service: how the service is asked.
    /// - Throws: `service` if the service cannot be had or refuses, `configuration` if there are no credentials or the
    ///   key cannot sign, `untrue` if the answer has no key, `cancelled`.
    public init(
        _ settings: Settings, credentials: any CredentialsProvider, service: ServiceSettings = ServiceSettings()
    ) async throws(SigningError) {
        self.service = try KeyManagementService(settings, credentials, service)
        let shown = TerminalText.excerpt(settings.key)
        let operation = "tell the public key of '\(shown)'"
        let answer = try await self.service.ask(operation, "GetPublicKey", ["KeyId": .string(settings.key)])
        guard let der = answer["PublicKey"]?.string.flatMap(Base64.bytes(of:)) else {
            throw .untrue(operation: operation, url: self.service.url, reason: "there is no key in it")
        }
        // Under this name the key stays the same; an alias may be pointed at another one meanwhile.
        key = answer["KeyId"]?.string ?? settings.key
        let publicKey: PublicKey
        do throws(SigstoreError) { publicKey = try PublicKey(der: der) } catch {
            throw .configuration(reason: "The key '\(shown)' cannot be used", advice: error.description)
        }
        guard answer["KeyUsage"]?.string == "SIGN_VERIFY", !publicKey.needsMessage else {
            throw .configuration(
                reason: "The key '\(shown)' does not sign digests",
                advice: "Make one with the usage SIGN_VERIFY and the spec ECC_NIST_P256.")
        }
        let hash = publicKey.usualDigest.rawValue.dropFirst(3)
        algorithm = (publicKey.algorithm.hasPrefix("RSA") ? "RSASSA_PKCS1_V1_5_SHA_" : "ECDSA_SHA_") + hash
        self.publicKey = publicKey
    }

    public func signature(over message: [UInt8]) async throws(SigningError) -> [UInt8] {
        let digest: [UInt8]
        do throws(SigstoreError) { digest = try publicKey.usualDigest.digest(of: message) } catch {
            throw .sigstore(error)
        }
        let answer = try await service.ask(
            "sign", "Sign",
            [
                "KeyId": .string(key), "Message": .string(Base64.text(of: digest)), "MessageType": .string("DIGEST"),
                "SigningAlgorithm": .string(algorithm),
            ])
        guard let signature = answer["Signature"]?.string.flatMap(Base64.bytes(of:)) else {
            throw .untrue(operation: "sign", url: service.url, reason: "there is no signature in it")
        }
        return try publicKey.checked(signature, over: message, from: service.url)
    }
}

/// The service in one region.
private struct KeyManagementService: Sendable {
    private let client: ServiceClient
    private let credentials: any CredentialsProvider
    private let region: String
    private let host: String

    var url: String { client.url }

    init(
        _ settings: AWSKMSKey.Settings, _ credentials: any CredentialsProvider, _ service: ServiceSettings
    ) throws(SigningError) {
        // arn:aws:kms:REGION:ACCOUNT:key/ID
        let parts = settings.key.split(separator: ":", omittingEmptySubsequences: false)
        let named = parts.count == 6 && parts[0] == "arn" ? String(parts[3]) : nil
        guard let region = named ?? settings.region, !region.isEmpty,
            region.utf8.allSatisfy({ $0 == UInt8(ascii: "-") || Character(Unicode.Scalar($0)).isLetterOrDigit })
        else {
            throw .configuration(
                reason: "The region of the key '\(TerminalText.excerpt(settings.key))' is not known",
                advice: "Name the key by its ARN, or set AWS_REGION.")
        }
        self.region = region
        self.credentials = credentials
        let domain = region.hasPrefix("cn-") ? "amazonaws.com.cn" : "amazonaws.com"
        var base = settings.endpoint ?? "https://kms.\(region).\(domain)"
        while base.hasSuffix("/") { base.removeLast() }
        // Host alone: the path is part of what is signed, and a password would take the signature's place.
        host = String(base.drop { $0 != "/" }.drop { $0 == "/" })
        guard !host.contains(where: "/?@".contains) else {
            throw .configuration(
                reason: "The address of the key service has more in it than a host and a port",
                advice: "Give scheme, host and port only, such as https://kms.example.com.")
        }
        client = try ServiceClient(base, settings: service)
    }

    func ask(
        _ operation: String, _ action: String, _ members: JSONObject
    ) async throws(SigningError) -> JSONValue {
        let keys: Credentials
        do throws(ObjectStorageError) { keys = try await credentials.credentials() } catch {
            if error == .cancelled { throw .cancelled }
            throw .configuration(
                reason: "There are no credentials for the key service: \(error)",
                advice: "Give some by environment, profile or role, as for a store.")
        }
        let body = JSONValue.object(members).bytes
        let signature = SignatureV4(credentials: keys, region: region, service: "kms", now: .systemTime())
        var request = ServiceRequest(operation, path: "/")
        request.body = body
        request.headers = signature.sign(
            "POST", path: "/", query: "",
            headers: [
                ("Host", host), ("Content-Type", "application/x-amz-json-1.1"),
                ("X-Amz-Target", "TrentService.\(action)"),
            ], payload: SHA256Digest(of: body))
        do throws(SigningError) {
            return try client.json(try await client.ask(request), operation)
        } catch {
            // Others may have come meanwhile; whoever asks again gets them.
            if case .service(_, _, .some(400..<500), let reason, _) = error, reason.contains("Expired") {
                _ = await credentials.discard(keys)
            }
            throw error
        }
    }
}

extension Character {
    fileprivate var isLetterOrDigit: Bool { isASCII && (isLetter || isNumber) }
}
