/// Why a command stopped, told to a person: what happened and to what, what to do about it, and the exit code.
public struct CommandError: Error, Sendable, Hashable, CustomStringConvertible {
    public let status: CommandStatus
    /// A sentence without capital and full stop; it is printed after `assay: `.
    public let message: String
    /// What the person can do, as a sentence.
    public let hint: String?

    public init(_ status: CommandStatus, _ message: String, hint: String? = nil) {
        self.status = status
        self.message = message
        self.hint = hint
    }

    /// As it is printed, on one or two lines.
    public var description: String {
        let lines = ["assay: \(message)"] + (hint.map { [$0] } ?? [])
        return lines.map { TerminalText.escaped($0, keeping: ["\n"]) }.joined(separator: "\n")
    }
}
