extension Mutator {
    /// DER with one element changed, moved, doubled or left out, and the lengths around it made right; nil if it is not
    /// one element of DER.
    mutating func changedDER(_ bytes: [UInt8]) -> [UInt8]? {
        guard let nodes = DERNode.elements(of: bytes[...]), nodes.count == 1, let root = nodes.first else { return nil }
        var countdown = random.below(root.count)
        return rewritten(root, root: root, &countdown)
    }

    private mutating func rewritten(_ node: DERNode, root: DERNode, _ countdown: inout Int) -> [UInt8] {
        let isChosen = countdown == 0
        countdown -= 1
        if isChosen { return changed(node, root: root) }
        guard case .constructed(let tag, let prefix, let children) = node else { return node.bytes }
        return DERNode.encoded(tag, prefix + children.flatMap { rewritten($0, root: root, &countdown) })
    }

    private mutating func changed(_ node: DERNode, root: DERNode) -> [UInt8] {
        let bytes = node.bytes
        switch random.below(9) {
        case 0: return []
        case 1: return bytes + bytes
        case 2: return (root[random.below(root.count)] ?? root).bytes
        case 3: return bytes + (root[random.below(root.count)] ?? root).bytes
        case 4: return [UInt8(random.below(256))] + bytes.dropFirst()
        case 5: return lying(bytes)
        case 6: return (0..<(1 << random.below(7))).reduce(bytes) { content, _ in DERNode.encoded(0x30, content) }
        default:
            switch node {
            case .primitive(let tag, let content): return DERNode.encoded(tag, changedContent(content))
            case .constructed(let tag, let prefix, var children):
                if !children.isEmpty {
                    children.swapAt(random.below(children.count), random.below(children.count))
                }
                return DERNode.encoded(
                    tag, (prefix.isEmpty ? [] : [UInt8(random.below(9))]) + children.flatMap(\.bytes))
            }
        }
    }

    /// The element with a length that is not its own, or in a form that DER does not allow.
    private mutating func lying(_ bytes: [UInt8]) -> [UInt8] {
        guard let tag = bytes.first else { return bytes }
        let content = bytes.dropFirst(2)
        switch random.below(5) {
        case 0: return [tag, 0x80] + content + [0, 0]
        case 1: return [tag, 0x84, 0xFF, 0xFF, 0xFF, 0xFF] + content
        case 2: return [tag, 0x84, 0x7F, 0xFF, 0xFF, 0xFF] + content
        case 3: return [tag, 0x82, 0, UInt8(truncatingIfNeeded: content.count)] + content
        default: return [tag, UInt8(random.below(256))] + content
        }
    }

    private mutating func changedContent(_ content: [UInt8]) -> [UInt8] {
        switch random.below(8) {
        case 0: []
        case 1: [UInt8](repeating: 0xFF, count: 1 << random.below(10))
        case 2: [0] + content
        case 3: content + [0]
        case 4: content.map { _ in UInt8(random.below(256)) }
        default: damaged(content)
        }
    }
}
