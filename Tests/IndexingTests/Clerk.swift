import AssayModel
import DigestCatalog
import Indexing
import Provenance
import Signing
import Sigstore
import Synchronization

/// A real key whose signatures are counted, and refused where a test says so.
final class Clerk: Signer {
    let key: SigningKey
    let identity = "a clerk"
    private let state = Mutex((calls: 0, statements: [[UInt8]]()))
    private let refuses: @Sendable (Statement) -> Bool
    private let beforeCall: @Sendable (Int) throws(SigningError) -> Void

    init(
        refuses: @escaping @Sendable (Statement) -> Bool = { _ in false },
        beforeCall: @escaping @Sendable (Int) throws(SigningError) -> Void = { _ in }
    ) throws {
        key = try SigningKey.generate()
        self.refuses = refuses
        self.beforeCall = beforeCall
    }

    var calls: Int { state.withLock { $0.calls } }
    func statements() throws -> [Statement] {
        try state.withLock { $0.statements }.map { try Statement(parsing: $0) }
    }

    func sign(statement: [UInt8]) async throws(SigningError) -> SigstoreBundle {
        let calls = state.withLock { state in
            state.calls += 1
            state.statements.append(statement)
            return state.calls
        }
        try beforeCall(calls)
        do throws(SigstoreError) {
            if refuses(try Statement(parsing: statement)) {
                throw .cryptography(operation: "sign the statement", reason: "the key is locked away")
            }
            return try key.sign(statement: statement)
        } catch { throw .sigstore(error) }
    }

    func sign(artifact: [UInt8]) async throws(SigningError) -> SigstoreBundle {
        throw .configuration(reason: "A clerk signs statements only", advice: "Ask for one")
    }

    func attester(
        of catalog: Catalog, scope: Attester.Scope = .digest, log: (any Witness)? = nil, at time: Timestamp = now,
        sources: [Source]? = nil
    ) -> Attester {
        var options = Attester.Options(lifetime: twoYears)
        options.scope = scope
        options.concurrency = 4
        options.sources = sources
        return Attester(
            catalog: catalog, notary: Notary(signer: self, log: log, check: check),
            observer: Observation.Observer(version: "1.2.3"), options: options, now: { time })
    }

    /// Everything but what logs say.
    var check: Notary.Check {
        let policy = VerificationPolicy.key(
            key.publicKey, expecting: .statement(predicateType: PredicateType.slsaProvenanceV1)
        ).insecureIgnoringTransparencyLog().insecureIgnoringTime()
        let verifier = Verifier(root: .empty)
        return { bundle, artifact, _ throws(SigstoreError) in
            _ = try verifier.verify(bundle, artifact: artifact, policy: policy)
        }
    }

    @discardableResult
    func attest(
        _ workshop: Workshop, scope: Attester.Scope = .digest, log: (any Witness)? = nil, at time: Timestamp = now,
        sources: [Source]? = nil
    ) async throws -> AttestReport {
        try await attester(of: workshop.catalog, scope: scope, log: log, at: time, sources: sources).run { _ in }
    }
}
