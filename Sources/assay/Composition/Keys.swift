import AssayConsole
import FoundationEssentials
import Glibc
import Sigstore

/// A signing key, and where it came from.
struct LoadedKey: Sendable {
    let key: SigningKey
    let path: String
    /// It was not there and has just been made.
    let isNew: Bool
}

/// Reads and writes key files.
enum Keys {
    /// A key file is a few hundred bytes; what is larger is something else.
    private static let sizeLimit = 64 << 10

    /// The signing key that the settings name. The one at the default place is made on first use.
    static func signingKey(_ settings: Settings) throws(CommandError) -> LoadedKey {
        let path = settings.key.path
        if access(path, F_OK) != 0 {
            guard !settings.isSet(\.key) else {
                throw CommandError(
                    .usage, "there is no key at \(path)", hint: "`assay key generate --key \(path)` makes one.")
            }
            let made = try generate(at: path, publicPath: publicPath(for: path), settings, replacing: false)
            return LoadedKey(key: made, path: path, isNew: true)
        }
        let pem = SecretBytes(try read(path))
        let passphrase = try passphrase(settings)
        do throws(SigstoreError) {
            return LoadedKey(key: try SigningKey(pem: pem, passphrase: passphrase), path: path, isNew: false)
        } catch { throw CommandError(key: path, error) }
    }

    /// The key to verify with: a public one, or the public half of a private one.
    static func publicKey(_ settings: Settings) throws(CommandError) -> PublicKey {
        guard settings.isSet(\.key) else {
            throw CommandError(
                .usage, "whom to trust was not said", hint: "Give the signer's public key with --key FILE.")
        }
        let path = settings.key.path
        let bytes = try read(path)
        do throws(SigstoreError) {
            return try PublicKey(pem: bytes)
        } catch {
            if case .key(.privateKeyGiven) = error { return try signingKey(settings).key.publicKey }
            throw CommandError(key: path, error)
        }
    }

    static func publicPath(for path: String) -> String {
        (path.hasSuffix(".pem") ? String(path.dropLast(4)) : path) + ".pub.pem"
    }

    /// Makes a key pair and writes both halves, each whole or not at all.
    static func generate(
        at path: String, publicPath: String, _ settings: Settings, replacing: Bool
    ) throws(CommandError) -> SigningKey {
        let passphrase = try passphrase(settings)
        let key: SigningKey
        let pem: SecretBytes
        let publicPEM: String
        do throws(SigstoreError) {
            key = try SigningKey.generate()
            pem = try key.pem(passphrase: passphrase)
            publicPEM = try key.publicKey.pem()
        } catch { throw CommandError(key: path, error) }
        // Either may be all that is left of a pair whose bundles are still to be verified.
        for taken in [path, publicPath] where !replacing && access(taken, F_OK) == 0 {
            throw CommandError(
                .usage, "\(taken) is there already",
                hint:
                    "Keep it: it verifies what its key signed. Choose other names, or use `assay key generate --force`."
            )
        }
        // The public half first: it can be had again from the private one, but not the other way round.
        try NewFile.write(Array(publicPEM.utf8), to: publicPath, mode: 0o644, replacing: replacing)
        do throws(CommandError) {
            try NewFile.write(pem.withUnsafeBytes { Array($0) }, to: path, mode: 0o600, replacing: replacing)
        } catch {
            if !replacing { unlink(publicPath) }
            throw error
        }
        return key
    }

    private static func passphrase(_ settings: Settings) throws(CommandError) -> SecretBytes? {
        try settings.keyPassword().map { SecretBytes($0.utf8) }
    }

    private static func read(_ path: String) throws(CommandError) -> [UInt8] {
        do {
            return try FileContents.read(path, limit: sizeLimit)
        } catch {
            throw CommandError(.usage, "the key \(path) cannot be read: \(error)")
        }
    }
}
