@testable import Sigstore

extension Mutator {
    /// JSON with one value changed, moved, doubled or left out; nil if it is not JSON. The result is not always valid.
    mutating func changedJSON(_ bytes: [UInt8]) -> [UInt8]? {
        guard let value = try? JSONValue(parsing: bytes) else { return nil }
        var countdown = random.below(Self.count(of: value))
        return rewritten(value, document: value, &countdown).bytes
    }

    private static func count(of value: JSONValue) -> Int {
        switch value {
        case .array(let elements): elements.reduce(1) { $0 + count(of: $1) }
        case .object(let object): object.members.reduce(1) { $0 + count(of: $1.value) }
        default: 1
        }
    }

    /// The value with the one changed that is reached as the countdown ends.
    private mutating func rewritten(_ value: JSONValue, document: JSONValue, _ countdown: inout Int) -> JSONValue {
        let isChosen = countdown == 0
        countdown -= 1
        if isChosen { return changed(value, document: document) }
        switch value {
        case .array(let elements):
            return .array(elements.map { rewritten($0, document: document, &countdown) })
        case .object(let object):
            return .object(
                JSONObject(
                    uniqueMembers: object.members.map {
                        .init(name: $0.name, value: rewritten($0.value, document: document, &countdown))
                    }))
        default: return value
        }
    }

    private mutating func changed(_ value: JSONValue, document: JSONValue) -> JSONValue {
        if random.isOne(in: 12) { return strange() }
        if random.isOne(in: 12) { return piece(of: document) }
        switch value {
        case .null: return strange()
        case .bool(let flag): return .bool(!flag)
        case .integer, .decimal: return number()
        case .string(let text): return .string(changed(text))
        case .array(var elements):
            let place = random.below(elements.count)
            switch random.below(5) {
            case 0 where !elements.isEmpty: elements.remove(at: place)
            case 1 where !elements.isEmpty: elements.insert(elements[place], at: random.below(elements.count))
            case 2 where !elements.isEmpty: elements.swapAt(place, random.below(elements.count))
            case 3 where !elements.isEmpty:
                elements = Array(
                    repeating: elements[place], count: repetitions(ofSize: elements[place].bytes.count + 1))
            default: elements.append(piece(of: document))
            }
            return .array(elements)
        case .object(let object):
            var members = object.members
            let place = random.below(members.count)
            switch random.below(6) {
            case 0 where !members.isEmpty: members.remove(at: place)
            // The name twice, which no reader may take.
            case 1 where !members.isEmpty:
                members.append(.init(name: members[place].name, value: piece(of: document)))
            case 2 where !members.isEmpty:
                members[place] = .init(name: changed(members[place].name), value: members[place].value)
            case 3 where !members.isEmpty: members.swapAt(place, random.below(members.count))
            case 4 where !members.isEmpty:
                let other = random.below(members.count)
                members[place] = .init(name: members[place].name, value: members[other].value)
            default: members.append(.init(name: changed("name"), value: piece(of: document)))
            }
            return .object(JSONObject(uniqueMembers: members))
        }
    }

    /// A text whose content is changed: inside of its base64, if it is some.
    private mutating func changed(_ text: String) -> String {
        if let number = Int(text), random.isOne(in: 2) {
            return [String(number &+ 1), String(number ^ 1), "-\(text)", "0\(text)", "9223372036854775808"][
                random.below(5)]
        }
        if let decoded = Base64.bytes(of: text), decoded.count > 3, !random.isOne(in: 6) {
            let written = Base64.text(of: changedGuessing(decoded))
            // Other spellings of the same bytes.
            switch random.below(10) {
            case 0: return written.replacing("=", with: "")
            case 1: return written.replacing("+", with: "-").replacing("/", with: "_")
            default: return written
            }
        }
        return String(decoding: mutate(Array(text.utf8), form: .text), as: UTF8.self)
    }

    private mutating func number() -> JSONValue {
        let texts = ["0", "-1", "-0", "1.5", "1e400", "9223372036854775807", "9223372036854775808", "1E+2", "00"]
        let text = texts[random.below(texts.count)]
        return random.isOne(in: 2) ? .decimal(text) : .string(text)
    }

    /// Something that is seldom what a field should hold.
    private mutating func strange() -> JSONValue {
        switch random.below(8) {
        case 0: return .null
        case 1: return .bool(true)
        case 2: return number()
        case 3: return .string("")
        case 4: return .array([])
        case 5: return .object(JSONObject(uniqueMembers: []))
        case 6: return (0..<random.below(100)).reduce(.null) { value, _ in .array([value]) }
        default: return .string(String(repeating: "A", count: 1 << random.below(16)))
        }
    }

    /// A value from somewhere in the document or in another one.
    private mutating func piece(of document: JSONValue) -> JSONValue {
        var value = document
        if random.isOne(in: 2), !others.isEmpty {
            value = (try? JSONValue(parsing: others[random.below(others.count)])) ?? document
        }
        while !random.isOne(in: 4) {
            switch value {
            case .array(let elements) where !elements.isEmpty: value = elements[random.below(elements.count)]
            case .object(let object) where !object.members.isEmpty:
                value = object.members[random.below(object.members.count)].value
            default: return value
            }
        }
        return value
    }
}
