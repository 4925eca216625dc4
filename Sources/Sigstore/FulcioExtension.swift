/// The extensions that Fulcio gives certificates (1.3.6.1.4.1.57264.1.N), by N.
public enum FulcioExtension: Int, CaseIterable, Sendable {
    // 1 to 6 hold the text itself, and most have a successor that holds a DER UTF8String.
    case legacyIssuer = 1
    case workflowTrigger, workflowSHA, workflowName, workflowRepository, workflowRef
    case issuer = 8
    case buildSignerURI, buildSignerDigest, runnerEnvironment, sourceRepositoryURI, sourceRepositoryDigest
    case sourceRepositoryRef, sourceRepositoryIdentifier, sourceRepositoryOwnerURI, sourceRepositoryOwnerIdentifier
    case buildConfigURI, buildConfigDigest, buildTrigger, runInvocationURI, sourceRepositoryVisibilityAtSigning
    case deploymentEnvironment, tokenSubject

    static let arc = "1.3.6.1.4.1.57264.1."

    init?(objectIdentifier: String) {
        guard objectIdentifier.hasPrefix(Self.arc), let number = Int(objectIdentifier.dropFirst(Self.arc.count)) else {
            return nil
        }
        self.init(rawValue: number)
    }

    /// The extension of that name, which is the case's: `sourceRepositoryRef`, for example.
    public init?(named name: String) {
        guard let known = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = known
    }

    /// The name in policies.
    public var name: String { String(describing: self) }

    /// The extension whose name in hyphenated words it is: `source-repository-ref`, for example.
    public init?(hyphenatedName name: String) {
        guard let known = Self.allCases.first(where: { $0.hyphenatedName.hasSameBytes(as: name) }) else { return nil }
        self = known
    }

    /// The name as flags and configuration files spell it: `sourceRepositoryURI` is `source-repository-uri`.
    public var hyphenatedName: String {
        var words = ""
        var isInCapitals = true
        for character in name {
            if character.isUppercase, !isInCapitals { words += "-" }
            isInCapitals = character.isUppercase
            words += character.lowercased()
        }
        return words
    }

    var isLegacy: Bool { rawValue <= 6 }
}
