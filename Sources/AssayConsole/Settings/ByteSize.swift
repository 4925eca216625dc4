/// A number of bytes as people write it: `64MiB`, `1GB`, `1.5 GiB`, `4096`.
///
/// kB, MB, GB and TB are powers of 1000; KiB, MiB, GiB and TiB are powers of 1024. Case does not matter.
public struct ByteSize: SettingValue, Hashable {
    /// In bytes, 1 or more.
    public let bytes: Int

    public static var placeholder: String { "size" }
    public static var forms: [SettingForm] { [.string, .integer] }

    private static let units: [String: Int] = [
        "": 1, "b": 1,
        "kb": 1000, "mb": 1_000_000, "gb": 1_000_000_000, "tb": 1_000_000_000_000,
        "kib": 1 << 10, "mib": 1 << 20, "gib": 1 << 30, "tib": 1 << 40,
    ]

    init(bytes: Int) { self.bytes = max(1, bytes) }

    public init(settingText text: String) throws(SettingSyntaxError) {
        guard let amount = Quantity(text), let unit = Self.units[amount.unit.lowercased()] else {
            throw SettingSyntaxError("is not a size such as 64MiB, 1GB or 4096")
        }
        guard let bytes = amount.number(of: unit), bytes > 0 else {
            throw SettingSyntaxError("is not a size between 1 byte and 8 EiB")
        }
        self.bytes = bytes
    }

    /// The largest binary unit that divides the size, so that nothing is rounded.
    public var settingText: String {
        for (name, unit) in [("TiB", 1 << 40), ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)]
        where bytes.isMultiple(of: unit) {
            return "\(bytes / unit)\(name)"
        }
        return String(bytes)
    }
}

/// A decimal number and the word behind it.
struct Quantity {
    private let whole: Int
    /// The digits after the point, as a fraction `part / scale`.
    private let part: Int
    private let scale: Int
    let unit: String

    /// - Parameter text: such as `1.5 GiB`; at most six digits after the point.
    init?(_ text: String) {
        let trimmed = text.drop(while: { $0 == " " })
        let digits = trimmed.prefix(while: { $0.isASCII && $0.isWholeNumber })
        guard let whole = Int(digits) else { return nil }
        var rest = trimmed.dropFirst(digits.count)
        var part = 0
        var scale = 1
        if rest.first == "." {
            let decimals = rest.dropFirst().prefix(while: { $0.isASCII && $0.isWholeNumber })
            guard decimals.count <= 6, let value = Int(decimals) else { return nil }
            part = value
            for _ in decimals { scale *= 10 }
            rest = rest.dropFirst(1 + decimals.count)
        }
        let words = rest.split(separator: " ")
        guard words.count <= 1 else { return nil }
        self.whole = whole
        self.part = part
        self.scale = scale
        self.unit = words.first.map(String.init) ?? ""
    }

    /// The quantity as a whole number of the base unit, rounded down; nil if it does not fit.
    func number(of unit: Int) -> Int? {
        let (product, overflow) = whole.multipliedReportingOverflow(by: unit)
        let (fraction, fractionOverflow) = part.multipliedReportingOverflow(by: unit)
        let (sum, sumOverflow) = product.addingReportingOverflow(fraction / scale)
        return overflow || fractionOverflow || sumOverflow ? nil : sum
    }
}
