import Foundation
import Sigstore

/// The client protocol of Sigstore's conformance suite: `verify-bundle` says by its exit status whether it accepts,
/// `sign-bundle` writes a bundle.
@main struct Conformance {
    struct Refusal: Error, CustomStringConvertible {
        let description: String
    }

    static func main() async {
        do {
            try await run(Array(CommandLine.arguments.dropFirst()))
        } catch {
            FileHandle.standardError.write(Data("\(error)\n".utf8))
            exit(1)
        }
    }

    static func run(_ arguments: [String]) async throws {
        switch arguments.first {
        case "verify-bundle": try verify(Arguments(arguments.dropFirst()))
        case "sign-bundle": try await sign(Arguments(arguments.dropFirst()))
        default:
            throw Refusal(
                description: "Usage: assay-conformance verify-bundle --bundle FILE "
                    + "(--key FILE | --certificate-identity ID --certificate-oidc-issuer URL) [--trusted-root FILE] "
                    + "FILE_OR_DIGEST\n       assay-conformance sign-bundle [--in-toto] --identity-token TOKEN "
                    + "--bundle FILE [--trusted-root FILE] [--signing-config FILE] FILE")
        }
    }

    private static func verify(_ arguments: Arguments) throws {
        let bundle = try SigstoreBundle(parsing: read(arguments.value("--bundle")))
        let root = try root(arguments)
        // The protocol leaves the kind of content to the bundle.
        let expectation: VerificationPolicy.Expectation =
            if case .envelope = bundle.content { .statementOfAnyType } else { .messageSignature }
        let policy: VerificationPolicy
        if let key = arguments.values["--key"] {
            guard arguments.values["--certificate-identity"] == nil,
                arguments.values["--certificate-oidc-issuer"] == nil
            else { throw Refusal(description: "Give either --key or an identity with its issuer, not both.") }
            policy = .key(try PublicKey(pem: read(key)), expecting: expectation)
        } else {
            let identity = CertificateIdentity(
                subject: .exact(try arguments.value("--certificate-identity")),
                issuer: .exact(try arguments.value("--certificate-oidc-issuer")))
            policy = .certificate([identity], expecting: expectation)
        }
        _ = try Verifier(root: root).verify(bundle, artifact: artifact(arguments.subject), policy: policy)
    }

    static func root(_ arguments: Arguments) throws -> TrustedRoot {
        try arguments.values["--trusted-root"].map { try TrustedRoot(parsing: read($0)) } ?? TrustedRoot.publicGood()
    }

    /// A digest only if it looks like one and there is no file of that name.
    private static func artifact(_ subject: String) throws -> ArtifactIdentity {
        if !FileManager.default.fileExists(atPath: subject), let match = subject.wholeMatch(of: /sha256:([0-9a-f]{64})/)
        {
            let digits = Array(match.1.utf8)
            let digest = stride(from: 0, to: digits.count, by: 2).compactMap {
                UInt8(String(decoding: digits[$0..<$0 + 2], as: UTF8.self), radix: 16)
            }
            return try ArtifactIdentity(digests: [.sha256: digest])
        }
        return try ArtifactIdentity(bytes: read(subject))
    }

    static func read(_ path: String) throws -> [UInt8] {
        do {
            return Array(try Data(contentsOf: URL(filePath: path)))
        } catch {
            throw Refusal(description: "The file \(path) cannot be read: \(error.localizedDescription)")
        }
    }
}
