internal import ObjectStorage
public import Sigstore

/// Where a signing key is, in one text, as other Sigstore clients write it.
///
/// - `hashivault://NAME`, `openbao://NAME`: a key of a transit engine. Server, token, namespace and mount come from the
///   variables of its own tools: `VAULT_ADDR`, `VAULT_TOKEN` (or the file `~/.vault-token`), `VAULT_NAMESPACE`,
///   `VAULT_CACERT`, `TRANSIT_SECRET_ENGINE_PATH`; for OpenBao, those that begin with `BAO_` go before.
/// - `awskms:///KEY`, `awskms://HOST:PORT/KEY`: a key id, `alias/NAME` or ARN in Amazon's key service. Credentials are
///   found as for a store; the region is that of the ARN or of `AWS_REGION`.
/// - `pkcs11:...`: a key in a token or security module (RFC 7512), by openssl's engine for them. `PKCS11_MODULE_PATH`
///   names the module; the PIN is in a file that `pin-source=file:PATH` names.
/// - `command:LINE`: a program, see `CommandKey`.
/// - Anything else: a file with a key in PEM form.
public enum KeyReference: Hashable, Sendable {
    public enum VaultProduct: Hashable, Sendable { case hashiCorp, openBao }

    case file(String)
    case vault(name: String, product: VaultProduct)
    /// The endpoint is host and port; nil for Amazon's own.
    case awsKMS(endpoint: String?, key: String)
    case pkcs11(uri: String)
    case command(String)

    /// - Throws: `configuration` if it begins as something that is not supported, or names no key.
    public init(_ text: String) throws(SigningError) {
        if let name = text.rest(after: "hashivault://") {
            self = .vault(name: name, product: .hashiCorp)
        } else if let name = text.rest(after: "openbao://") {
            self = .vault(name: name, product: .openBao)
        } else if let rest = text.rest(after: "awskms://") {
            let endpoint = rest.prefix { $0 != "/" }
            let key = rest.dropFirst(endpoint.count + 1)
            guard !key.isEmpty else { throw Self.incomplete(text, "awskms:///alias/NAME") }
            self = .awsKMS(endpoint: endpoint.isEmpty ? nil : String(endpoint), key: String(key))
        } else if let line = text.rest(after: "command:") {
            guard !line.allSatisfy(\.isWhitespace) else { throw Self.incomplete("command:", "command:PROGRAM") }
            self = .command(line)
        } else if text.hasPrefix("pkcs11:") {
            // It goes to a program as an argument, which everybody on the machine can read.
            guard !text.contains("pin-value") else {
                throw .configuration(
                    reason: "There is a PIN in the name of a key",
                    advice: "Put it into a file and name that by 'pin-source=file:PATH' instead of 'pin-value'.")
            }
            self = .pkcs11(uri: text)
        } else if let scheme = ["gcpkms://", "azurekms://", "k8s://", "env://"].first(where: text.hasPrefix) {
            throw .configuration(
                reason: "Keys of the kind '\(scheme)' are not supported",
                advice: "Let their own tool sign, by 'command:PROGRAM'.")
        } else {
            guard !text.isEmpty else { throw Self.incomplete(text, "the path of a file") }
            self = .file(text)
        }
    }

    /// The key, ready to sign.
    ///
    /// - Parameters:
    ///   - environment: the variables of this process.
    ///   - passphrase: that of a file.
    ///   - publicKey: the public half, for a program that does not tell it.
    ///   - service: how remote services are asked.
    /// - Throws: `configuration` if it cannot work so, `sigstore` if a file holds no key, `service`, `untrue`,
    ///   `cancelled`.
    public func open(
        environment: [String: String], passphrase: SecretBytes? = nil, publicKey: PublicKey? = nil,
        service: ServiceSettings = ServiceSettings(), limits: IdentityLimits = IdentityLimits()
    ) async throws(SigningError) -> any SignatureSource {
        switch self {
        case .file(let path): return try FileKey(path: path, passphrase: passphrase)
        case .command(let line):
            return try await CommandKey(command: line, publicKey: publicKey, environment: environment, limits: limits)
        case .pkcs11(let uri):
            return try await CommandKey(
                command: Self.engineProgram, publicKey: publicKey,
                environment: environment.merging(["ASSAY_PKCS11_URI": uri]) { $1 }, limits: limits)
        case .vault(let name, let product):
            var service = service
            let variables = VaultVariables(environment: environment, product: product)
            if let file = variables["CACERT"] { service.certificateAuthorities = file }
            return try await VaultKey(try variables.settings(name: name), service: service)
        case .awsKMS(let endpoint, let key):
            let region = environment.value("AWS_REGION") ?? environment.value("AWS_DEFAULT_REGION")
            let credentials: CredentialsChain
            do throws(ObjectStorageError) {
                credentials = try CredentialsChain(environment: environment, region: region ?? "us-east-1")
            } catch {
                throw .configuration(reason: "Credentials cannot be looked for: \(error)", advice: "Try again.")
            }
            let address =
                endpoint.map { "https://" + $0 } ?? environment.value("AWS_ENDPOINT_URL_KMS")
                ?? environment.value("AWS_ENDPOINT_URL")
            return try await AWSKMSKey(
                AWSKMSKey.Settings(key: key, region: region, endpoint: address), credentials: credentials,
                service: service)
        }
    }

    /// `CommandKey`'s protocol in terms of openssl, whose messages count only if it fails.
    private static let engineProgram = """
        case $ASSAY_KEY_ACTION in
        public-key) set -- pkey -inform engine -pubin -pubout -in ;;
        sign) set -- pkeyutl -sign -pkeyopt "digest:$ASSAY_KEY_HASH" -keyform engine -inkey ;;
        esac
        {
            messages=$(openssl "$@" "$ASSAY_PKCS11_URI" -engine pkcs11 2>&1 >&3 3>&-) && exit
        } 3>&1
        printf '%s\\n' "$messages" >&2
        exit 1
        """

    private static func incomplete(_ text: String, _ example: String) -> SigningError {
        .configuration(
            reason: "'\(TerminalText.excerpt(text))' does not name a key", advice: "Give something like '\(example)'.")
    }
}

/// What the tools of a vault are set up by.
private struct VaultVariables {
    let environment: [String: String]
    let product: KeyReference.VaultProduct

    subscript(_ name: String) -> String? {
        (product == .openBao ? environment.value("BAO_\(name)") : nil) ?? environment.value("VAULT_\(name)")
    }

    func settings(name: String) throws(SigningError) -> VaultKey.Settings {
        guard let address = self["ADDR"] else {
            throw .configuration(
                reason: "The server of the key '\(TerminalText.excerpt(name))' is not known",
                advice: product == .openBao
                    ? "Set BAO_ADDR, such as to https://bao.example.com:8200."
                    : "Set VAULT_ADDR, such as to https://vault.example.com:8200.")
        }
        var settings = VaultKey.Settings(
            address: address, name: name, token: self["TOKEN"].map { SecretBytes($0.utf8) },
            tokenFile: (environment.value("HOME") ?? "") + "/.vault-token")
        settings.namespace = self["NAMESPACE"]
        if let mount = environment.value("TRANSIT_SECRET_ENGINE_PATH") { settings.mount = mount }
        return settings
    }
}

extension String {
    fileprivate func rest(after prefix: String) -> String? {
        hasPrefix(prefix) ? String(dropFirst(prefix.count)) : nil
    }
}

extension [String: String] {
    /// The value of that variable; nil also if it is empty.
    fileprivate func value(_ name: String) -> String? { self[name].flatMap { $0.isEmpty ? nil : $0 } }
}
