import AssayConsole
import AssayModel
import DigestCatalog

/// What a user asks about: a digest, or a file that is hashed.
struct Subject {
    let digest: SHA256Digest
    /// The file's path, if it is one.
    let file: String?

    /// - Throws: `usage` if the text is neither a digest nor a readable file.
    init(_ text: String) throws(CommandError) {
        // A file may be called like a digest: what can be seen comes first, unless the prefix says what is meant.
        do throws(FileProblem) {
            digest = try FileContents.digest(of: text)
            file = text
        } catch {
            guard let digest = SHA256Digest(hex: text) else {
                throw CommandError(
                    .usage, "\(text) is neither a SHA-256 nor a file that can be read: \(error)",
                    hint: "A digest is 64 hexadecimal digits, with or without sha256: before them.")
            }
            self.digest = digest
            file = nil
        }
    }
}

extension Catalog {
    /// The attestation that counts: the newest success.
    func success(of digest: SHA256Digest) throws(CatalogError) -> Attestation? {
        try attestations(of: digest).first { $0.status == .success }
    }

    /// Its bundle.
    func bundleBytes(of digest: SHA256Digest) throws(CatalogError) -> [UInt8]? {
        guard let attestation = try success(of: digest) else { return nil }
        return try bundle(ofAttestation: attestation.id).map { Array($0) }
    }
}
