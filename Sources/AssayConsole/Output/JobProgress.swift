/// How far a long job is. All that a bar or a log line says is made from this.
public struct JobProgress: Sendable, Hashable {
    /// What is being done: `Indexing`.
    public let title: String
    /// What is counted, in the plural: `archives`.
    public let items: String
    public var itemsDone = 0
    public var itemsTotal: Int?
    public var bytesDone = 0
    public var bytesTotal: Int?
    public var failed = 0
    /// The object being worked on; a name from outside.
    public var current: String?

    public init(_ title: String, items: String, total: Int? = nil, bytes: Int? = nil) {
        self.title = title
        self.items = items
        self.itemsTotal = total
        self.bytesTotal = bytes
    }

    /// From 0 to 1, by bytes where they are known, else by items; nil if there is no total.
    var fraction: Double? {
        let known = [(bytesDone, bytesTotal), (itemsDone, itemsTotal)]
        for case (let done, let total?) in known where total > 0 {
            return min(1, max(0, Double(done) / Double(total)))
        }
        return nil
    }

    /// The bar for a terminal of `columns`: what fits, the most important first.
    func bar(pace: Pace, columns: Int) -> String {
        let percent = fraction.map { "\(Int($0 * 100))%" }
        // In the order of the line; a greater rank is left out sooner.
        var fields: [(rank: Int, text: String)] = [(0, title)]
        if let fraction { fields.append((4, Self.gauge(fraction, cells: columns >= 100 ? 24 : 12))) }
        if let percent { fields.append((1, percent)) }
        fields.append((2, itemsText))
        if failed > 0 { fields.append((1, "\(HumanNumber.count(failed)) failed")) }
        if bytesDone > 0 { fields.append((5, bytesText)) }
        if let rate = pace.bytesPerSecond { fields.append((6, "\(HumanNumber.bytes(rate))/s")) }
        if let left = timeLeft(pace) { fields.append((3, "ETA \(HumanNumber.clock(left))")) }
        func joined() -> String { fields.map(\.text).joined(separator: "  ") }
        // The last column stays empty: some terminals wrap when it is written.
        let room = max(0, columns - 1)
        while TerminalText.width(of: joined()) > room, let worst = fields.map(\.rank).max(), worst > 0 {
            fields.removeAll { $0.rank == worst }
        }
        let line = TerminalText.fitted(joined(), into: room)
        let rest = room - TerminalText.width(of: line) - 2
        guard let current, rest >= 12 else { return line }
        return line + "  " + TerminalText.fitted(TerminalText.escaped(current), into: rest)
    }

    /// The line for a log: everything, on one line.
    func logLine(pace: Pace) -> String {
        var parts = [itemsText]
        if bytesDone > 0 { parts.append(bytesText) }
        if failed > 0 { parts.append("\(HumanNumber.count(failed)) failed") }
        if let rate = pace.bytesPerSecond { parts.append("\(HumanNumber.bytes(rate))/s") }
        if let left = timeLeft(pace) { parts.append("about \(HumanNumber.clock(left)) left") }
        if let current { parts.append(TerminalText.escaped(current)) }
        return "\(title): \(parts.joined(separator: ", "))"
    }

    private var itemsText: String {
        let total = itemsTotal.map { "/\(HumanNumber.count($0))" } ?? ""
        return "\(HumanNumber.count(itemsDone))\(total) \(items)"
    }

    private var bytesText: String {
        let total = bytesTotal.map { " of \(HumanNumber.bytes($0))" } ?? ""
        return HumanNumber.bytes(bytesDone) + total
    }

    private func timeLeft(_ pace: Pace) -> Duration? {
        guard let bytesTotal, bytesTotal > bytesDone, let rate = pace.bytesPerSecond, rate > 0 else { return nil }
        return .seconds((bytesTotal - bytesDone) / rate)
    }

    private static func gauge(_ fraction: Double, cells: Int) -> String {
        let full = Int(fraction * Double(cells))
        return "[" + String(repeating: "#", count: full) + String(repeating: "-", count: cells - full) + "]"
    }
}

/// The speed of the last seconds.
struct Pace: Sendable {
    private var samples: [(time: Duration, bytes: Int)] = []
    private static let window = Duration.seconds(15)

    /// Notes the state of the job; `time` is counted from any fixed moment.
    mutating func record(bytes: Int, at time: Duration) {
        samples.append((time, bytes))
        while samples.count > 2, let first = samples.first, time - first.time > Self.window {
            samples.removeFirst()
        }
    }

    /// Nil until there are two moments to compare.
    var bytesPerSecond: Int? {
        guard let first = samples.first, let last = samples.last, last.bytes > first.bytes else { return nil }
        let seconds = (last.time - first.time) / .seconds(1)
        let rate = Double(last.bytes - first.bytes) / seconds
        return seconds > 0 && rate < 1e15 ? Int(rate) : nil
    }
}
