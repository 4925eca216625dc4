import AssayModel
import DigestCatalog

/// Gives every child of a directory of the catalog a name of its own: the rules of docs/SEMANTICS.md, "Names".
struct DirectoryNames {
    /// The names and what they lead to, in the order of the names' bytes.
    let items: [(name: String, node: Node)]

    init(directories: [DirectoryRecord], entries: [EntryRecord], fallbackTime: Timestamp) {
        var taken = Set<ExactString>()
        func claim(_ name: String) -> Bool { taken.insert(ExactString(name)).inserted }

        // In the order of precedence, and older numbers first.
        var children: [(wanted: [String], node: Node, bundle: BundleRecord?)] = []
        children.reserveCapacity(directories.count + entries.count)
        let directories = directories.sorted { $0.id.rawValue < $1.id.rawValue }
        for directory in directories where !directory.isArchiveRoot {
            children.append(([FileName.make(from: directory.name)], directory.node(fallbackTime: fallbackTime), nil))
        }
        for entry in entries.sorted(by: { $0.id < $1.id }) {
            children.append(([FileName.make(from: entry.name)], entry.node, entry.bundle))
        }
        for archive in directories where archive.isArchiveRoot {
            let names = [archive.name, archive.name + (archive.archiveSuffix ?? "")].map { FileName.make(from: $0) }
            children.append((names, archive.node(fallbackTime: fallbackTime), nil))
        }

        // First everybody who wants a name nobody else wants, then those who have to make do with another: a made name
        // never takes the place of a real one, and `ArtifactTree.lookup` need not look at all siblings.
        var names = [String?](repeating: nil, count: children.count)
        for (index, child) in children.enumerated() {
            if let first = child.wanted.first, claim(first) { names[index] = first }
        }
        for (index, child) in children.enumerated() where names[index] == nil {
            names[index] = child.wanted.dropFirst().first(where: claim) ?? Self.number(child.wanted.last ?? "", claim)
        }

        var items: [(name: String, node: Node)] = []
        items.reserveCapacity(2 * children.count)
        for (name, child) in zip(names, children) {
            guard let name else { continue }
            items.append((name, child.node))
            // Where both names are artifacts of the archive, the bundle is found under by-digest alone.
            if let bundle = child.bundle,
                let free = [FileName.bundle(of: name), FileName.secondBundle(of: name)].first(where: claim)
            {
                items.append((free, bundle.node))
            }
        }
        self.items = items.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    }

    /// The name with the first number from 2 on that nobody has.
    private static func number(_ name: String, _ claim: (String) -> Bool) -> String {
        var number = 2
        while true {
            let suffix = "~\(number)"
            let numbered = FileName.cut(name, to: FileName.limit - suffix.utf8.count) + suffix
            if claim(numbered) { return numbered }
            number += 1
        }
    }

    /// The node called `name`.
    func node(named name: String) -> Node? {
        var low = 0
        var high = items.count
        while low < high {
            let middle = (low + high) / 2
            if items[middle].name.utf8.lexicographicallyPrecedes(name.utf8) { low = middle + 1 } else { high = middle }
        }
        guard low < items.count, items[low].name.utf8.elementsEqual(name.utf8) else { return nil }
        return items[low].node
    }
}

extension DirectoryRecord {
    func node(fallbackTime: Timestamp) -> Node {
        Node(id: NodeIdentity.directory(id).id, kind: .directory, size: 0, modified: modified ?? fallbackTime)
    }
}

extension EntryRecord {
    var node: Node {
        Node(
            id: NodeIdentity.entry(id).id, kind: link == nil ? .file : .symbolicLink,
            size: link?.utf8.count ?? artifact?.size ?? 0, modified: modified)
    }
}

extension BundleRecord {
    var node: Node {
        Node(id: NodeIdentity.bundle(attestation: id).id, kind: .file, size: size, modified: created)
    }
}
