/// Text as a terminal shows it: safe to print, and measured in columns.
public enum TerminalText {
    /// `text` with all that a terminal would obey or hide made visible: `\n`, `\x1b`, `\u{202e}`.
    ///
    /// Names from archives and buckets may hold escape sequences, newlines that fake lines of output, and marks that
    /// reverse the direction of writing.
    ///
    /// - Parameter kept: characters to leave as they are.
    public static func escaped(_ text: String, keeping kept: Set<Unicode.Scalar> = []) -> String {
        guard text.unicodeScalars.contains(where: isActive) else { return text }
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case _ where kept.contains(scalar) || !isActive(scalar): result.unicodeScalars.append(scalar)
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case _ where scalar.value < 0x100:
                let digits = String(scalar.value, radix: 16)
                result += digits.count < 2 ? "\\x0\(digits)" : "\\x\(digits)"
            default: result += "\\u{\(String(scalar.value, radix: 16))}"
            }
        }
        return result
    }

    private static func isActive(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator, .surrogate: true
        // The joiners are part of how some scripts and emoji are written.
        case .format: scalar != "\u{200C}" && scalar != "\u{200D}"
        default: false
        }
    }

    /// The number of columns that `text` takes on a terminal.
    public static func width(of text: String) -> Int {
        text.reduce(0) { $0 + width(of: $1) }
    }

    private static func width(of character: Character) -> Int {
        guard let scalar = character.unicodeScalars.first else { return 0 }
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format, .control: return 0
        default: break
        }
        // East Asian Width W and F (UAX 11), and emoji, by their blocks.
        return switch scalar.value {
        case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xA960...0xA97F, 0xAC00...0xD7A3, 0xF900...0xFAFF,
            0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F680...0x1F6FF,
            0x1F900...0x1F9FF, 0x20000...0x3FFFD:
            2
        default: 1
        }
    }

    /// `text` shortened to at most `columns` by leaving out its middle: the start of a path says where it is, its end
    /// what it is.
    public static func fitted(_ text: String, into columns: Int) -> String {
        guard width(of: text) > columns else { return text }
        guard columns > 1 else { return columns == 1 ? "…" : "" }
        let tail = prefix(of: String(text.reversed()), columns: columns / 2)
        let head = prefix(of: text, columns: columns - 1 - width(of: tail))
        return head + "…" + tail.reversed()
    }

    private static func prefix(of text: String, columns: Int) -> String {
        var used = 0
        return String(
            text.prefix { character in
                used += width(of: character)
                return used <= columns
            })
    }
}
