import AssayConsole
import FoundationEssentials
import Signing
import Sigstore

/// Who signs and which services are asked, as the settings say. Making one reads files, and asks nobody.
struct SigningSetup {
    private enum Signer {
        case key(KeyReference)
        case workload(FulcioClient, any TokenSource)
    }

    private let settings: Settings
    private let signer: Signer
    private let service: ServiceSettings
    private let configuration: SigningConfig?
    private let root: TrustedRoot
    /// Every address that learns of what is signed.
    let urls: [String]

    /// - Throws: `usage` if the settings contradict each other, or cannot work.
    init(_ settings: Settings) throws(CommandError) {
        try SigningRules.check(settings)
        self.settings = settings
        var service = ServiceSettings()
        service.certificateAuthorities = settings.serviceCAFile?.path
        service.requestsInFlight = settings.signingJobs.value
        service.maxRate = settings.maxRate.map { Double($0.value) }
        service.retries.attempts = settings.retryAttempts.value
        self.service = service
        let configuration = try SigningRules.configuration(settings)
        self.configuration = configuration
        let isWitnessed = configuration != nil || settings.rekorURL != nil || settings.timestampURL != nil
        root = settings.keyless || isWitnessed ? try TrustedRoots.load([], settings).root : .empty
        do throws(SigningError) {
            var urls: [String] = []
            if settings.keyless {
                let url =
                    if let given = settings.fulcioURL { given } else {
                        try SigningRules.authority(of: configuration)
                    }
                let authority = try FulcioClient(url: url, settings: service)
                urls = [authority.url]
                signer = .workload(authority, try Self.tokens(settings, service))
            } else {
                signer = .key(try KeyReference(settings.key.path))
            }
            let plan = try Self.witnesses(settings, configuration, service, root: root, publicKey: nil)
            guard !settings.keyless || plan.givesTime else {
                throw .configuration(
                    reason: "nobody would vouch for the time of signing, without which a certificate that ends in"
                        + " minutes proves nothing",
                    advice: "Name a timestamp authority: --timestamp-url, or tsaUrls in the signing config.")
            }
            self.urls = urls + plan.urls
        } catch { throw CommandError(error) }
    }

    /// The signer, ready to sign. A key that a service or a program keeps is asked for its public half; a token is not
    /// looked at before it is needed.
    func open() async throws(CommandError) -> SigningSession {
        switch signer {
        case .workload(let authority, let tokens): return try session(authority, tokens)
        case .key(.file):
            let key = try Keys.signingKey(settings)
            return try session(FileKey(key.key), name: key.path, made: key.isNew ? key.path : nil)
        case .key(let reference):
            let source: any SignatureSource
            do throws(SigningError) {
                source = try await reference.open(
                    environment: ProcessInfo.processInfo.environment, service: keyService(reference))
            } catch { throw CommandError(error) }
            // A program's line may hold a password.
            let name = if case .command = reference { "a program" } else { settings.key.path }
            return try session(source, name: name, made: nil)
        }
    }

    private func session(
        _ authority: FulcioClient, _ tokens: any TokenSource
    ) throws(CommandError) -> SigningSession {
        let ledger = CertificateLedger()
        let check = authority.check(by: Verifier(root: root))
        var options = KeylessSigner.Settings()
        options.audience = settings.oidcAudience
        let signer = KeylessSigner(authority: authority, tokens: tokens, settings: options) {
            certificate, time throws(SigningError) in
            try check(certificate, time)
            ledger.add(certificate.leaf)
        }
        return SigningSession(
            signer: signer, publicKey: nil, keyName: nil, madeKey: nil, ledger: ledger,
            witnesses: try witnesses(publicKey: nil), root: root)
    }

    private func session(
        _ source: any SignatureSource, name: String, made: String?
    ) throws(CommandError) -> SigningSession {
        SigningSession(
            signer: KeySigner(source), publicKey: source.publicKey, keyName: name, madeKey: made,
            ledger: CertificateLedger(), witnesses: try witnesses(publicKey: source.publicKey), root: root)
    }

    private func witnesses(publicKey: PublicKey?) throws(CommandError) -> WitnessPlan {
        do throws(SigningError) {
            return try Self.witnesses(settings, configuration, service, root: root, publicKey: publicKey)
        } catch { throw CommandError(error) }
    }

    private static func witnesses(
        _ settings: Settings, _ configuration: SigningConfig?, _ service: ServiceSettings, root: TrustedRoot,
        publicKey: PublicKey?
    ) throws(SigningError) -> WitnessPlan {
        if let configuration {
            return try WitnessPlan(
                configuration, at: SigningRules.now(), settings: service, publicKey: publicKey, root: root)
        }
        var authorities: [any Witness] = []
        if let url = settings.timestampURL { authorities.append(try TimestampAuthority(url: url, settings: service)) }
        var logs: [any Witness] = []
        if let url = settings.rekorURL {
            let version = settings.rekorVersion == .one ? 1 : 2
            logs.append(
                try WitnessPlan.log(
                    url: url, version: version, settings: service, publicKey: publicKey, root: root))
        }
        return try WitnessPlan(timestampAuthorities: authorities, logs: logs)
    }

    private static func tokens(
        _ settings: Settings, _ service: ServiceSettings
    ) throws(SigningError) -> any TokenSource {
        let environment = ProcessInfo.processInfo.environment
        let explicit: (any TokenSource)? =
            if let file = settings.identityTokenFile {
                FileToken(path: file.path)
            } else if let command = settings.identityTokenCommand {
                CommandToken(command: command, environment: environment)
            } else { nil }
        // GitHub's address is the world's; the authorities of one's own services are not those that vouch for it.
        var issuer = service
        issuer.certificateAuthorities = nil
        return try TokenChain.automatic(
            explicit: explicit, environment: environment, audience: settings.oidcAudience, settings: issuer)
    }

    /// Services that keep keys have certificates of their own kind: that of a vault is set by the vault's variables.
    private func keyService(_ reference: KeyReference) -> ServiceSettings {
        var service = service
        service.certificateAuthorities = nil
        if case .awsKMS = reference, let file = ProcessInfo.processInfo.environment["AWS_CA_BUNDLE"], !file.isEmpty {
            service.certificateAuthorities = file
        }
        return service
    }
}
