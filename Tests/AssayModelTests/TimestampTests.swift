import AssayModel
import Testing

@Suite struct TimestampTests {
    @Test(arguments: [
        (0, "1970-01-01T00:00:00Z"), (1_767_323_045, "2026-01-02T03:04:05Z"), (-1, "1969-12-31T23:59:59Z"),
        (951_782_400, "2000-02-29T00:00:00Z"), (4_107_542_400, "2100-03-01T00:00:00Z"),
    ])
    func writesUTC(_ seconds: Int, _ text: String) {
        #expect(Timestamp(seconds: seconds).description == text)
    }

    @Test func countsDaysAsItWritesThem() {
        for (year, month, day) in [(1970, 1, 1), (2000, 2, 29), (2026, 12, 31), (1980, 1, 1), (2107, 12, 31)] {
            let text = Timestamp(year: year, month: month, day: day, hour: 23, minute: 59, second: 58).description
            let two = { (n: Int) in n < 10 ? "0\(n)" : "\(n)" }
            #expect(text == "\(year)-\(two(month))-\(two(day))T23:59:58Z")
        }
    }

    @Test func rangesRefuseWhatOverflows() {
        #expect(ByteRange(offset: 1, length: .max) == nil)
        #expect(ByteRange(offset: -1, length: 1) == nil)
        #expect(ByteRange(from: 5, to: 4) == nil)
        #expect(ByteRange(from: 5, to: 9)?.length == 4)
    }
}
