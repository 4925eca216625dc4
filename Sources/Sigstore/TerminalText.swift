/// Text of unknown origin made safe to show.
public enum TerminalText {
    /// `text` on one line: control characters, line separators, and characters that are invisible or reorder what is
    /// shown, become `\u{...}`, and a backslash two of them, so that no two texts look the same.
    public static func escape(_ text: String) -> String {
        var safe = ""
        for scalar in text.unicodeScalars {
            if scalar == "\\" {
                safe += "\\\\"
            } else if isUnsafe(scalar) {
                safe += "\\u{\(String(scalar.value, radix: 16))}"
            } else {
                safe.unicodeScalars.append(scalar)
            }
        }
        return safe
    }

    /// `text` escaped, and cut where it is too long for a message.
    package static func excerpt(_ text: String) -> String {
        let start = text.unicodeScalars.prefix(400)
        return escape(String(start)) + (start.endIndex < text.unicodeScalars.endIndex ? "..." : "")
    }

    static func isUnsafe(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII { return scalar.value < 0x20 || scalar.value == 0x7F }
        return switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned, .surrogate: true
        default: false
        }
    }
}
