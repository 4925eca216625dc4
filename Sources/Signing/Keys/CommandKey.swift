internal import ChildProcess
public import Sigstore

/// A key that a program signs with: for devices and services that have their own tools.
///
/// The protocol: the program is a line for `/bin/sh`. The variable `ASSAY_KEY_ACTION` says what is wanted.
///
/// - `sign`: the program reads from standard input the digest of what is to be signed, raw, and prints the signature, as
///   DER (ECDSA) or PKCS#1 v1.5 (RSA), raw or in base64. `ASSAY_KEY_HASH` names the digest: `sha256`, and with keys on
///   P-384 `sha384`, on P-521 `sha512`. With Ed25519 it is `none`, and the message itself comes instead of a digest.
/// - `public-key`: the program prints the public key as PEM. Not asked if the key was given otherwise.
///
/// Status 0 is success. Its messages go to this process's standard error. `openssl pkeyutl -sign -inkey key.pem` is such
/// a program for EC keys, except that it does not tell the public key.
public struct CommandKey: SignatureSource {
    public let publicKey: PublicKey
    private let program: KeyProgram
    private let gate: Gate

    /// - Parameters:
    ///   - command: a line for `/bin/sh`.
    ///   - publicKey: the public half; nil to ask the program for it.
    ///   - environment: all the variables that the program gets, besides those of the protocol.
    /// - Throws: `service` if the program fails, `configuration` if what it gives is no key.
    public init(
        command: String, publicKey: PublicKey? = nil, environment: [String: String],
        limits: IdentityLimits = IdentityLimits()
    ) async throws(SigningError) {
        let program = KeyProgram(command: command, environment: environment, limits: limits)
        self.program = program
        gate = Gate(places: limits.concurrentPrograms)
        if let publicKey {
            self.publicKey = publicKey
        } else {
            let pem = try await program.run("tell its public key", ["ASSAY_KEY_ACTION": "public-key"], input: [])
            self.publicKey = try .read(pem: pem, from: KeyProgram.name)
        }
    }

    public func signature(over message: [UInt8]) async throws(SigningError) -> [UInt8] {
        var input = message
        var hash = "none"
        if !publicKey.needsMessage {
            let algorithm = publicKey.usualDigest
            hash = algorithm.rawValue
            do throws(SigstoreError) { input = try algorithm.digest(of: message) } catch { throw .sigstore(error) }
        }
        try await gate.enter()
        defer { gate.leave() }
        let output = try await program.run(
            "sign", ["ASSAY_KEY_ACTION": "sign", "ASSAY_KEY_HASH": hash], input: input)
        // Raw signatures are nearly never text; where they look like it, only the right reading verifies.
        let text = String(validating: output, as: UTF8.self)?.filter { !$0.isWhitespace }
        if let decoded = text.flatMap(Base64.bytes(of:)), publicKey.verifies(decoded, of: message) { return decoded }
        return try publicKey.checked(output, over: message, from: KeyProgram.name)
    }
}

/// The program, whose line is never shown: it may have a password in it.
private struct KeyProgram: Sendable {
    static let name = "The key command"

    let command: String
    let environment: [String: String]
    let limits: IdentityLimits

    func run(
        _ operation: String, _ variables: [String: String], input: [UInt8]
    ) async throws(SigningError) -> [UInt8] {
        let problem: String
        let mayPass: Bool
        do throws(OutputError) {
            let environment = environment.merging(variables) { $1 }
            let outcome = try await Command(["/bin/sh", "-c", command], environment: environment)
                .output(input: input, limit: limits.programOutput, seconds: limits.programSeconds)
            if outcome.status == 0 { return outcome.output }
            (problem, mayPass) = ("it failed with status \(outcome.status); its own messages say why", false)
        } catch {
            if error == .cancelled { throw .cancelled }
            if case .tookTooLong = error { mayPass = true } else { mayPass = false }
            problem = "it \(error)"
        }
        throw .service(operation: operation, url: Self.name, status: nil, reason: problem, mayPass: mayPass)
    }
}
