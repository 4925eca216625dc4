import AssayConsole
import FoundationEssentials
import Signing
import Sigstore

/// What `assay sign` signs: files themselves, a predicate about each, or a statement as it is.
struct SignedContents {
    private enum Kind {
        case file
        case predicate(JSONValue, type: String)
        case statement([UInt8], name: String)
    }

    private let kind: Kind
    let expectation: VerificationPolicy.Expectation

    /// A file is signed as a whole in memory; of a larger one a statement can be signed, which needs its digest only.
    private static let fileLimit = 1 << 30

    /// - Throws: `usage` if a file cannot be used.
    init(predicate: String?, type: String?, statement: String?) throws(CommandError) {
        if let statement {
            kind = .statement(try Self.read(statement, "the statement"), name: statement)
            expectation = .statementOfAnyType
        } else if let predicate, let type {
            guard let uri = PredicateType.named(type) else {
                let known = PredicateType.shortNames.map(\.key).joined(separator: ", ")
                throw CommandError(
                    .usage, "--type \(type) is no type of a predicate", hint: "Give a URI, or one of \(known).")
            }
            let bytes = try Self.read(predicate, "the predicate")
            do throws(SigstoreError) {
                kind = .predicate(try JSONValue(parsing: bytes), type: uri)
            } catch { throw CommandError(.usage, "the predicate \(predicate) cannot be used: \(error)") }
            expectation = .statement(predicateType: uri)
        } else {
            kind = .file
            expectation = .messageSignature
        }
    }

    /// The whole bundle of a file, or of the statement alone.
    func sign(_ file: String?, by notary: Notary) async throws(CommandError) -> SigstoreBundle {
        switch kind {
        case .file:
            let bytes = try Self.read(file ?? "", "the file", limit: Self.fileLimit)
            let artifact = try sigstore(file) { () throws(SigstoreError) in try ArtifactIdentity(bytes: bytes) }
            return try await finish(artifact, notary) { () async throws(SigningError) in
                try await notary.sign(artifact: bytes)
            }
        case .predicate(let predicate, let type):
            let artifact = try Self.artifact(file ?? "")
            let subject: JSONObject = [
                "name": .string(URL(fileURLWithPath: file ?? "").lastPathComponent),
                "digest": .object(["sha256": .string(Hex.text(of: artifact.digests[.sha256] ?? []))]),
            ]
            let statement: JSONObject = [
                "_type": .string(Statement.Version.v1.rawValue), "subject": .array([.object(subject)]),
                "predicateType": .string(type), "predicate": predicate,
            ]
            let bytes = JSONValue.object(statement).bytes
            return try await finish(artifact, notary) { () async throws(SigningError) in
                try await notary.sign(statement: bytes, about: artifact)
            }
        case .statement(let bytes, let name):
            let artifact =
                if let file { try Self.artifact(file) } else {
                    try sigstore(name) { () throws(SigstoreError) in try Statement(parsing: bytes).artifact() }
                }
            return try await finish(artifact, notary) { () async throws(SigningError) in
                try await notary.sign(statement: bytes, about: artifact)
            }
        }
    }

    private func finish(
        _ artifact: ArtifactIdentity, _ notary: Notary, _ sign: () async throws(SigningError) -> SigstoreBundle
    ) async throws(CommandError) -> SigstoreBundle {
        do throws(SigningError) { return try await notary.log(try await sign(), about: artifact) } catch {
            throw CommandError(error)
        }
    }

    private func sigstore<R>(_ name: String?, _ body: () throws(SigstoreError) -> R) throws(CommandError) -> R {
        do { return try body() } catch { throw CommandError(.usage, "\(name ?? "") cannot be signed: \(error)") }
    }

    private static func artifact(_ path: String) throws(CommandError) -> ArtifactIdentity {
        do { return try FileContents.identity(of: path, [.sha256, .sha384, .sha512]).artifact } catch {
            throw CommandError(.usage, "the file \(path) cannot be read: \(error)")
        }
    }

    private static func read(
        _ path: String, _ what: String, limit: Int = Limits().documentSize
    ) throws(CommandError) -> [UInt8] {
        do { return try FileContents.read(path, limit: limit) } catch {
            throw CommandError(.usage, "\(what) \(path) cannot be read: \(error)")
        }
    }
}
