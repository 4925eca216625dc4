import AssayConsole
import DigestCatalog
import Glibc
import Sigstore

/// Finds the bundle of an artifact: beside it, or in the catalog.
struct BundleFinder {
    let settings: Settings

    /// What may stand behind an artifact's name to call its bundle, the likeliest first.
    private static let suffixes = [".assay.bundle", ".bundle", ".sigstore.json", ".sigstore"]

    static func isBundleName(_ path: String) -> Bool { suffixes.contains { path.hasSuffix($0) } }

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
            for path in Self.suffixes.map({ file + $0 }) where access(path, R_OK) == 0 {
                return try Self.read(path)
            }
        }
        let path = settings.catalog.path
        if access(path, F_OK) == 0 {
            let catalog = try Composition(settings: settings).openCatalog(.readOnly)
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
