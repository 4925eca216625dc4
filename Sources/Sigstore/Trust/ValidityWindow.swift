/// A closed interval of time: its first and its last moment belong to it.
public struct ValidityWindow: Hashable, Sendable {
    public let start: UTCTime
    /// Nil if no end is known.
    public let end: UTCTime?

    public init(start: UTCTime, end: UTCTime? = nil) {
        self.start = start
        self.end = end
    }

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
