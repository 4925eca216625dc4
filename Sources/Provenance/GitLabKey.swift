public import AssayModel

/// What the key of a GitLab job artifact tells: which project, job and artifact, and when.
public struct GitLabKey: Hashable, Sendable {
    /// How the key names the project.
    public enum Project: Hashable, Sendable {
        /// By the SHA-256 of the decimal project id.
        case hashed(SHA256Digest)
        /// By its id, in keys of old versions.
        case id(Int)
    }

    /// The day, or in old keys the month, in UTC.
    public struct Date: Hashable, Sendable, CustomStringConvertible {
        public let year: Int
        public let month: Int
        public let day: Int?

        /// `YYYY-MM-DD`, or `YYYY-MM`.
        public var description: String {
            ([year, month] + (day.map { [$0] } ?? [])).map { $0 < 10 ? "0\($0)" : String($0) }.joined(separator: "-")
        }
    }

    /// What stands before GitLab's own part of the key, without a slash at its end; empty in a bucket of its own.
    public let prefix: String
    public let project: Project
    public let date: Date
    public let jobID: Int
    /// Old keys have none.
    public let artifactID: Int?
    public let fileName: String

    /// The facts in `key`, behind any prefix, if it is of one of these forms; nil otherwise.
    ///
    ///     aa/bb/<SHA-256 of the project id>/YYYY_MM_DD/<job id>/<artifact id>/<file>
    ///     YYYY_MM/<project id>/<job id>/<file>
    ///
    /// `aa` and `bb` are the hash's first two bytes, and must be.
    public static func parse(_ key: ObjectKey) -> GitLabKey? {
        let parts = key.name.split(separator: "/", omittingEmptySubsequences: false)
        return hashed(parts) ?? legacy(parts)
    }

    /// Whether the project is the one with that id.
    public func isProject(_ id: Int) -> Bool {
        switch project {
        case .id(let known): known == id
        case .hashed(let hash): SHA256Digest(of: String(id).utf8) == hash
        }
    }

    private static func hashed(_ parts: [Substring]) -> GitLabKey? {
        guard parts.count >= 7 else { return nil }
        let own = Array(parts.suffix(7))
        guard own[2].utf8.count == 2 * SHA256Digest.byteCount, let hash = SHA256Digest(hex: own[2]),
            hash.hex == own[2], own[0] == own[2].prefix(2), own[1] == own[2].dropFirst(2).prefix(2),
            let date = date(own[3], fields: 3), let job = number(own[4]), let artifact = number(own[5]),
            !own[6].isEmpty
        else { return nil }
        return GitLabKey(
            prefix: parts.dropLast(7).joined(separator: "/"), project: .hashed(hash), date: date, jobID: job,
            artifactID: artifact, fileName: String(own[6]))
    }

    private static func legacy(_ parts: [Substring]) -> GitLabKey? {
        guard parts.count >= 4 else { return nil }
        let own = Array(parts.suffix(4))
        guard let date = date(own[0], fields: 2), let project = number(own[1]), let job = number(own[2]),
            !own[3].isEmpty
        else { return nil }
        return GitLabKey(
            prefix: parts.dropLast(4).joined(separator: "/"), project: .id(project), date: date, jobID: job,
            artifactID: nil, fileName: String(own[3]))
    }

    private static func date(_ text: Substring, fields count: Int) -> Date? {
        let fields = text.split(separator: "_", omittingEmptySubsequences: false)
        guard fields.count == count, fields[0].utf8.count == 4, fields.dropFirst().allSatisfy({ $0.utf8.count == 2 })
        else { return nil }
        let numbers = fields.compactMap(digits)
        guard numbers.count == count, (1...12).contains(numbers[1]) else { return nil }
        let day = count == 3 ? numbers[2] : nil
        if let day, !(1...31).contains(day) { return nil }
        return Date(year: numbers[0], month: numbers[1], day: day)
    }

    /// A database id: positive, without leading zeros.
    private static func number(_ text: Substring) -> Int? {
        guard let first = text.utf8.first, first != UInt8(ascii: "0") else { return nil }
        return digits(text)
    }

    private static func digits(_ text: Substring) -> Int? {
        guard text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else { return nil }
        return Int(text)
    }
}
