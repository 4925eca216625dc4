// What stands for one scalar of the text.
extension RegularExpressionParser {
    /// `\d`, `\w`, `\s` and their opposites, all of them ASCII; nil if something else is here.
    mutating func escapedSet() throws(SigstoreError) -> ScalarSet? {
        let place = position
        for (name, set) in [("d", ScalarSet.digits), ("w", .word), ("s", ScalarSet(ascii: "\t\n\u{C}\r "))] {
            if skip("\\\(name)") { return try folded(set, at: place) }
            if skip("\\\(name.uppercased())") { return try folded(set, at: place).inverted }
        }
        return nil
    }

    /// The scalar behind a backslash.
    mutating func escapedScalar() throws(SigstoreError) -> Unicode.Scalar {
        position += 1
        guard let scalar = next else { throw fault("leaves a backslash with nothing behind it") }
        let unknown = fault("stands behind a backslash and means nothing there that is known")
        position += 1
        switch scalar {
        case "a": return "\u{7}"
        case "f": return "\u{C}"
        case "n": return "\n"
        case "r": return "\r"
        case "t": return "\t"
        case "v": return "\u{B}"
        case "x": return try hexadecimal()
        default:
            guard scalar.isASCII, !ScalarSet.letters.union(.digits).contains(scalar) else { throw unknown }
            return scalar
        }
    }

    /// `41` or `{1F600}`.
    private mutating func hexadecimal() throws(SigstoreError) -> Unicode.Scalar {
        let start = position
        let isLong = skip("{")
        let first = position
        while let scalar = next, scalar.properties.isASCIIHexDigit, isLong || position < first + 2 { position += 1 }
        let digits = String(String.UnicodeScalarView(scalars[first..<position]))
        guard isLong ? skip("}") : digits.utf8.count == 2, let value = UInt32(digits, radix: 16),
            let scalar = Unicode.Scalar(value)
        else { throw fault("is not the number of a character in hexadecimal digits", at: start) }
        return scalar
    }

    /// `[...]`.
    mutating func bracket() throws(SigstoreError) -> ScalarSet {
        let start = position
        position += 1
        let isInverted = skip("^")
        let first = position
        var set = ScalarSet([])
        // A closing bracket that stands first is itself.
        while next != "]" || position == first {
            guard next != nil else { throw fault("opens a set that is not closed", at: start) }
            set = set.union(try item())
        }
        position += 1
        return isInverted ? set.inverted : set
    }

    private mutating func item() throws(SigstoreError) -> ScalarSet {
        let place = position
        if let set = try namedSet() { return set }
        if next == "\\", let set = try escapedSet() { return set }
        let low = try end()
        guard next == "-", position + 1 < scalars.count, scalars[position + 1] != "]" else {
            return try folded(ScalarSet(low), at: place)
        }
        position += 1
        let high = try end()
        guard low <= high else { throw fault("begins a range that ends before it", at: place) }
        return try folded(ScalarSet([low.value...high.value]), at: place)
    }

    /// One end of a range, or what is none.
    private mutating func end() throws(SigstoreError) -> Unicode.Scalar {
        guard let scalar = next else { throw fault("is where a character is needed") }
        if scalar == "\\" { return try escapedScalar() }
        position += 1
        return scalar
    }

    /// `[:alpha:]` or `[:^alpha:]`; nil if something else is here.
    private mutating func namedSet() throws(SigstoreError) -> ScalarSet? {
        let place = position
        guard skip("[:") else { return nil }
        let isInverted = skip("^")
        let start = position
        while let scalar = next, ScalarSet.lower.contains(scalar) { position += 1 }
        let name = String(String.UnicodeScalarView(scalars[start..<position]))
        guard let set = Self.named(name), skip(":]") else {
            throw fault(
                "begins no set of a name that is known, such as [:alpha:]; write \\[ for the bracket", at: place)
        }
        let whole = try folded(set, at: place)
        return isInverted ? whole.inverted : whole
    }

    private static func named(_ name: String) -> ScalarSet? {
        switch name {
        case "alnum": ScalarSet.letters.union(.digits)
        case "alpha": .letters
        case "ascii": ScalarSet([0...0x7F])
        case "blank": ScalarSet(ascii: "\t ")
        case "cntrl": ScalarSet([0...0x1F, 0x7F...0x7F])
        case "digit": .digits
        case "graph": ScalarSet([0x21...0x7E])
        case "lower": .lower
        case "print": ScalarSet([0x20...0x7E])
        case "punct": ScalarSet([0x21...0x2F, 0x3A...0x40, 0x5B...0x60, 0x7B...0x7E])
        case "space": ScalarSet([0x09...0x0D, 0x20...0x20])
        case "upper": .upper
        case "word": .word
        case "xdigit": ScalarSet([0x30...0x39, 0x41...0x46, 0x61...0x66])
        default: nil
        }
    }
}
