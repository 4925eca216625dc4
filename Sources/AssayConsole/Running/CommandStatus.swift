/// How a command ended, for scripts. docs/OPERATIONS.md documents the same numbers.
public enum CommandStatus: Int32, Sendable, CaseIterable {
    /// All that was asked for was done.
    case success = 0
    /// The command came to its end, but some items failed or were refused, or what was asked for is not there.
    case incomplete = 1
    /// The command line, the environment or the configuration is wrong, the signing key included.
    case usage = 2
    /// The source or a signing service cannot be reached, or refuses access.
    case source = 3
    /// The catalog cannot be opened, read or written.
    case catalog = 4
    /// Verification said no: do not trust the artifact.
    case verification = 5
    /// The filesystem cannot be mounted or unmounted.
    case mount = 6
    /// Results cannot be written: a full disk, a file that may not be replaced.
    case output = 7
    /// Something that should not happen; worth a bug report.
    case unexpected = 70
    /// Ended by SIGINT before it was done.
    case interrupted = 130
    /// Ended by SIGTERM before it was done.
    case terminated = 143

    /// One line for the table in the documentation and in `assay --help`.
    public var meaning: String {
        switch self {
        case .success: "everything was done"
        case .incomplete: "done, but some items failed, were refused or were not found"
        case .usage: "wrong command line, configuration or key"
        case .source: "source or signing service out of reach, or access denied"
        case .catalog: "catalog cannot be used"
        case .verification: "verification failed: do not trust the artifact"
        case .mount: "mounting or unmounting failed"
        case .output: "results could not be written"
        case .unexpected: "internal error"
        case .interrupted: "interrupted (SIGINT)"
        case .terminated: "terminated (SIGTERM)"
        }
    }
}
