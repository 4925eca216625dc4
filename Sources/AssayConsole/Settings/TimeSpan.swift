/// A length of time as people write it: `500ms`, `30s`, `15m`, `12h`, `90d`, `4w`, `2y`.
///
/// A year is 365 days: a span is an amount of time, not a step in the calendar.
public struct TimeSpan: SettingValue, Hashable {
    /// In milliseconds, 0 or more.
    public let milliseconds: Int

    /// The span for `Clock.sleep` and its like.
    public var duration: Duration { .milliseconds(milliseconds) }

    /// In whole seconds, rounded down.
    public var seconds: Int { milliseconds / 1000 }

    public static var placeholder: String { "duration" }

    private static let units: [(name: String, milliseconds: Int)] = [
        ("y", 365 * 86_400_000), ("w", 7 * 86_400_000), ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000),
        ("s", 1000), ("ms", 1),
    ]

    public init(settingText text: String) throws(SettingSyntaxError) {
        guard let amount = Quantity(text), let unit = Self.units.first(where: { $0.name == amount.unit }) else {
            throw SettingSyntaxError("is not a duration such as 500ms, 30s, 15m, 12h, 90d or 2y")
        }
        guard let milliseconds = amount.number(of: unit.milliseconds) else {
            throw SettingSyntaxError("is too long a duration")
        }
        self.milliseconds = milliseconds
    }

    init(milliseconds: Int) { self.milliseconds = max(0, milliseconds) }

    static func seconds(_ count: Int) -> TimeSpan { TimeSpan(milliseconds: count * 1000) }
    static func years(_ count: Int) -> TimeSpan { TimeSpan(milliseconds: count * 365 * 86_400_000) }

    /// The largest unit that divides the span, so that nothing is rounded.
    public var settingText: String {
        guard milliseconds > 0 else { return "0s" }
        for unit in Self.units where milliseconds.isMultiple(of: unit.milliseconds) && unit.name != "w" {
            return "\(milliseconds / unit.milliseconds)\(unit.name)"
        }
        return "\(milliseconds)ms"
    }
}
