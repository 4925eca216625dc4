/// Numbers as people read them.
public enum HumanNumber {
    /// Three significant digits and a binary unit: `999 B`, `1.50 KiB`, `12.3 MiB`.
    public static func bytes(_ count: Int) -> String {
        let units = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]
        guard count.magnitude >= 1024 else { return "\(count) B" }
        var value = Double(count)
        var index = -1
        // 1023.5 would be shown as 1024 of the smaller unit.
        while abs(value) >= 1023.5 && index < units.count - 1 {
            value /= 1024
            index += 1
        }
        let decimals = abs(value) < 9.995 ? 2 : abs(value) < 99.95 ? 1 : 0
        return "\(fixed(value, decimals: decimals)) \(units[max(0, index)])"
    }

    /// Digits in groups of three: `1,234,567`.
    public static func count(_ number: Int) -> String {
        let digits = String(number.magnitude)
        var result = ""
        for (index, digit) in digits.enumerated() {
            if index > 0 && (digits.count - index).isMultiple(of: 3) { result += "," }
            result.append(digit)
        }
        return number < 0 ? "-" + result : result
    }

    /// `1 archive`, `2 archives`: a number and its noun.
    public static func count(_ number: Int, _ singular: String, plural: String? = nil) -> String {
        "\(count(number)) \(number == 1 ? singular : plural ?? singular + "s")"
    }

    /// As a clock shows it: `0:07`, `12:34`, `1:02:03`.
    public static func clock(_ duration: Duration) -> String {
        let seconds = max(0, duration.components.seconds)
        func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let (hours, minutes) = (seconds / 3600, seconds / 60 % 60)
        return hours > 0 ? "\(hours):\(two(minutes)):\(two(seconds % 60))" : "\(minutes):\(two(seconds % 60))"
    }

    private static func fixed(_ value: Double, decimals: Int) -> String {
        guard decimals > 0 else { return String(Int(value.rounded())) }
        let scale = decimals == 1 ? 10 : 100
        let scaled = Int((value.magnitude * Double(scale)).rounded())
        let fraction = String(scaled % scale)
        let zeros = String(repeating: "0", count: decimals - fraction.count)
        return "\(value < 0 ? "-" : "")\(scaled / scale).\(zeros)\(fraction)"
    }
}
