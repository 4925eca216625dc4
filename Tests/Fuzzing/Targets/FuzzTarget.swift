/// A way into the program for input from outside, and what must hold whatever the input is: it ends, it does not crash,
/// and it keeps the promises that it checks.
///
/// A new one is a line in `all` and a folder of seeds, `Corpus/NAME`.
struct FuzzTarget: Sendable {
    /// How its input is built: what mutations take apart.
    enum Form: Sendable {
        case json, der, pem, text, bytes
    }

    /// The name on the command line, and of the folder in `Corpus`.
    let name: String
    let form: Form
    /// Throws `BrokenPromise`; input that is refused is no error.
    let run: @Sendable ([UInt8]) throws -> Void

    init(_ name: String, _ form: Form, _ run: @escaping @Sendable ([UInt8]) throws -> Void) {
        self.name = name
        self.form = form
        self.run = run
    }

    static let all = [
        FuzzTarget("json", .json, DocumentTargets.json),
        FuzzTarget("bundle", .json, DocumentTargets.bundle),
        FuzzTarget("documents", .text, DocumentTargets.documents),
        FuzzTarget("statement", .json, DocumentTargets.statement),
        FuzzTarget("trusted-root", .json, VerificationTargets.trustedRoot),
        FuzzTarget("verification", .json, VerificationTargets.verification),
        FuzzTarget("log-body", .json, VerificationTargets.logBody),
        FuzzTarget("checkpoint", .text, VerificationTargets.checkpoint),
        FuzzTarget("certificate", .der, VerificationTargets.certificate),
        FuzzTarget("timestamp", .der, VerificationTargets.timestamp),
        FuzzTarget("public-key", .pem, KeyTargets.publicKey),
        FuzzTarget("private-key", .pem, KeyTargets.privateKey),
        FuzzTarget("encodings", .bytes, DocumentTargets.encodings),
        FuzzTarget("time", .text, DocumentTargets.time),
        FuzzTarget("regular-expression", .text, DocumentTargets.regularExpression),
        FuzzTarget("tuf-root", .json, UpdateTargets.root),
        FuzzTarget("tuf-timestamp", .json, UpdateTargets.timestamp),
        FuzzTarget("tuf-snapshot", .json, UpdateTargets.snapshot),
        FuzzTarget("tuf-targets", .json, UpdateTargets.targets),
    ]
}

extension FuzzTarget: CustomStringConvertible {
    var description: String { name }
}
