import AssayModel

/// When an entry was modified, from the most exact source that the directory has.
enum EntryTime {
    static func read(_ extra: ExtraFields, date: Int, time: Int) -> Timestamp? {
        fromExtendedTimestamp(extra) ?? fromNTFS(extra) ?? fromUnix(extra) ?? fromDOS(date: date, time: time)
    }

    /// Info-ZIP's extended timestamp: a byte of flags, then seconds since 1970, signed.
    private static func fromExtendedTimestamp(_ extra: ExtraFields) -> Timestamp? {
        guard let field = extra.first(ExtraFields.Tag.extendedTimestamp), field.count >= 5, field[0] & 1 != 0 else {
            return nil
        }
        return Timestamp(seconds: Int(field.number(Int32.self, at: 1)))
    }

    /// APPNOTE 4.5.5: after four reserved bytes, attribute 1 holds three times in 100 ns since 1601.
    private static func fromNTFS(_ extra: ExtraFields) -> Timestamp? {
        guard let field = extra.first(ExtraFields.Tag.ntfs), field.count >= 32, field.u16(4) == 1, field.u16(6) >= 24,
            let ticks = field.u64(8), ticks > 0
        else { return nil }
        let seconds = ticks / 10_000_000 - 11_644_473_600
        return seconds <= latest ? Timestamp(seconds: seconds) : nil
    }

    /// APPNOTE 4.5.7 and Info-ZIP's first Unix field: time of access, then of modification.
    private static func fromUnix(_ extra: ExtraFields) -> Timestamp? {
        let field = extra.first(ExtraFields.Tag.unix) ?? extra.first(ExtraFields.Tag.infoZIPUnix)
        guard let field, field.count >= 8 else { return nil }
        return Timestamp(seconds: Int(field.number(Int32.self, at: 4)))
    }

    /// APPNOTE 4.4.6: local time of an unknown place, taken as UTC.
    static func fromDOS(date: Int, time: Int) -> Timestamp? {
        let (year, month, day) = (1980 + (date >> 9), (date >> 5) & 15, date & 31)
        let (hour, minute, second) = (time >> 11, (time >> 5) & 63, 2 * (time & 31))
        guard (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60, second < 60 else { return nil }
        let midnight = Timestamp(year: year, month: month, day: day)
        // A day that its month does not have runs over into the next month, and is written otherwise than it was read.
        let nextMonth =
            month == 12
            ? Timestamp(year: year + 1, month: 1, day: 1)
            : Timestamp(year: year, month: month + 1, day: 1)
        guard midnight < nextMonth else { return nil }
        return Timestamp(seconds: midnight.seconds + hour * 3600 + minute * 60 + second)
    }

    // The last second of the year 9999: what dates are written with four digits for.
    private static let latest = 253_402_300_799
}
