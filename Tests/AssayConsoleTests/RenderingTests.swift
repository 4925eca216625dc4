import Testing

@testable import AssayConsole

@Suite struct RenderingTests {
    @Test(
        arguments: [
            ("plain name", "plain name"), ("naïve/名前", "naïve/名前"), ("a\nb\tc\r", "a\\nb\\tc\\r"),
            ("\u{1b}[2J", "\\x1b[2J"), ("\u{7}", "\\x07"), ("\u{9b}31m", "\\x9b31m"),
            ("gnp.\u{202e}exe", "gnp.\\u{202e}exe"), ("\u{2028}", "\\u{2028}"), ("\r\n", "\\r\\n"),
        ])
    func escapesWhatATerminalWouldObey(text: String, shown: String) {
        #expect(TerminalText.escaped(text) == shown)
    }

    @Test func measuresColumns() {
        #expect(TerminalText.width(of: "abc") == 3)
        #expect(TerminalText.width(of: "名前") == 4)
        #expect(TerminalText.width(of: "e\u{301}") == 1)
    }

    @Test(
        arguments: [
            ("abcdefghij", 10, "abcdefghij"), ("abcdefghij", 7, "abc…hij"), ("abcdefghij", 1, "…"),
            ("abcdefghij", 0, ""), ("名前名前", 5, "名…前"),
        ])
    func fitsByLeavingOutTheMiddle(text: String, columns: Int, fitted: String) {
        let result = TerminalText.fitted(text, into: columns)
        #expect(result == fitted)
        #expect(TerminalText.width(of: result) <= columns)
    }

    @Test(
        arguments: [
            (0, "0 B"), (1023, "1023 B"), (1024, "1.00 KiB"), (1536, "1.50 KiB"), (12_900_000, "12.3 MiB"),
            (1 << 30, "1.00 GiB"), ((1 << 20) - 1, "1.00 MiB"), (1_047_552, "1023 KiB"), (Int.max, "8.00 EiB"),
            (-2048, "-2.00 KiB"),
        ])
    func showsBytes(count: Int, text: String) {
        #expect(HumanNumber.bytes(count) == text)
    }

    @Test func showsCountsAndNouns() {
        #expect(HumanNumber.count(0) == "0")
        #expect(HumanNumber.count(1_234_567) == "1,234,567")
        #expect(HumanNumber.count(-1000) == "-1,000")
        #expect(HumanNumber.count(1, "entry", plural: "entries") == "1 entry")
        #expect(HumanNumber.count(2000, "archive") == "2,000 archives")
        #expect(HumanNumber.clock(.seconds(7)) == "0:07")
        #expect(HumanNumber.clock(.seconds(3723)) == "1:02:03")
    }

    @Test func interpolatedTextIsEscapedAndLiteralsAreNot() {
        let text: ConsoleText = "one\ntwo \("a\nb") \("bad\u{1b}", .bad)"
        #expect(text.rendered(colored: false) == "one\ntwo a\\nb bad\\x1b")
        #expect(text.rendered(colored: true) == "one\ntwo a\\nb \u{1b}[31mbad\\x1b\u{1b}[0m")
    }

    @Test func tablesAlignTheirColumns() {
        var table = TextTable([("name", .leading), ("size", .trailing), ("note", .leading)])
        table.add(["a", "12", "first"])
        table.add(["\("名前")", "1,234"])
        table.add(["long\("\n")name", "", "last"])
        #expect(
            table.text.rendered(colored: false) == """
                name         size  note
                a              12  first
                名前        1,234
                long\\nname         last

                """)
    }

    @Test func coloursDoNotDisturbAlignment() {
        var table = TextTable([("a", .leading), ("b", .leading)])
        table.add([ConsoleText("ok", .good), "x"])
        let colored = table.text.rendered(colored: true)
        #expect(colored.contains("\u{1b}[32mok\u{1b}[0m  x"))
        #expect(table.text.rendered(colored: false) == "a   b\nok  x\n")
    }
}
