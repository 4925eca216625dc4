import AssayConsole
import Signing
import Sigstore
import Synchronization

/// A signer that is ready, with those who witness what it signs.
struct SigningSession: Sendable {
    let signer: any Signer
    /// Nil if certificates say who signs.
    let publicKey: PublicKey?
    let keyName: String?
    /// The path of a key that has just been made.
    let madeKey: String?
    let ledger: CertificateLedger
    let witnesses: WitnessPlan
    let root: TrustedRoot

    /// Signs, and lets out what a verifier accepts who trusts the root.
    ///
    /// The certificate's identity is not compared: it is ours, whatever name the authority gives us.
    func notary(expecting: VerificationPolicy.Expectation) -> Notary {
        let policy = publicKey.map { VerificationPolicy.key($0, expecting: expecting) }
        return Notary(
            signer: signer, witnesses: witnesses, root: root,
            policy: policy ?? .insecureAnyIdentity(expecting: expecting))
    }

    /// What there is to be told before anything is signed.
    func announce(on console: Console) {
        guard let madeKey else { return }
        console.note("Made a signing key: \(madeKey); its public key is \(Keys.publicPath(for: madeKey))")
    }

    var summary: Summary {
        Summary(
            kind: publicKey == nil ? "certificate" : "key", key: keyName, hint: publicKey?.hint,
            identities: publicKey == nil ? ledger.identities : nil,
            certificates: publicKey == nil ? ledger.count : nil, services: witnesses.urls)
    }

    /// Who signed, for the results of commands.
    struct Summary: Encodable {
        /// `key` or `certificate`.
        let kind: String
        let key: String?
        let hint: String?
        /// Whose certificates were used: none if nothing had to be signed.
        let identities: [CertificateLedger.Identity]?
        let certificates: Int?
        /// Who witnessed.
        let services: [String]

        var text: ConsoleText {
            guard let identities, let certificates else { return "Signed by the key \(hint ?? "")" }
            guard certificates > 0 else { return "No certificate was needed" }
            let names = identities.map { "\($0.identity) (\($0.issuer))" }.joined(separator: ", ")
            return "Signed by \(names), under \(HumanNumber.count(certificates, "certificate"))"
        }
    }
}

/// The certificates that were used.
final class CertificateLedger: Sendable {
    /// Whom certificates are for, and who vouches for that.
    struct Identity: Encodable, Hashable {
        let identity: String
        let issuer: String
    }

    private let state = Mutex((count: 0, identities: [Identity]()))

    func add(_ leaf: [UInt8]) {
        let certificate = try? Certificate(der: leaf)
        let identity = Identity(
            identity: certificate?.identity ?? "somebody without a name",
            issuer: certificate?.identityIssuer ?? "no known issuer")
        state.withLock { state in
            state.count += 1
            if !state.identities.contains(identity) { state.identities.append(identity) }
        }
    }

    var count: Int { state.withLock(\.count) }
    var identities: [Identity] { state.withLock(\.identities) }
}
