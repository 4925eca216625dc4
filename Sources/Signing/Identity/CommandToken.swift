internal import ChildProcess
public import Sigstore

/// The token that a program prints, run by the shell whenever one is needed.
public struct CommandToken: TokenSource {
    private let command: String
    private let environment: [String: String]
    private let limits: IdentityLimits

    /// - Parameters:
    ///   - command: a line for `/bin/sh`; its messages go to this process's standard error.
    ///   - environment: all the variables that it gets.
    public init(command: String, environment: [String: String], limits: IdentityLimits = IdentityLimits()) {
        self.command = command
        self.environment = environment
        self.limits = limits
    }

    /// Without the command, which may have a password in it.
    public var name: String { "the token command" }

    public func token() async throws(SigningError) -> SecretBytes? {
        let problem: String
        do throws(OutputError) {
            let outcome = try await Command(["/bin/sh", "-c", command], environment: environment)
                .output(limit: limits.tokenSize, seconds: limits.programSeconds)
            if outcome.status == 0, !outcome.output.isEmpty {
                var output = outcome.output
                return SecretBytes(wiping: &output)
            }
            problem = outcome.status == 0 ? "printed nothing" : "failed with status \(outcome.status)"
        } catch {
            if error == .cancelled { throw .cancelled }
            problem = error.description
        }
        throw .token(
            reason: "There is no identity token: \(name) \(problem)",
            advice: "Run it by itself to see why; it has to print a token and nothing else.")
    }
}

extension CommandToken: CustomStringConvertible, CustomReflectable {
    public var description: String { name }
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
