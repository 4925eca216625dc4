public import Sigstore

/// Signs as a key that verifiers have: the bundles carry its hint.
public struct KeySigner: Signer {
    private let source: any SignatureSource
    private let limits: Limits

    /// - Parameter limits: the bounds on statements.
    public init(_ source: any SignatureSource, limits: Limits = Limits()) {
        self.source = source
        self.limits = limits
    }

    public var identity: String { "the key \(source.publicKey.hint)" }

    public func sign(statement: [UInt8]) async throws(SigningError) -> SigstoreBundle {
        try await .signed(statement: statement, as: signer, by: source, limits: limits)
    }

    public func sign(artifact: [UInt8]) async throws(SigningError) -> SigstoreBundle {
        try await .signed(artifact: artifact, as: signer, by: source)
    }

    private var signer: SigstoreBundle.Signer { .publicKey(hint: source.publicKey.hint) }
}
