import ArgumentParser
import AssayConsole

/// `assay key`: signing keys.
struct KeyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key", abstract: "Make signing keys.", subcommands: [KeyGenerateCommand.self])
}

/// `assay key generate`: a new key pair.
struct KeyGenerateCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "generate",
        abstract: "Make a key pair to sign with.",
        usage: "assay key generate [<options>]",
        discussion: """
            The private key is PKCS#8 PEM (EC P-256), readable by its owner alone, and encrypted if a password is given \
            in ASSAY_KEY_PASSWORD or with --key-password-file. Give the public key to whoever shall verify.

            EXAMPLES:
              assay key generate
              assay key generate --key release.pem --public-key release.pub.pem
              ASSAY_KEY_PASSWORD=... assay key generate --key release.pem
            """)

    @OptionGroup var common: CommonFlags
    @OptionGroup(title: "Key") var keys: KeyFlags
    @Option(name: .customLong("public-key"), help: "Where to write the public key (default: beside the key, .pub.pem).")
    var publicKey: String?
    @Flag(help: "Replace a key that is there. What it signed stays valid; keep its public key.")
    var force = false

    var settingGroups: [any SettingGroup] { [keys] }

    private struct Result: Encodable {
        let key: String
        let publicKey: String
        let hint: String
        let isEncrypted: Bool
    }

    func run(settings: Settings, console: Console) async throws(CommandError) -> CommandStatus {
        let path = settings.key.path
        let publicPath = publicKey ?? Keys.publicPath(for: path)
        let key = try Keys.generate(at: path, publicPath: publicPath, settings, replacing: force)
        let result = Result(
            key: path, publicKey: publicPath, hint: key.publicKey.hint,
            isEncrypted: try settings.keyPassword() != nil)
        console.result(result) {
            """
            Private key: \(path)\(result.isEncrypted ? " (encrypted)" : " (not encrypted)")
            Public key:  \(publicPath)
            Hint:        \(result.hint)
            """
        }
        return .success
    }
}
