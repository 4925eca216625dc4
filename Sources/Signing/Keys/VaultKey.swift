internal import ObjectStorage
public import Sigstore

/// A key in the transit engine of OpenBao or HashiCorp Vault: ECDSA on P-256, P-384 or P-521, RSA, or Ed25519.
///
/// The newest version of the key when it is opened is the one that signs for as long as this lives.
public struct VaultKey: SignatureSource {
    public struct Settings: Sendable {
        /// The server, such as `https://vault.example.com:8200`.
        public var address: String
        /// The key's name.
        public var name: String
        /// Where the transit engine is mounted.
        public var mount = "transit"
        public var namespace: String?
        /// The token; nil to read it from `tokenFile` whenever it is needed, as an agent may replace it.
        public var token: SecretBytes?
        public var tokenFile: String

        public init(address: String, name: String, token: SecretBytes? = nil, tokenFile: String) {
            self.address = address
            self.name = name
            self.token = token
            self.tokenFile = tokenFile
        }
    }

    public let publicKey: PublicKey
    private let server: VaultServer
    private let path: String
    private let version: Int

    /// Reads the public key.
    ///
    /// - Parameter service: how the server is asked.
    /// - Throws: `service` if the server cannot be had or refuses, `configuration` if the settings or the key cannot be
    ///   used, `untrue` if the answer has no key, `cancelled`.
    public init(_ settings: Settings, service: ServiceSettings = ServiceSettings()) async throws(SigningError) {
        let name = settings.name
        guard !name.isEmpty, !name.contains("/") else {
            throw .configuration(
                reason: "'\(TerminalText.excerpt(name))' is not the name of a key in Vault or OpenBao",
                advice: "Give the name alone; the engine's mount is set elsewhere.")
        }
        server = try VaultServer(settings, service)
        path = PercentEncoding.encode(name)
        let operation = "tell the public key of '\(TerminalText.excerpt(name))'"
        let data = try await server.ask(operation, "/keys/\(path)")
        guard let version = data["latest_version"]?.integer, let key = data["keys"]?[String(version)] else {
            throw .untrue(operation: operation, url: server.url, reason: "there is no key in it")
        }
        self.version = version
        guard let text = key["public_key"]?.string else {
            throw .configuration(
                reason: "The key '\(TerminalText.excerpt(name))' has no public half",
                advice: "It must be of a type that signs, such as ecdsa-p256.")
        }
        if data["type"]?.string == "ed25519" {
            // Raw, where the other types are PEM.
            guard let raw = Base64.bytes(of: text), raw.count == 32,
                let key = try? PublicKey(der: Self.ed25519Prefix + raw)
            else { throw .untrue(operation: operation, url: server.url, reason: "its Ed25519 key is none") }
            publicKey = key
        } else {
            publicKey = try .read(pem: Array(text.utf8), from: "The key '\(TerminalText.excerpt(name))'")
        }
    }

    public func signature(over message: [UInt8]) async throws(SigningError) -> [UInt8] {
        var request: JSONObject = ["input": .string(Base64.text(of: message))]
        if !publicKey.needsMessage {
            let hash = publicKey.usualDigest
            let digest: [UInt8]
            do throws(SigstoreError) { digest = try hash.digest(of: message) } catch { throw .sigstore(error) }
            request = [
                "input": .string(Base64.text(of: digest)), "prehashed": .bool(true),
                "hash_algorithm": .string("sha2-\(hash.rawValue.dropFirst(3))"),
                "marshaling_algorithm": .string("asn1"), "signature_algorithm": .string("pkcs1v15"),
                "key_version": .integer(version),
            ]
        }
        let data = try await server.ask("sign", "/sign/\(path)", body: request)
        // "vault:v3:BASE64", with the version of the key.
        let parts = data["signature"]?.string?.split(separator: ":", omittingEmptySubsequences: false) ?? []
        guard parts.count == 3, let signature = Base64.bytes(of: String(parts[2])) else {
            throw .untrue(operation: "sign", url: server.url, reason: "there is no signature in it")
        }
        return try publicKey.checked(signature, over: message, from: server.url)
    }

    /// SubjectPublicKeyInfo up to the key itself (RFC 8410, 4).
    private static let ed25519Prefix: [UInt8] = [
        0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00,
    ]
}

/// The transit engine of one server.
private struct VaultServer: Sendable {
    private let client: ServiceClient
    private let settings: VaultKey.Settings

    var url: String { client.url }

    init(_ settings: VaultKey.Settings, _ service: ServiceSettings) throws(SigningError) {
        self.settings = settings
        guard settings.namespace?.isHeaderText != false else {
            throw .configuration(reason: "The namespace in Vault or OpenBao is not plain text", advice: "Check it.")
        }
        var address = settings.address
        while address.hasSuffix("/") { address.removeLast() }
        client = try ServiceClient(
            address + "/v1/" + PercentEncoding.encode(settings.mount, keepingSlashes: true), settings: service)
    }

    /// The `data` of the answer.
    func ask(
        _ operation: String, _ path: String, body: JSONObject? = nil
    ) async throws(SigningError) -> JSONValue {
        var request = ServiceRequest(operation, path: path)
        if let body { request = request.posting(body) }
        request.secretHeader = ("X-Vault-Token", try token())
        request.headers = [("X-Vault-Request", "true")]
        if let namespace = settings.namespace { request.headers.append(("X-Vault-Namespace", namespace)) }
        guard let data = try client.json(try await client.ask(request), operation)["data"] else {
            throw .untrue(operation: operation, url: url, reason: "there is no data in it")
        }
        return data
    }

    private func token() throws(SigningError) -> SecretBytes {
        let secret: SecretBytes
        if let token = settings.token {
            secret = token
        } else if case .content(let content) = SecretFile.read(settings.tokenFile, limit: Self.tokenSize) {
            secret = content
        } else {
            throw .configuration(
                reason: "There is no token for the server \(url)",
                advice:
                    "Set VAULT_TOKEN (or BAO_TOKEN), or log in so that '\(TerminalText.excerpt(settings.tokenFile))'"
                    + " holds one.")
        }
        let trimmed = secret.trimmed()
        guard trimmed.withUnsafeBytes({ String(decoding: $0, as: UTF8.self) }).isHeaderText else {
            throw .configuration(reason: "The token for the server \(url) is not plain text", advice: "Log in again.")
        }
        return trimmed
    }

    /// Bytes of a token file; tokens are some hundred bytes, and a few thousand at most.
    private static let tokenSize = IdentityLimits().tokenSize
}
