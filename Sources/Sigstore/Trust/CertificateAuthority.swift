internal import CCrypto
internal import Synchronization

/// An authority of the trusted root: Fulcio, which certifies signers, or one that signs timestamps.
public struct CertificateAuthority: Sendable {
    /// Where the authority answers; empty if the root does not say.
    public let uri: String
    /// When it was trusted.
    public let validity: ValidityWindow
    /// The certificates, DER: the authority's own first, the root last.
    public var certificates: [[UInt8]] { chain.map(\.der) }

    let chain: [CertificateHandle]
    /// When it was trusted and all its certificates were valid.
    let effectiveValidity: ValidityWindow
    private let field: String
    private let proof: Proof

    /// That each certificate of the chain was issued by the next, once somebody has looked.
    private final class Proof: Sendable {
        let isGiven: Mutex<Bool>
        init(_ isGiven: Bool) { self.isGiven = Mutex(isGiven) }
    }

    /// - Throws: `malformed` with what is wrong: an empty chain, a certificate that cannot be read, or, if the chain is
    ///   to be proven at once, one that the next did not issue.
    init(
        uri: String, chain certificates: [[UInt8]], validity: ValidityWindow, field: String,
        proof: TrustedRoot.ChainProof
    ) throws(SigstoreError) {
        guard !certificates.isEmpty else { throw Self.fault(field, "is missing or empty") }
        var chain: [CertificateHandle] = []
        var effective = validity
        for certificate in certificates {
            let handle = try CertificateHandle(der: certificate)
            effective = effective.intersection(try handle.validity())
            chain.append(handle)
        }
        self.uri = uri
        self.validity = validity
        self.chain = chain
        effectiveValidity = effective
        self.field = field
        self.proof = Proof(proof == .given)
        if proof == .atOnce { try prove() }
    }

    /// Makes sure that each certificate of the chain was issued by the next, so that verifying need not go beyond the
    /// certificate that issued a signer's. It is proven once, at a moment when all of them are valid; without one the
    /// authority verifies nothing anyway.
    ///
    /// - Throws: `malformed` with the first one that was not.
    func prove() throws(SigstoreError) {
        guard !effectiveValidity.isEmpty, !proof.isGiven.withLock({ $0 }) else { return }
        for index in chain.indices.dropLast() {
            do throws(CertificatePath.Failure) {
                _ = try CertificatePath.issuer(
                    of: chain[index], trusted: [chain[index + 1]], at: effectiveValidity.start)
            } catch {
                throw Self.fault(
                    field, "has a certificate \(index) that certificate \(index + 1) did not issue: \(error.reason)")
            }
        }
        proof.isGiven.withLock { $0 = true }
    }

    private static func fault(_ field: String, _ problem: String) -> SigstoreError {
        .malformed(document: TrustedRoot.document, field: field + ".certChain", problem: problem)
    }

    /// What the certificates say, in their order.
    public var chainCertificates: [Certificate] { chain.map { Certificate($0) } }

    /// The key that the authority itself signs with; nil if it is of a kind that nothing here verifies with.
    public var key: PublicKey? { chain.first.flatMap { try? PublicKey(der: $0.publicKeyDER()) } }

    /// For messages.
    var name: String { uri.isEmpty ? chain.first?.name ?? "" : uri }
}
