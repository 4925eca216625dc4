import AssayConsole
import AssayModel
import DigestCatalog
import Glibc
import Sigstore
import TrustPolicy

/// Finds the bundles of an artifact: beside it, or in the catalog.
struct BundleFinder: Sendable {
    let settings: Settings
    /// The catalog, if it is open already.
    var catalog: Catalog?

    /// What may stand behind an artifact's name to call its bundle, the likeliest first.
    private static let suffixes = [
        ".assay.bundle", ".bundle", ".sigstore.json", ".sigstore", ".intoto.jsonl", ".jsonl",
    ]

    /// Whether a name is a bundle's by itself. Lines of JSON may be anything.
    static func isBundleName(_ path: String) -> Bool { suffixes.contains { path.hasSuffix($0) && $0 != ".jsonl" } }

    /// What the bundles beside an artifact may be called.
    static func bundleNames(ofArtifact name: String) -> [String] { suffixes.map { name + $0 } }

    /// What the artifact may be called beside which a file of this name lies, if that is a bundle.
    static func artifactNames(ofBundle name: String) -> [String] {
        suffixes.filter { name.utf8.count > $0.utf8.count && name.utf8.reversed().starts(with: $0.utf8.reversed()) }
            .map { String(decoding: name.utf8.dropLast($0.utf8.count), as: UTF8.self) }
    }

    // MARK: Several bundles, for verifying

    /// What a file of bundles holds.
    struct Found {
        let offers: [SubjectVerifier.Offer]
        /// Whether any of them is a bundle.
        var isBundle: Bool {
            offers.contains { offer in
                if case .success = offer.bundle { true } else { false }
            }
        }
    }

    /// The bundles in a file. One that cannot be read is an offer that is none.
    static func found(in path: String) -> Found {
        let bytes: [UInt8]
        do throws(FileProblem) { bytes = try FileContents.read(path, limit: Limits().documentSize) } catch {
            let problem = SigstoreError.malformed(document: "bundle", field: "", problem: "cannot be read: \(error)")
            return Found(offers: [SubjectVerifier.Offer(name: path, bundle: .failure(problem))])
        }
        return Found(offers: SubjectVerifier.Offer.all(in: bytes, named: path))
    }

    /// The bundles that the catalog holds for a digest: one or none.
    ///
    /// - Throws: `catalog` if it cannot be read.
    func catalogOffers(for digest: SHA256Digest) throws(CommandError) -> [SubjectVerifier.Offer] {
        guard let catalog else { return [] }
        do throws(CatalogError) {
            guard let bytes = try catalog.bundleBytes(of: digest) else { return [] }
            return SubjectVerifier.Offer.all(in: bytes, named: "catalog: \(digest)")
        } catch { throw CommandError(error) }
    }

    /// The same finder with the catalog open, if there is one.
    func withCatalog() throws(CommandError) -> BundleFinder {
        guard access(settings.catalog.path, F_OK) == 0 else { return self }
        return BundleFinder(settings: settings, catalog: try Composition(settings: settings).openCatalog(.readOnly))
    }

    // MARK: One bundle, for showing

    /// The bundle in a file.
    ///
    /// - Throws: `usage` if it cannot be read.
    static func read(_ path: String) throws(CommandError) -> (name: String, bytes: [UInt8]) {
        do throws(FileProblem) {
            return (path, try FileContents.read(path, limit: Limits().documentSize))
        } catch {
            throw CommandError(.usage, "the bundle \(path) cannot be read: \(error)")
        }
    }

    /// - Throws: `incomplete` if there is none.
    func bundle(for subject: Subject) throws(CommandError) -> (name: String, bytes: [UInt8]) {
        if let file = subject.file {
            for path in Self.bundleNames(ofArtifact: file) where access(path, R_OK) == 0 {
                return try Self.read(path)
            }
        }
        let path = settings.catalog.path
        if let catalog = try withCatalog().catalog {
            do throws(CatalogError) {
                if let bytes = try catalog.bundleBytes(of: subject.digest) {
                    return ("catalog: \(subject.digest)", bytes)
                }
            } catch { throw CommandError(error) }
        }
        throw CommandError(
            .incomplete, "there is no bundle of \(subject.file ?? subject.digest.description)",
            hint:
                "It was looked for beside the file and in the catalog \(path); name it with --bundle if it lies elsewhere."
        )
    }
}
