internal import CCrypto

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

    /// - Throws: `malformed` with what is wrong: an empty chain, a certificate that cannot be read, or one that the
    ///   next did not issue.
    init(
        uri: String, chain certificates: [[UInt8]], validity: ValidityWindow, field: String, proving: Bool
    ) throws(SigstoreError) {
        func fault(_ problem: String) -> SigstoreError {
            .malformed(document: TrustedRoot.document, field: field + ".certChain", problem: problem)
        }
        guard !certificates.isEmpty else { throw fault("is missing or empty") }
        var chain: [CertificateHandle] = []
        var effective = validity
        for certificate in certificates {
            let handle = try CertificateHandle(der: certificate)
            effective = effective.intersection(try handle.validity())
            chain.append(handle)
        }
        // Proven once, here, so that verifying need not go beyond the certificate that issued a signer's. It is proven
        // at a moment when all of them are valid; without one the authority verifies nothing anyway.
        for index in chain.indices.dropLast() where proving && !effective.isEmpty {
            do throws(CertificatePath.Failure) {
                _ = try CertificatePath.issuer(of: chain[index], trusted: [chain[index + 1]], at: effective.start)
            } catch {
                throw fault("has a certificate \(index) that certificate \(index + 1) did not issue: \(error.reason)")
            }
        }
        self.uri = uri
        self.validity = validity
        self.chain = chain
        effectiveValidity = effective
    }

    /// What the certificates say, in their order.
    public var chainCertificates: [Certificate] { chain.map { Certificate($0) } }

    /// The key that the authority itself signs with; nil if it is of a kind that nothing here verifies with.
    public var key: PublicKey? { chain.first.flatMap { try? PublicKey(der: $0.publicKeyDER()) } }

    /// For messages.
    var name: String { uri.isEmpty ? chain.first?.name ?? "" : uri }
}
