public import Sigstore

/// What a bundle is expected to be, as flags and policy files spell it.
public enum ExpectationName {
    /// A statement of any predicate type.
    public static let any = "any"
    /// A signature over the artifact itself.
    public static let signature = "signature"

    /// What the names stand for together: `any` or `signature` alone, or predicate types by short names or URIs.
    ///
    /// - Returns: nil, with the problem, if a name is unknown or they contradict each other.
    public static func expectation(
        _ names: [String]
    ) -> Result<VerificationPolicy.Expectation, Problem> {
        if names.isEmpty { return .failure(Problem("no type is named")) }
        for (name, expectation) in [
            (any, VerificationPolicy.Expectation.statementOfAnyType), (signature, .messageSignature),
        ] where names.contains(name) {
            return names.count == 1
                ? .success(expectation) : .failure(Problem("“\(name)” stands alone, without other types"))
        }
        var types: [String] = []
        for name in names {
            guard let type = PredicateType.named(name) else {
                let known = PredicateType.shortNames.map(\.key).joined(separator: ", ")
                return .failure(Problem("“\(name)” is no type: give a URI, any, signature, or one of \(known)"))
            }
            types.append(type)
        }
        return .success(.statement(predicateTypes: types))
    }

    /// What is wrong with the names, as a clause.
    public struct Problem: Error, CustomStringConvertible {
        public let description: String

        init(_ description: String) { self.description = description }
    }
}
