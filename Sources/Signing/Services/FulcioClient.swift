public import Sigstore

/// Fulcio, which certifies keys to those who show an identity token (API version 2).
public struct FulcioClient: CertificateAuthorityClient {
    private let client: ServiceClient

    private static let operation = "give a certificate"

    /// - Parameter url: the service's base URL.
    /// - Throws: `configuration` if nothing can be asked under this URL or with these settings.
    public init(url: String, settings: ServiceSettings = ServiceSettings()) throws(SigningError) {
        client = try ServiceClient(url, settings: settings)
    }

    /// A check that verifiers with this trusted root will accept the service's certificates: the chain to an authority,
    /// and the promise of a certificate log (client specification, 3.3). Its failures are `untrue`.
    public func check(by verifier: Verifier) -> KeylessSigner.Check {
        { (certificate, time) throws(SigningError) in
            try client.judging(Self.operation) { () throws(SigstoreError) in
                _ = try verifier.check(certificate: certificate.leaf, at: time)
            }
        }
    }

    public var url: String { client.url }

    public func certificate(
        for publicKey: PublicKey, token: IdentityToken, proof: [UInt8]
    ) async throws(SigningError) -> IssuedCertificate {
        let pem: String
        do throws(SigstoreError) {
            pem = try publicKey.pem()
        } catch {
            throw .sigstore(error)
        }
        var request = ServiceRequest(Self.operation, path: "/api/v2/signingCert").posting(
            [
                "publicKeyRequest": .object(
                    [
                        "publicKey": .object(
                            [
                                "algorithm": .string(Self.name(of: publicKey)), "content": .string(pem),
                            ]),
                        "proofOfPossession": .string(Base64.text(of: proof)),
                    ])
            ])
        request.bearer = token.compact
        request.accepted = [200, 201]
        let answer: ServiceAnswer
        do throws(SigningError) {
            answer = try await client.ask(request)
        } catch {
            throw Self.refusal(error) ?? error
        }
        return try issued(answer, for: publicKey)
    }

    /// `dev.sigstore.fulcio.v2.PublicKeyAlgorithm`. It is a hint: Fulcio looks at the key.
    private static func name(of key: PublicKey) -> String {
        switch key.algorithm {
        case "Ed25519": "ED25519"
        case let name where name.hasPrefix("RSA"): "RSA_PSS"
        default: "ECDSA"
        }
    }

    /// What a failure says about the token, if it is about that. Fulcio answers 400 to a token that it does not accept.
    private static func refusal(_ error: SigningError) -> SigningError? {
        guard case .service(_, let url, let status?, let reason, false) = error,
            status == 401 || status == 403 || status == 400 && reason.contains("identity token")
        else { return nil }
        return .token(
            reason: "\(url) does not accept the identity token (HTTP \(status)): \(reason)",
            advice: "Check that the service trusts the token's issuer, that the token is for its audience, and that it"
                + " has not expired.")
    }

    private func issued(_ answer: ServiceAnswer, for key: PublicKey) throws(SigningError) -> IssuedCertificate {
        let json = try client.json(answer, Self.operation)
        guard json["signedCertificateDetachedSct"] == nil else {
            throw .service(
                operation: Self.operation, url: url, status: answer.status,
                reason: "the promise of its certificate log is detached (signedCertificateDetachedSct), which a bundle"
                    + " cannot hold; the service must be set up to embed it into certificates",
                mayPass: false)
        }
        guard let certificates = json["signedCertificateEmbeddedSct"]?["chain"]?["certificates"]?.array,
            !certificates.isEmpty, certificates.count <= client.limits.certificates
        else { throw untrue("it holds no certificate chain, or one that is too long") }
        var chain = try client.judging(Self.operation) { () throws(SigstoreError) in
            var chain: [[UInt8]] = []
            for certificate in certificates { chain.append(try Certificate.der(pem: certificate.string ?? "")) }
            return chain
        }
        let leaf = chain.removeFirst()
        let (certified, content) = try client.judging(Self.operation) { () throws(SigstoreError) in
            (try Certificate.publicKey(leaf), try Certificate(der: leaf))
        }
        guard certified.der == key.der else { throw untrue("the certificate is for another key") }
        guard let validity = content.validity, let end = validity.end else {
            throw untrue("the certificate does not say how long it is valid")
        }
        return IssuedCertificate(leaf: leaf, chain: chain, notBefore: validity.start, notAfter: end)
    }

    private func untrue(_ reason: String) -> SigningError {
        .untrue(operation: Self.operation, url: url, reason: reason)
    }
}
