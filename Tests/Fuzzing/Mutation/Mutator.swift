@testable import Sigstore

/// Makes inputs out of inputs: takes them apart by their form, damages a part, and puts them together again, so that the
/// damage comes to where parsers of the outer layers have already said yes.
struct Mutator {
    var random: SplitMix
    /// What pieces are taken from, besides the input itself.
    let others: [[UInt8]]
    /// How long an input may become.
    var limit = 1 << 16

    /// The input with one change, or a few.
    mutating func mutate(_ bytes: [UInt8], form: FuzzTarget.Form) -> [UInt8] {
        var bytes = bytes
        repeat {
            let next = changed(bytes, form: form)
            if next.count <= limit { bytes = next }
        } while random.isOne(in: 3)
        return bytes
    }

    /// How often something of that size is repeated: not more often than the limit allows.
    mutating func repetitions(ofSize size: Int) -> Int {
        max(1, min(1 << random.below(12), limit / max(1, size)))
    }

    private mutating func changed(_ bytes: [UInt8], form: FuzzTarget.Form) -> [UInt8] {
        // Damage without any sense is needed, too.
        if random.isOne(in: 8) { return damaged(bytes) }
        switch form {
        case .json: return changedJSON(bytes) ?? damaged(bytes)
        case .der: return changedDER(bytes) ?? damaged(bytes)
        case .pem: return changedPEM(bytes) ?? changedText(bytes)
        case .text: return changedText(bytes)
        case .bytes: return damaged(bytes)
        }
    }

    /// Bytes whose form is guessed: what base64 inside of documents holds.
    mutating func changedGuessing(_ bytes: [UInt8]) -> [UInt8] {
        switch bytes.first {
        case UInt8(ascii: "{"): changed(bytes, form: .json)
        case 0x30: changed(bytes, form: .der)
        case UInt8(ascii: "-"): changed(bytes, form: .pem)
        default: damaged(bytes)
        }
    }

    // MARK: Bytes

    private static let words: [[UInt8]] =
        [
            "{", "}", "[", "]", "\"", ",", ":", "null", "0", "-1", "9223372036854775807", "9223372036854775808",
            "\\u0000", "\\ud800", "1e999", "=", "AA==", "\u{FEFF}", "\u{202E}", "\u{1B}[2J", "\u{212A}", "\r\n", "\n\n",
            "\u{2014} ",
        ].map { Array($0.utf8) } + [
            [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF8, 0x88, 0x80, 0x80, 0x80], [0xFF], [0x00], [0x30, 0x80],
            [0x84, 0xFF, 0xFF, 0xFF, 0xFF], [0x88, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF],
        ]

    mutating func damaged(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        guard !bytes.isEmpty else { return Self.words[random.below(Self.words.count)] }
        let place = random.below(bytes.count)
        let end = min(bytes.count, place + 1 + random.below(40))
        switch random.below(8) {
        case 0: bytes[place] ^= 1 << UInt8(random.below(8))
        case 1: bytes[place] = [0, 0xFF, 0x7F, 0x80, UInt8(random.below(256))][random.below(5)]
        case 2: bytes.removeSubrange(place..<end)
        case 3: bytes.removeSubrange(place...)
        case 4: bytes.insert(contentsOf: Self.words[random.below(Self.words.count)], at: place)
        case 5: bytes.insert(contentsOf: bytes[place..<end], at: random.below(bytes.count))
        case 6: bytes.replaceSubrange(place..<end, with: Self.words[random.below(Self.words.count)])
        default:
            let other = others.isEmpty ? bytes : others[random.below(others.count)]
            guard !other.isEmpty else { return bytes }
            let start = random.below(other.count)
            bytes.replaceSubrange(place..<end, with: other[start..<min(other.count, start + 1 + random.below(200))])
        }
        return bytes
    }

    // MARK: Text

    private mutating func changedText(_ bytes: [UInt8]) -> [UInt8] {
        let lineFeed = UInt8(ascii: "\n")
        var lines = bytes.split(separator: lineFeed, omittingEmptySubsequences: false).map { Array($0) }
        guard !lines.isEmpty else { return damaged(bytes) }
        let place = random.below(lines.count)
        switch random.below(6) {
        case 0: lines.remove(at: place)
        case 1: lines.insert(lines[random.below(lines.count)], at: place)
        case 2: lines.swapAt(place, random.below(lines.count))
        case 3:
            let count = repetitions(ofSize: lines[place].count + 1)
            lines[place] = Array(Array(repeating: lines[place], count: count).joined(separator: [lineFeed]))
        case 4:
            // A word of the line, which may be base64.
            var words = lines[place].split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
                .map { Array($0) }
            guard !words.isEmpty else { break }
            let index = random.below(words.count)
            let decoded = Base64.bytes(of: String(decoding: words[index], as: UTF8.self))
            words[index] = decoded.map { Array(Base64.text(of: damaged($0)).utf8) } ?? damaged(words[index])
            lines[place] = Array(words.joined(separator: [UInt8(ascii: " ")]))
        default: lines[place] = damaged(lines[place])
        }
        return Array(lines.joined(separator: [lineFeed]))
    }

    // MARK: PEM

    /// Nil if there is no block.
    private mutating func changedPEM(_ bytes: [UInt8]) -> [UInt8]? {
        var lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
            .map(String.init)
        guard let begin = lines.firstIndex(where: { $0.hasPrefix("-----BEGIN") }),
            let end = lines[begin...].firstIndex(where: { $0.hasPrefix("-----END") }), begin + 1 < end,
            let content = Base64.bytes(of: lines[(begin + 1)..<end].joined())
        else { return nil }
        let text = Array(Base64.text(of: changed(content, form: .der)).utf8)
        let body = stride(from: 0, to: text.count, by: 64).map {
            String(decoding: text[$0..<min(text.count, $0 + 64)], as: UTF8.self)
        }
        lines.replaceSubrange((begin + 1)..<end, with: body)
        return Array(lines.joined(separator: "\n").utf8)
    }
}
