public import Sigstore

/// Why metadata or a target file could not be had, or is not to be trusted. Files are named as the mirror names them.
public enum TUFError: Error, Hashable, Sendable {
    /// Metadata that is not what the specification (section 4) says; `field` is a path within `signed`.
    case malformed(file: String, field: String, problem: String)
    /// Too few of the keys that must sign have signed.
    case signatures(file: String, signers: String, expected: Int, found: Int)
    /// Not the version that must follow, that other metadata names, or that is at least as new as what was known.
    case version(file: String, expected: String, found: Int)
    /// A file that the known snapshot names is no longer named by the new one.
    case vanished(file: String)
    /// Metadata that says of itself that it counts no longer.
    case expired(file: String, expiry: UTCTime, now: UTCTime)
    case length(file: String, expected: Int, found: Int)
    case hash(file: String, algorithm: String, expected: String, found: String)
    /// Beyond one of the `UpdateLimits`.
    case limitExceeded(what: String, limit: Int)
    /// The mirror lacks a file that must be there.
    case notFound(file: String)
    /// No role that may speak for this target names it.
    case unknownTarget(String)
    /// The mirror cannot be reached, or does not answer as a mirror does.
    case mirror(String)
    /// The mirror's address cannot be used.
    case location(String)
    /// The folder of metadata cannot be read or written.
    case cache(path: String, problem: String)
    /// libcrypto could not do its work.
    case cryptography(String)
    case cancelled
}

extension TUFError: CustomStringConvertible {
    /// A sentence or two for a person: the file, what was expected and what was found. What comes from a mirror is
    /// quoted with its control characters escaped.
    public var description: String {
        func name(_ text: String) -> String { TerminalText.excerpt(text) }
        switch self {
        case .malformed(let file, let field, let problem):
            return field.isEmpty
                ? "\(name(file)) is malformed: \(name(problem))."
                : "\(name(file)) is malformed: \(name(field)) \(name(problem))."
        case .signatures(let file, let signers, let expected, let found):
            return "\(name(file)) is not signed as \(name(signers)) asks for: expected valid signatures by "
                + "\(expected) of the keys, found \(found)."
        case .version(let file, let expected, let found):
            return "\(name(file)) has the wrong version: expected \(expected), found \(found)."
        case .vanished(let file):
            return "snapshot.json no longer names \(name(file)), which it named before: somebody may hide it."
        case .expired(let file, let expiry, let now):
            return "\(name(file)) expired: expected an expiry after \(now), found \(expiry). Check this machine's "
                + "clock, and whether the mirror is up to date."
        case .length(let file, let expected, let found):
            return "\(name(file)) has the wrong length: expected \(expected) bytes, found \(found)."
        case .hash(let file, let algorithm, let expected, let found):
            return "\(name(file)) has the wrong \(algorithm): expected \(name(expected)), found \(found)."
        case .limitExceeded(let what, let limit):
            return "There is more than the limit allows: \(name(what)), at most \(limit)."
        case .notFound(let file): return "The mirror has no \(name(file))."
        case .unknownTarget(let target): return "The metadata names no target '\(name(target))'."
        case .mirror(let reason):
            return "The mirror failed: \(name(reason))" + (reason.hasSuffix(".") ? "" : ".")
        case .location(let reason): return name(reason)
        case .cache(let path, let problem): return "\(name(path)) \(name(problem))."
        case .cryptography(let reason): return "libcrypto failed: \(reason)."
        case .cancelled: return "The update was cancelled."
        }
    }
}
