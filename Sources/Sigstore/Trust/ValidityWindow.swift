/// A closed interval of time: its first and its last moment belong to it.
public struct ValidityWindow: Hashable, Sendable {
    /// The first moment.
    public let start: UTCTime
    /// Nil if no end is known.
    public let end: UTCTime?

    /// From `start` to `end`, or without an end.
    public init(start: UTCTime, end: UTCTime? = nil) {
        self.start = start
        self.end = end
    }

    /// Whether the moment belongs to it; its first and its last do.
    public func contains(_ time: UTCTime) -> Bool { time >= start && end.map { time <= $0 } ?? true }

    /// What belongs to both; its end lies before its start if nothing does.
    func intersection(_ other: ValidityWindow) -> ValidityWindow {
        let end: UTCTime? =
            switch (end, other.end) {
            case (let mine?, let theirs?): min(mine, theirs)
            case (let mine, let theirs): mine ?? theirs
            }
        return ValidityWindow(start: max(start, other.start), end: end)
    }

    var isEmpty: Bool { end.map { $0 < start } ?? false }
}

extension ValidityWindow: CustomStringConvertible {
    public var description: String { end.map { "\(start) to \($0)" } ?? "\(start) or later" }
}
