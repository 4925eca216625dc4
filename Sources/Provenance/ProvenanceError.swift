/// Why no statement can be made.
public enum ProvenanceError: Error, Hashable, Sendable {
    case noSubjects
    case tooManySubjects(found: Int, limit: Int)
    /// A subject without a name, by its place in the list.
    case unnamedSubject(index: Int)
    /// A type or builder identifier that is not an absolute URI; which setting, and its text.
    case notAnIdentifier(setting: String, text: String)
    /// A time that RFC 3339 cannot write; which one.
    case unwritableTime(setting: String)
    /// The end of the observation lies before its start.
    case endsBeforeStart
}

extension ProvenanceError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .noSubjects:
            "A statement needs at least one artifact, and none was given."
        case .tooManySubjects(let found, let limit):
            "One statement was to name \(found) artifacts, and at most \(limit) are allowed: "
                + "split the archive's artifacts over several statements, or attest each artifact alone."
        case .unnamedSubject(let index):
            "Artifact number \(index + 1) of the statement has no name."
        case .notAnIdentifier(let setting, let text):
            "The \(setting) \"\(text)\" is not an absolute URI; use one such as \"https://example.org/build\" "
                + "or \"urn:example:build\"."
        case .unwritableTime(let setting):
            "The \(setting) lies outside the years 0 to 9999; check the machine's clock."
        case .endsBeforeStart:
            "The observation ends before it starts; check the machine's clock."
        }
    }
}
