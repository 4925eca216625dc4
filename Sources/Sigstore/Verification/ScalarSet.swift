/// A set of Unicode scalars, as ranges: what one place of a text may be.
struct ScalarSet: Hashable, Sendable {
    /// Sorted, with a gap after each.
    private let ranges: [ClosedRange<UInt32>]

    init(_ ranges: [ClosedRange<UInt32>]) {
        var merged: [ClosedRange<UInt32>] = []
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if let last = merged.last, range.lowerBound <= last.upperBound || range.lowerBound - last.upperBound == 1 {
                merged[merged.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
            } else {
                merged.append(range)
            }
        }
        self.ranges = merged
    }

    init(_ scalar: Unicode.Scalar) { ranges = [scalar.value...scalar.value] }

    /// The scalars of an ASCII text.
    init(ascii text: StaticString) {
        self.init(text.withUTF8Buffer { $0.map { UInt32($0)...UInt32($0) } })
    }

    /// Every scalar that there is.
    static let all = ScalarSet([0...0x10_FFFF])
    static let digits = ScalarSet([0x30...0x39])
    static let lower = ScalarSet([0x61...0x7A])
    static let upper = ScalarSet([0x41...0x5A])
    static let letters = lower.union(upper)
    static let word = letters.union(digits).union(ScalarSet("_"))

    func union(_ other: ScalarSet) -> ScalarSet { ScalarSet(ranges + other.ranges) }

    var inverted: ScalarSet {
        var gaps: [ClosedRange<UInt32>] = []
        var next: UInt32 = 0
        for range in ranges {
            if range.lowerBound > next { gaps.append(next...(range.lowerBound - 1)) }
            next = range.upperBound + 1
        }
        if next <= 0x10_FFFF { gaps.append(next...0x10_FFFF) }
        return ScalarSet(gaps)
    }

    /// With the other case of every letter; nil if the set has scalars beyond ASCII.
    ///
    /// Two letters of ASCII have a third form: the Kelvin sign is a k, and the long s an s.
    var foldedASCII: ScalarSet? {
        guard ranges.allSatisfy({ $0.upperBound < 0x80 }) else { return nil }
        var folded = ranges
        for range in ranges {
            for value in range {
                if (0x41...0x5A).contains(value) { folded.append(value + 0x20...value + 0x20) }
                if (0x61...0x7A).contains(value) { folded.append(value - 0x20...value - 0x20) }
                if value | 0x20 == 0x6B { folded.append(0x212A...0x212A) }
                if value | 0x20 == 0x73 { folded.append(0x17F...0x17F) }
            }
        }
        return ScalarSet(folded)
    }

    func contains(_ scalar: Unicode.Scalar) -> Bool {
        var low = 0
        var high = ranges.count
        while low < high {
            let middle = (low + high) / 2
            if scalar.value > ranges[middle].upperBound { low = middle + 1 } else { high = middle }
        }
        return low < ranges.count && ranges[low].contains(scalar.value)
    }
}
