import AssayConsole
import Signing
import Sigstore

/// Which settings of signing go together, and what those mean that are not given.
enum SigningRules {
    static func now() -> UTCTime { UTCTime(seconds: Composition.now().seconds) }

    /// - Throws: `usage` if one setting says what another one denies: nobody shall believe to have signed in another way.
    static func check(_ settings: Settings) throws(CommandError) {
        func refuse(_ problem: String, _ hint: String) -> CommandError { CommandError(.usage, problem, hint: hint) }
        let urls = [
            (settings.isSet(\.fulcioURL), settings.mention(\.fulcioURL)),
            (settings.isSet(\.rekorURL), settings.mention(\.rekorURL)),
            (settings.isSet(\.timestampURL), settings.mention(\.timestampURL)),
        ]
        let ofKeyless = [
            urls[0], (settings.isSet(\.identityTokenFile), settings.mention(\.identityTokenFile)),
            (settings.isSet(\.identityTokenCommand), settings.mention(\.identityTokenCommand)),
        ]
        if settings.keyless, settings.isSet(\.key) {
            throw refuse(
                "\(settings.mention(\.keyless)) and \(settings.mention(\.key)) exclude each other",
                "Sign either as a workload or with a key; --no-keyless takes back what the configuration says.")
        }
        if !settings.keyless, let first = ofKeyless.first(where: \.0) {
            throw refuse(
                "\(first.1) is for keyless signing, which is not asked for", "Add --keyless, or leave it out.")
        }
        if settings.isSet(\.signingConfig), let first = urls.first(where: \.0) {
            throw refuse(
                "\(settings.mention(\.signingConfig)) and \(first.1) exclude each other",
                "Name the services in one of the two ways.")
        }
        if settings.isSet(\.identityTokenFile), settings.isSet(\.identityTokenCommand) {
            throw refuse(
                "\(settings.mention(\.identityTokenFile)) and \(settings.mention(\.identityTokenCommand)) exclude each other",
                "Say in one way where the identity token comes from.")
        }
        if settings.isSet(\.rekorVersion), !settings.isSet(\.rekorURL) {
            throw refuse(
                "\(settings.mention(\.rekorVersion)) says how a log is spoken to, and no log is named",
                "Give its address with --rekor-url, or leave the version out.")
        }
        if settings.keyless, !urls[0].0, let first = urls.dropFirst().first(where: \.0) {
            throw refuse(
                "\(first.1) names a service of yours, and it is not said which authority certifies identities",
                "Give --fulcio-url, too, or all services in a --signing-config.")
        }
    }

    /// The signing configuration that is in force; nil if URLs, or no services at all, are.
    static func configuration(_ settings: Settings) throws(CommandError) -> SigningConfig? {
        if let file = settings.signingConfig { return try read(file.path) }
        guard settings.keyless, !settings.isSet(\.fulcioURL) else { return nil }
        // Services of the public instance do not go with a root of one's own, and must not see the token.
        guard !settings.isSet(\.trustedRoot) else {
            throw CommandError(
                .usage,
                "\(settings.mention(\.trustedRoot)) names whom to trust, and it is not said which services sign",
                hint: "Give --signing-config FILE, or --fulcio-url, --rekor-url and --timestamp-url.")
        }
        if let updated = try TrustFolder(settings).signingConfig() { return updated }
        do throws(SigstoreError) { return try .publicGood() } catch {
            throw CommandError(.unexpected, "the built-in signing config cannot be used: \(error)")
        }
    }

    /// Who certifies identities, by a signing configuration.
    static func authority(of configuration: SigningConfig?) throws(SigningError) -> String {
        guard let service = configuration?.certificateAuthorities.usable(at: now(), versions: [1]).first else {
            throw .configuration(
                reason: "The signing config names no authority that certifies identities now (caUrls)",
                advice: "Get a newer one, or name the services by their URLs.")
        }
        return service.url
    }

    static func read(_ path: String) throws(CommandError) -> SigningConfig {
        do throws(FileProblem) {
            let bytes = try FileContents.read(path, limit: Limits().documentSize)
            do throws(SigstoreError) { return try SigningConfig(parsing: bytes) } catch {
                throw FileProblem("\(error)")
            }
        } catch { throw CommandError(.usage, "the signing config \(path) cannot be used: \(error)") }
    }
}
