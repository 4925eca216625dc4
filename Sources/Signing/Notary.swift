public import Sigstore

/// Makes bundles that verify: signs, has the signature witnessed, and checks the result before anyone gets it.
///
/// The work has two halves, so that whoever keeps bundles can record the first before the second begins: what a log
/// was asked to record must not be lost, or it would be recorded twice. Any number of tasks may ask at once.
public struct Notary: Sendable {
    /// Whether a bundle proves what it shall about an artifact. Before a log was asked there is no entry to look at.
    public typealias Check =
        @Sendable (_ bundle: SigstoreBundle, _ artifact: ArtifactIdentity, _ isLogged: Bool) throws(SigstoreError) ->
        Void

    private let signer: any Signer
    private let timestamps: (any Witness)?
    private let log: (any Witness)?
    private let check: Check

    /// - Parameters:
    ///   - timestamps: who vouches for the time of signing; nil for nobody.
    ///   - log: who records the signature for all to see; nil for nobody.
    ///   - check: holds every bundle against what verifiers will trust.
    public init(
        signer: any Signer, timestamps: (any Witness)? = nil, log: (any Witness)? = nil, check: @escaping Check
    ) {
        self.signer = signer
        self.timestamps = timestamps
        self.log = log
        self.check = check
    }

    /// Who signs, for a person.
    public var identity: String { get async { await signer.identity } }

    /// Whether a signed bundle still has to be logged before it is whole.
    public var hasLog: Bool { log != nil }

    /// A bundle of the statement, signed, with its timestamps, checked but for the log.
    ///
    /// - Parameter artifact: one that the statement is about.
    /// - Throws: what the signer and the timestamp authorities throw; `sigstore` if the bundle does not verify.
    public func sign(
        statement: [UInt8], about artifact: ArtifactIdentity
    ) async throws(SigningError) -> SigstoreBundle {
        try await finish(try await signer.sign(statement: statement), artifact)
    }

    /// A bundle with a signature over the artifact itself, with its timestamps, checked but for the log.
    ///
    /// - Throws: what the signer and the timestamp authorities throw; `sigstore` if the bundle does not verify.
    public func sign(artifact bytes: [UInt8]) async throws(SigningError) -> SigstoreBundle {
        let artifact: ArtifactIdentity
        do { artifact = try ArtifactIdentity(bytes: bytes) } catch { throw .sigstore(error) }
        return try await finish(try await signer.sign(artifact: bytes), artifact)
    }

    /// The bundle with the log's entry, checked whole; the bundle itself if there is no log.
    ///
    /// It may be asked again for a bundle that was logged already. One that an earlier run left may be of another signer:
    /// it is checked before the log is asked, since what a log has recorded it keeps.
    ///
    /// - Throws: what the log throws; `sigstore` if the bundle does not verify.
    public func log(
        _ bundle: SigstoreBundle, about artifact: ArtifactIdentity
    ) async throws(SigningError) -> SigstoreBundle {
        do { try check(bundle, artifact, false) } catch { throw .sigstore(error) }
        guard let log else { return bundle }
        let logged = try await log.witness(bundle)
        do { try check(logged, artifact, true) } catch { throw .sigstore(error) }
        return logged
    }

    private func finish(
        _ signed: SigstoreBundle, _ artifact: ArtifactIdentity
    ) async throws(SigningError) -> SigstoreBundle {
        var bundle = signed
        if let timestamps { bundle = try await timestamps.witness(bundle) }
        do { try check(bundle, artifact, false) } catch { throw .sigstore(error) }
        return bundle
    }
}

extension SigningError {
    /// Whether the same signature may yet become a bundle that verifies: the service could not be reached, or its answer
    /// is what is wrong.
    public var leavesSignatureUsable: Bool {
        switch self {
        case .service, .untrue, .token, .configuration, .cancelled: true
        case .sigstore(.rejected(let rejection)):
            switch rejection.stage {
            case .transparencyLog, .logBody, .logPromise, .inclusionProof, .checkpoint: true
            default: false
            }
        case .sigstore: false
        }
    }

    /// Whether the next artifact would fare no better: a service is away, or there is no identity to sign with.
    public var concernsAll: Bool {
        switch self {
        case .service, .token, .configuration, .cancelled: true
        case .untrue, .sigstore: false
        }
    }

    /// Whether another artifact would fare no better at this moment: there is no identity, or a service is away, which is
    /// more than that it refuses one request.
    public var isForNow: Bool {
        switch self {
        case .service(_, _, _, _, let mayPass): mayPass
        case .token, .configuration: true
        case .untrue, .sigstore, .cancelled: false
        }
    }
}
