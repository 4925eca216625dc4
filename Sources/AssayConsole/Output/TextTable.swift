/// Rows with aligned columns.
public struct TextTable: Sendable {
    public enum Alignment: Sendable {
        /// For words.
        case leading
        /// For numbers.
        case trailing
    }

    private let columns: [(title: ConsoleText, alignment: Alignment)]
    private var rows: [[ConsoleText]] = []

    public init(_ columns: [(title: String, alignment: Alignment)]) {
        self.columns = columns.map { (ConsoleText($0.title, .heading), $0.alignment) }
    }

    /// Cells missing at the row's end are empty; those beyond the last column are left out.
    public mutating func add(_ row: [ConsoleText]) {
        rows.append(row)
    }

    /// The heading and the rows, each ending in a newline, without blanks at the ends of lines.
    public var text: ConsoleText {
        let lines = [columns.map(\.title)] + rows
        let widths = columns.indices.map { column in
            lines.map { $0.count > column ? $0[column].width : 0 }.max() ?? 0
        }
        return lines.reduce("") { $0 + line($1, widths: widths) + "\n" }
    }

    private func line(_ cells: [ConsoleText], widths: [Int]) -> ConsoleText {
        var line: ConsoleText = ""
        var owed = 0
        for (column, cell) in cells.prefix(columns.count).enumerated() {
            let padding = widths[column] - cell.width
            let before = columns[column].alignment == .trailing ? padding : 0
            if cell.width > 0 {
                line = line + ConsoleText(String(repeating: " ", count: owed + before)) + cell
                owed = padding - before + 2
            } else {
                owed += padding + 2
            }
        }
        return line
    }
}
