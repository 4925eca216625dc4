import Foundation

extension LocalSigstore {
    /// Who signs, and what: every way in which other programs make a bundle with this instance.
    public struct Recipe: Hashable, Sendable, CustomStringConvertible {
        public enum Program: String, Sendable {
            case cosign, sigstoreGo, sigstorePython
        }

        public enum Content: String, Sendable {
            /// The artifact itself.
            case message
            /// A predicate, which the program makes a statement of.
            case predicate
            /// A whole statement.
            case statement
        }

        public let program: Program
        public let content: Content
        /// Signed with a key of the user's own, instead of one that Fulcio certifies.
        public let hasKey: Bool

        public static let all = [
            Recipe(.cosign, .message), Recipe(.cosign, .predicate), Recipe(.cosign, .statement),
            Recipe(.cosign, .message, hasKey: true), Recipe(.cosign, .predicate, hasKey: true),
            Recipe(.cosign, .statement, hasKey: true), Recipe(.sigstoreGo, .message), Recipe(.sigstoreGo, .statement),
            Recipe(.sigstorePython, .message), Recipe(.sigstorePython, .predicate),
        ]

        init(_ program: Program, _ content: Content, hasKey: Bool = false) {
            self.program = program
            self.content = content
            self.hasKey = hasKey
        }

        public var description: String { "\(program.rawValue) \(content.rawValue)\(hasKey ? " with a key" : "")" }

        /// Whether the program is there, or has to be.
        public var mayRun: Bool { requirement.mayRun }

        fileprivate var requirement: Requirement {
            switch program {
            case .cosign: .cosign
            case .sigstoreGo: .sigstoreGoSigning
            case .sigstorePython: .sigstorePython
            }
        }
    }

    /// What was signed, and the bundle.
    public struct Signed: Sendable {
        public let artifact: [UInt8]
        public let bundle: [UInt8]
        /// The public half of the key, PEM, if it was signed with one.
        public let key: [UInt8]?
        /// Where `artifact`, `bundle.json` and, with a key, `key.pub` are.
        public let folder: TemporaryFolder
    }

    /// The type of the predicate in every statement that `sign` has signed.
    public static let predicateType = "https://slsa.dev/provenance/v1"

    /// A bundle of that kind, for an artifact that was not there before, with a certificate for `identity()`.
    public func sign(_ recipe: Recipe) throws -> Signed {
        let program = try recipe.requirement.find()
        let folder = try TemporaryFolder()
        let artifact = Array("an artifact \(UUID().uuidString)\n".utf8)
        try folder.write(artifact, to: "artifact")
        let predicate =
            #"{"buildDefinition":{"buildType":"https://example.com/build","externalParameters":{}},"#
            + #""runDetails":{"builder":{"id":"https://example.com/builder"}}}"#
        try folder.write(predicate.utf8, to: "predicate.json")
        if recipe.content == .statement {
            let digest = try Tool.output(of: URL(filePath: "/usr/bin/sha256sum"), ["artifact"], in: folder.url).prefix(
                64)
            let statement =
                #"{"_type":"https://in-toto.io/Statement/v1","subject":[{"name":"artifact","digest":{"sha256":"\#(digest)"}}],"#
                + #""predicateType":"\#(Self.predicateType)","predicate":\#(predicate)}"#
            try folder.write(statement.utf8, to: "statement.json")
        }
        // cosign takes the file byte by byte.
        let token = try mintToken()
        try folder.write(token.utf8, to: "token")
        // The programs keep things below HOME, and would ask the network for the public instance's root.
        let environment = ["HOME": folder.path, "COSIGN_PASSWORD": ""]
        func run(_ arguments: [String]) throws -> String {
            try Tool.output(of: program, arguments, in: folder.url, environment: environment)
        }
        switch recipe.program {
        case .cosign:
            if recipe.hasKey { _ = try run(["generate-key-pair", "--output-key-prefix", "key"]) }
            _ = try run(cosignArguments(recipe))
        case .sigstoreGo:
            let printed = try run(sigstoreGoArguments(recipe, token: token))
            // It talks before it prints the bundle, on one line.
            let bundle = printed.split(separator: "\n").last { $0.hasPrefix("{") } ?? ""
            try folder.write(bundle.utf8, to: "bundle.json")
        case .sigstorePython: _ = try run(sigstorePythonArguments(recipe, token: token))
        }
        return Signed(
            artifact: artifact, bundle: try folder.read("bundle.json"),
            key: recipe.hasKey ? try folder.read("key.pub") : nil, folder: folder)
    }

    private func cosignArguments(_ recipe: Recipe) -> [String] {
        let signing = recipe.hasKey ? ["--key", "key.key"] : ["--identity-token", "token"]
        let content: [String] =
            switch recipe.content {
            case .message: []
            case .predicate: ["--predicate", "predicate.json", "--type", Self.predicateType]
            case .statement: ["--statement", "statement.json"]
            }
        return [recipe.content == .message ? "sign-blob" : "attest-blob", "--yes", "--bundle", "bundle.json"]
            + ["--signing-config", signingConfig.path, "--trusted-root", trustedRoot.path] + signing + content
            + ["artifact"]
    }

    private func sigstoreGoArguments(_ recipe: Recipe, token: String) -> [String] {
        ["-id-token", token, "-rekor", "-tsa", "-signing-config", signingConfig.path]
            + ["-trusted-root", trustedRoot.path]
            + (recipe.content == .message ? ["artifact"] : ["-in-toto", "statement.json"])
    }

    private func sigstorePythonArguments(_ recipe: Recipe, token: String) -> [String] {
        let predicate = ["--predicate", "predicate.json", "--predicate-type", Self.predicateType]
        return ["--trust-config", trustConfig.path, recipe.content == .message ? "sign" : "attest"]
            + ["--identity-token", token, "--bundle", "bundle.json"] + (recipe.content == .message ? [] : predicate)
            + ["artifact"]
    }
}
