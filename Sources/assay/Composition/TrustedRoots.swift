import AssayConsole
import Sigstore

/// Loads the trusted root that certificates, logs and timestamps are held against.
enum TrustedRoots {
    struct Loaded {
        let root: TrustedRoot
        let origin: Origin
    }

    enum Origin {
        case files([String])
        /// The one of the public-good instance, of `TrustedRoot.publicGoodDate`.
        case builtIn
        case updated(TrustFolder.Update)
    }

    /// The root of the files a user named; of none, the file of the settings; without it, the one that `assay trust update` fetched last, and of none, or one
    /// that is older than the program's own, the built-in one. Nothing is asked of the network.
    ///
    /// - Throws: `usage` if a file, or what the last update left, cannot be used.
    static func load(_ files: [String], _ settings: Settings) throws(CommandError) -> Loaded {
        let files = files.isEmpty ? [settings.trustedRoot?.path].compactMap(\.self) : files
        if !files.isEmpty {
            var roots: [TrustedRoot] = []
            for path in files { roots.append(try read(path)) }
            return Loaded(root: TrustedRoot(merging: roots), origin: .files(files))
        }
        let builtIn: TrustedRoot
        do throws(SigstoreError) { builtIn = try .publicGood() } catch {
            throw CommandError(.unexpected, "the built-in trusted root cannot be used: \(error)")
        }
        guard let installed = try TrustFolder(settings).installed() else {
            return Loaded(root: builtIn, origin: .builtIn)
        }
        // Only roots of the same instance can be compared. A program that was upgraded may know more than an old update.
        let isOlder = installed.update.mirror == PublicGoodMirror.address && newest(installed.root) < newest(builtIn)
        return isOlder
            ? Loaded(root: builtIn, origin: .builtIn)
            : Loaded(root: installed.root, origin: .updated(installed.update))
    }

    /// The root of one file.
    static func read(_ path: String) throws(CommandError) -> TrustedRoot {
        do throws(FileProblem) {
            let bytes = try FileContents.read(path, limit: Limits().documentSize)
            do throws(SigstoreError) { return try TrustedRoot(parsing: bytes, proof: .whenNeeded) } catch {
                throw FileProblem("\(error)")
            }
        } catch { throw CommandError(.usage, "the trusted root \(path) cannot be used: \(error)") }
    }

    /// When the newest key of a root came into use, which tells how new the root is.
    private static func newest(_ root: TrustedRoot) -> UTCTime {
        let starts =
            (root.certificateAuthorities + root.timestampAuthorities).map(\.validity.start)
            + (root.transparencyLogs + root.certificateLogs).map(\.validity.start)
        return starts.max() ?? UTCTime(seconds: 0)
    }
}
