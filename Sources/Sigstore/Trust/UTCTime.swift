/// A moment: seconds since 1970 without leap seconds, and the nanoseconds beyond them.
public struct UTCTime: Hashable, Comparable, Sendable {
    /// Whole seconds since 1970-01-01T00:00:00Z.
    public let seconds: Int
    /// 0 to 999,999,999.
    public let nanoseconds: Int

    /// A whole second.
    public init(seconds: Int) { self.init(seconds: seconds, nanoseconds: 0) }

    init(seconds: Int, nanoseconds: Int) {
        self.seconds = seconds
        self.nanoseconds = nanoseconds
    }

    /// The earlier one is less.
    public static func < (left: UTCTime, right: UTCTime) -> Bool {
        (left.seconds, left.nanoseconds) < (right.seconds, right.nanoseconds)
    }

    /// The moment of an RFC 3339 text such as `2022-12-31T23:59:59.999Z`; nil if it is none. Digits of the fraction
    /// beyond the ninth are refused, as protobuf's JSON mapping does.
    public init?(rfc3339 text: String) {
        var rest = Array(text.utf8)[...]
        func take(_ byte: Character) -> Bool {
            guard let expected = byte.asciiValue, let next = rest.first, next == expected else { return false }
            rest = rest.dropFirst()
            return true
        }
        func number(_ digits: Int) -> Int? {
            let taken = rest.prefix(digits)
            guard taken.count == digits, taken.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
            rest = rest.dropFirst(digits)
            return taken.reduce(0) { $0 * 10 + Int($1 - 0x30) }
        }
        guard let year = number(4), take("-"), let month = number(2), take("-"), let day = number(2),
            take("T") || take("t"),
            let hour = number(2), take(":"), let minute = number(2), take(":"), let second = number(2),
            let civil = UTCTime(year: year, month: month, day: day, hour: hour, minute: minute, second: second)
        else { return nil }
        var nanoseconds = 0
        if take(".") {
            let digits = rest.prefix { (0x30...0x39).contains($0) }.count
            guard (1...9).contains(digits), var fraction = number(digits) else { return nil }
            for _ in digits..<9 { fraction *= 10 }
            nanoseconds = fraction
        }
        var offset = 0
        if !take("Z"), !take("z") {
            let isWest = take("-")
            guard isWest || take("+"), let hours = number(2), hours < 24, take(":"), let minutes = number(2),
                minutes < 60
            else { return nil }
            offset = (hours * 60 + minutes) * (isWest ? -60 : 60)
        }
        guard rest.isEmpty else { return nil }
        self.init(seconds: civil.seconds - offset, nanoseconds: nanoseconds)
    }

    /// The moment of a date and time of day in UTC; nil if there is no such date or time, or its year has not four
    /// digits.
    init?(year: Int, month: Int, day: Int, hour: Int, minute: Int, second: Int) {
        guard (0...9999).contains(year), (1...12).contains(month), day >= 1, day <= Self.days(of: month, in: year),
            (0..<24).contains(hour), (0..<60).contains(minute), (0..<60).contains(second)
        else { return nil }
        let days = (1..<month).reduce(Self.daysBefore(year) + day - 1) { $0 + Self.days(of: $1, in: year) }
        self.init(seconds: days * 86_400 + hour * 3600 + minute * 60 + second)
    }

    private static func isLeap(_ year: Int) -> Bool { year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) }

    private static func days(of month: Int, in year: Int) -> Int {
        switch month {
        case 2: isLeap(year) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Days from 1970 to the beginning of the year, of the Gregorian calendar.
    private static func daysBefore(_ year: Int) -> Int {
        // 400 years more, so that every division is one of positive numbers.
        func count(_ year: Int) -> Int { year * 365 + (year + 3) / 4 - (year + 99) / 100 + (year + 399) / 400 }
        return count(year + 400) - count(1970 + 400)
    }
}

extension UTCTime: CustomStringConvertible {
    /// RFC 3339, with a fraction if there is one.
    public var description: String {
        func pad(_ number: Int, _ width: Int) -> String {
            let digits = String(number)
            return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
        }
        // Logs may claim any number; a calendar is for those that people use.
        guard (0..<253_402_300_800).contains(seconds) else { return "\(seconds) seconds after 1970-01-01T00:00:00Z" }
        var days = seconds / 86_400
        let second = seconds % 86_400
        // A year has at most 366 days, so the guess is never too late.
        var year = 1970 + days / 366
        while Self.daysBefore(year + 1) <= days { year += 1 }
        days -= Self.daysBefore(year)
        var month = 1
        while days >= Self.days(of: month, in: year) {
            days -= Self.days(of: month, in: year)
            month += 1
        }
        var fraction = nanoseconds == 0 ? "" : "." + pad(nanoseconds, 9)
        while fraction.hasSuffix("0") { fraction.removeLast() }
        return "\(pad(year, 4))-\(pad(month, 2))-\(pad(days + 1, 2))"
            + "T\(pad(second / 3600, 2)):\(pad(second / 60 % 60, 2)):\(pad(second % 60, 2))\(fraction)Z"
    }
}
