import ArtifactView
import AssayConsole
import AssayFUSE
import DigestCatalog
import Indexing
import ObjectStorage
import Signing
import Sigstore
import TUF
import TrustPolicy

/// The one place where the modules' errors become exit codes; no case is left to a default.
extension CommandError {
    /// - Parameter location: what was asked for.
    init(_ error: ObjectStorageError, at location: String) {
        switch error {
        case .configuration: self.init(.usage, "\(location): \(error)")
        case .notFound, .changed, .shortRead, .wrongRange, .denied, .transient, .unavailable, .invalidResponse:
            self.init(.source, "\(location): \(error)")
        case .cancelled: self.init(.interrupted, "\(error)")
        }
    }

    init(_ error: CatalogError) {
        switch error {
        case .nameTaken, .badName: self.init(.usage, "\(error)")
        case .cannotOpen, .notACatalog, .newer, .held, .database: self.init(.catalog, "\(error)")
        }
    }

    /// - Parameter location: what was read, or the catalog that was worked on.
    init(_ error: IndexingError, at location: String) {
        switch error {
        case .source(let error): self.init(error, at: location)
        case .catalog(let error): self.init(error)
        case .signing(let error): self.init(error)
        case .cancelled: self.init(.interrupted, "it was interrupted", hint: "Run the command again to go on.")
        }
    }

    init(_ error: SigningError) {
        switch error {
        case .service(_, _, _, _, let mayPass):
            self.init(
                .source, "\(error)",
                hint: mayPass ? "Run the command again when the service is back; it goes on where it was." : nil)
        case .untrue: self.init(.verification, "\(error)")
        case .token(let reason, let advice), .configuration(let reason, let advice):
            self.init(.usage, reason, hint: advice)
        case .sigstore(let error): self.init(.verification, "\(error)")
        case .cancelled: self.init(.interrupted, "it was interrupted", hint: "Run the command again to go on.")
        }
    }

    init(key path: String, _ error: SigstoreError) {
        let hint: String? =
            switch error {
            case .key(.passphraseNeeded), .key(.wrongPassphrase):
                "Give the password in ASSAY_KEY_PASSWORD or in a file named by --key-password-file."
            default: nil
            }
        self.init(.usage, "the key \(path) cannot be used: \(error)", hint: hint)
    }

    init(_ error: TrustPolicyError) {
        let hint: String? =
            switch error {
            case .unreadable: "Check the path and the file's permissions; a policy's own paths start in its folder."
            case .malformed(_, _, let hint): hint
            }
        self.init(.usage, "\(error)", hint: hint)
    }

    /// - Parameter mirror: what was asked.
    init(_ error: TUFError, at mirror: String) {
        let message = "the trusted root is not updated from \(mirror): \(error)"
        switch error {
        case .mirror, .notFound: self.init(.source, message)
        case .location: self.init(.usage, message)
        case .malformed, .signatures, .version, .vanished, .expired, .length, .hash, .limitExceeded, .unknownTarget:
            self.init(.verification, message, hint: "What was trusted before stays as it was.")
        case .cache: self.init(.output, message)
        case .cryptography: self.init(.unexpected, message)
        case .cancelled: self.init(.interrupted, "\(error)")
        }
    }

    init(_ error: MountError) { self.init(.mount, "\(error)") }
}
