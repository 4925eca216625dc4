/// An element of DER (X.690), taken apart as far as it goes.
indirect enum DERNode {
    case primitive(tag: UInt8, content: [UInt8])
    /// Elements one after the other: what a SEQUENCE or SET holds, and often an OCTET STRING or BIT STRING too; `prefix`
    /// is what stands before them, such as the number of unused bits.
    case constructed(tag: UInt8, prefix: [UInt8], children: [DERNode])

    /// The elements that the bytes are, all of them; nil if they are not.
    static func elements(of bytes: ArraySlice<UInt8>, depth: Int = 0) -> [DERNode]? {
        guard depth < 40 else { return nil }
        var rest = bytes
        var nodes: [DERNode] = []
        while let tag = rest.popFirst() {
            // Tags of several bytes are not used here.
            guard tag & 0x1F != 0x1F, let first = rest.popFirst() else { return nil }
            var length = Int(first)
            if first >= 0x80 {
                let count = Int(first & 0x7F)
                guard (1...4).contains(count), rest.count >= count else { return nil }
                length = rest.prefix(count).reduce(0) { $0 << 8 | Int($1) }
                rest = rest.dropFirst(count)
            }
            guard rest.count >= length else { return nil }
            nodes.append(node(tag, rest.prefix(length), depth: depth))
            rest = rest.dropFirst(length)
        }
        return nodes
    }

    private static func node(_ tag: UInt8, _ content: ArraySlice<UInt8>, depth: Int) -> DERNode {
        let isContainer = tag & 0x20 != 0 || tag == 0x04 || tag == 0x03
        let prefix = tag == 0x03 ? content.prefix(1) : []
        if isContainer, let children = elements(of: content.dropFirst(prefix.count), depth: depth + 1),
            !children.isEmpty || tag & 0x20 != 0
        {
            return .constructed(tag: tag, prefix: Array(prefix), children: children)
        }
        return .primitive(tag: tag, content: Array(content))
    }

    var bytes: [UInt8] {
        switch self {
        case .primitive(let tag, let content): Self.encoded(tag, content)
        case .constructed(let tag, let prefix, let children): Self.encoded(tag, prefix + children.flatMap(\.bytes))
        }
    }

    static func encoded(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] {
        var length: [UInt8] = []
        var count = content.count
        if count < 0x80 { return [tag, UInt8(count)] + content }
        while count > 0 {
            length.insert(UInt8(truncatingIfNeeded: count), at: 0)
            count >>= 8
        }
        return [tag, 0x80 | UInt8(length.count)] + length + content
    }

    /// How many elements it is made of, itself included.
    var count: Int {
        if case .constructed(_, _, let children) = self { children.reduce(1) { $0 + $1.count } } else { 1 }
    }

    /// The element of that number, in the order of the bytes.
    subscript(number: Int) -> DERNode? {
        if number == 0 { return self }
        guard case .constructed(_, _, let children) = self else { return nil }
        var rest = number - 1
        for child in children {
            if rest < child.count { return child[rest] }
            rest -= child.count
        }
        return nil
    }
}
