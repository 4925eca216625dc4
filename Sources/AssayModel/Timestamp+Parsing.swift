extension Timestamp {
    /// The moment of an HTTP date in the form that servers must send, `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110 5.6.7).
    package init?(httpDate text: String) {
        let parts = text.split(separator: " ")
        guard parts.count == 6, parts[5] == "GMT", let month = Self.months.firstIndex(of: parts[2]) else { return nil }
        self.init(day: parts[1], month: month + 1, year: parts[3], clock: parts[4])
    }

    /// The moment of an RFC 3339 time in UTC, `1994-11-06T08:49:37.000Z`; fractions of a second are dropped.
    package init?(rfc3339 text: String) {
        guard let zone = ["Z", "+00:00"].first(where: text.hasSuffix) else { return nil }
        let halves = text.dropLast(zone.count).split(separator: "T", omittingEmptySubsequences: false)
        guard halves.count == 2, let clock = halves[1].split(separator: ".").first else { return nil }
        let date = halves[0].split(separator: "-", omittingEmptySubsequences: false)
        guard date.count == 3, let month = Self.number(date[1], 1...12) else { return nil }
        self.init(day: date[2], month: month, year: date[0], clock: clock)
    }

    private init?(day: Substring, month: Int, year: Substring, clock: Substring) {
        let time = clock.split(separator: ":", omittingEmptySubsequences: false)
        guard time.count == 3, let day = Self.number(day, 1...31), let year = Self.number(year, 1...9999),
            let hour = Self.number(time[0], 0...23), let minute = Self.number(time[1], 0...59),
            let second = Self.number(time[2], 0...60)
        else { return nil }
        self.init(year: year, month: month, day: day, hour: hour, minute: minute, second: second)
    }

    private static let months: [Substring] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    private static func number(_ text: Substring, _ range: ClosedRange<Int>) -> Int? {
        guard text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else { return nil }
        return Int(text).flatMap { range.contains($0) ? $0 : nil }
    }
}
