import Foundation
import Signing
import Sigstore

extension Conformance {
    /// `sign-bundle`: signs a file, or with `--in-toto` the statement in it, with the identity of a token.
    static func sign(_ arguments: Arguments) async throws {
        let bytes = try read(arguments.subject)
        let root = try root(arguments)
        let configuration =
            try arguments.values["--signing-config"].map { try SigningConfig(parsing: read($0)) }
            ?? SigningConfig.publicGood()
        let now = UTCTime(seconds: Int(Date().timeIntervalSince1970))
        guard let authority = configuration.certificateAuthorities.usable(at: now, versions: [1]).first else {
            throw Refusal(description: "The signing configuration names no authority that is in use.")
        }
        let fulcio = try FulcioClient(url: authority.url)
        let token = try EnvironmentToken(
            environment: [EnvironmentToken.variable: arguments.value("--identity-token")])
        let signer = KeylessSigner(
            authority: fulcio, tokens: token, check: fulcio.check(by: Verifier(root: root)))
        let isStatement = arguments.flags.contains("--in-toto")
        let notary = Notary(
            signer: signer, witnesses: try WitnessPlan(configuration, at: now, root: root), root: root,
            policy: .insecureAnyIdentity(expecting: isStatement ? .statementOfAnyType : .messageSignature))
        let artifact = try isStatement ? Statement(parsing: bytes).artifact() : ArtifactIdentity(bytes: bytes)
        let signed =
            if isStatement { try await notary.sign(statement: bytes, about: artifact) } else {
                try await notary.sign(artifact: bytes)
            }
        let whole = try await notary.log(signed, about: artifact)
        try Data(whole.bytes).write(to: URL(filePath: arguments.value("--bundle")))
    }
}
