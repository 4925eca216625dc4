import Synchronization
import Testing

@testable import AssayConsole

@Suite struct ProgressTests {
    private var halfway: (progress: JobProgress, pace: Pace) {
        var progress = JobProgress("Indexing", items: "archives", total: 40, bytes: 200 << 20)
        progress.itemsDone = 12
        progress.bytesDone = 100 << 20
        progress.failed = 3
        progress.current = "releases/2026/a\u{1b}-name.zip"
        var pace = Pace()
        pace.record(bytes: 80 << 20, at: .seconds(10))
        pace.record(bytes: 100 << 20, at: .seconds(12))
        return (progress, pace)
    }

    @Test func wideBarShowsEverything() {
        let (progress, pace) = halfway
        #expect(
            progress.bar(pace: pace, columns: 160)
                == "Indexing  [############------------]  50%  12/40 archives  3 failed  100 MiB of 200 MiB  "
                + "10.0 MiB/s  ETA 0:10  releases/2026/a\\x1b-name.zip")
    }

    @Test(arguments: Array(0...200))
    func barNeverReachesTheLastColumn(columns: Int) {
        let (progress, pace) = halfway
        #expect(TerminalText.width(of: progress.bar(pace: pace, columns: columns)) <= max(0, columns - 1))
    }

    @Test func narrowBarKeepsWhatMattersMost() {
        let (progress, pace) = halfway
        #expect(progress.bar(pace: pace, columns: 40) == "Indexing  50%  12/40 archives  3 failed")
        #expect(progress.bar(pace: pace, columns: 26) == "Indexing  50%  3 failed")
    }

    @Test func logLineIsOneLine() {
        let (progress, pace) = halfway
        #expect(
            progress.logLine(pace: pace)
                == "Indexing: 12/40 archives, 100 MiB of 200 MiB, 3 failed, 10.0 MiB/s, about 0:10 left, "
                + "releases/2026/a\\x1b-name.zip")
    }

    @Test func unknownTotalsGiveNoPercentAndNoTimeLeft() {
        var progress = JobProgress("Scanning", items: "objects")
        progress.itemsDone = 1234
        #expect(progress.bar(pace: Pace(), columns: 80) == "Scanning  1,234 objects")
        #expect(progress.fraction == nil)
    }

    @Test func totalsThatWereTooLowStayWithinTheBar() {
        var progress = JobProgress("Indexing", items: "archives", total: 2, bytes: 10)
        progress.bytesDone = 25
        #expect(progress.fraction == 1)
        #expect(progress.bar(pace: Pace(), columns: 80).contains("[############]  100%"))
    }

    @Test func paceForgetsWhatIsLongAgo() {
        var pace = Pace()
        #expect(pace.bytesPerSecond == nil)
        for second in 0...100 { pace.record(bytes: second < 50 ? 0 : (second - 50) * 1000, at: .seconds(second)) }
        #expect(pace.bytesPerSecond == 1000)
    }

    @Test func sameMomentGivesNoPace() {
        var pace = Pace()
        pace.record(bytes: 0, at: .seconds(1))
        pace.record(bytes: 10, at: .seconds(1))
        #expect(pace.bytesPerSecond == nil)
    }

    /// The moments of a console in a test; it stands still until it is moved.
    private final class Moments: Sendable {
        private let time = Mutex(Duration.zero)
        func advance(_ duration: Duration) { time.withLock { $0 += duration } }
        var now: Duration { time.withLock(\.self) }
    }

    private func lines(bar: Bool, json: Bool = false, quiet: Bool = false, _ body: (Console, Moments) -> Void) throws
        -> String
    {
        let (output, errors, moments) = (try Capture(), try Capture(), Moments())
        var style = ConsoleStyle()
        style.showsBar = bar
        style.json = json
        style.quiet = quiet
        body(Console(style: style, output: output.output, errors: errors.output, now: { moments.now }), moments)
        #expect(output.text.isEmpty)
        return errors.text
    }

    @Test func barIsDrawnAtMostTenTimesASecond() throws {
        let text = try lines(bar: true) { console, moments in
            console.begin(JobProgress("Indexing", items: "archives"))
            for _ in 0..<100 {
                moments.advance(.milliseconds(10))
                console.update { $0.itemsDone += 1 }
            }
        }
        #expect(text.split(separator: "\r").count == 11)
        #expect(text.hasSuffix("Indexing  100 archives"))
    }

    @Test func messagesStandAboveTheBar() throws {
        let text = try lines(bar: true) { console, _ in
            console.begin(JobProgress("Indexing", items: "archives"))
            console.note("hello")
            console.endProgress()
        }
        let bar = "\r\u{1b}[2KIndexing  0 archives"
        #expect(text == bar + "\r\u{1b}[2Khello\n" + bar + "\r\u{1b}[2K")
    }

    @Test func logGetsALineEveryFewSeconds() throws {
        let text = try lines(bar: false) { console, moments in
            console.begin(JobProgress("Indexing", items: "archives"))
            for _ in 0..<12 {
                moments.advance(.seconds(1))
                console.update { $0.itemsDone += 1 }
            }
            console.note("hello")
            console.endProgress()
        }
        #expect(text == "Indexing: 5 archives\nIndexing: 10 archives\nhello\n")
    }

    @Test func quietShowsNoProgress() throws {
        let text = try lines(bar: true, quiet: true) { console, moments in
            console.begin(JobProgress("Indexing", items: "archives"))
            moments.advance(.seconds(60))
            console.update { $0.itemsDone += 1 }
        }
        #expect(text.isEmpty)
    }
}
