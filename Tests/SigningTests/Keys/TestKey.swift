import AssayTestSupport
import Foundation
import Sigstore

/// A private key in a file, that openssl made and signs with.
final class TestKey: Sendable {
    enum Kind: String, CaseIterable, Sendable {
        case p256 = "ecdsa-p256"
        case p384 = "ecdsa-p384"
        case rsa = "rsa-2048"
        case ed25519

        var arguments: [String] {
            switch self {
            case .p256: ["EC", "-pkeyopt", "ec_paramgen_curve:P-256"]
            case .p384: ["EC", "-pkeyopt", "ec_paramgen_curve:P-384"]
            case .rsa: ["RSA", "-pkeyopt", "rsa_keygen_bits:2048"]
            case .ed25519: ["ED25519"]
            }
        }

        /// The hash of what is signed, as openssl calls it; nil if that is the message itself.
        var hash: String? {
            switch self {
            case .p256, .rsa: "sha256"
            case .p384: "sha384"
            case .ed25519: nil
            }
        }
    }

    static let openssl = URL(filePath: "/usr/bin/openssl")

    let kind: Kind
    let folder: TemporaryFolder
    let publicPEM: String

    var path: String { folder.path + "/key.pem" }
    var publicPath: String { folder.path + "/key.pub.pem" }

    init(_ kind: Kind = .p256) throws {
        self.kind = kind
        folder = try TemporaryFolder()
        try Tool.output(
            of: Self.openssl, ["genpkey", "-out", folder.path + "/key.pem", "-algorithm"] + kind.arguments)
        publicPEM = try Tool.output(of: Self.openssl, ["pkey", "-in", folder.path + "/key.pem", "-pubout"])
        try folder.write(publicPEM.utf8, to: "key.pub.pem")
    }

    /// The public key's DER in base64.
    var publicDER: String { publicPEM.split(separator: "\n").dropFirst().dropLast().joined() }

    func publicKey() throws -> PublicKey { try PublicKey(pem: Array(publicPEM.utf8)) }

    /// A signature over a digest, or with Ed25519 over a message.
    func sign(_ input: [UInt8]) throws -> [UInt8] {
        let name = UUID().uuidString
        try folder.write(input, to: name)
        var arguments = [
            "pkeyutl", "-sign", "-inkey", path, "-in", "\(folder.path)/\(name)", "-out", "\(folder.path)/\(name).sig",
        ]
        if kind == .rsa { arguments += ["-pkeyopt", "digest:sha256"] }
        if kind == .ed25519 { arguments.append("-rawin") }
        try Tool.output(of: Self.openssl, arguments)
        return try folder.read("\(name).sig")
    }
}
