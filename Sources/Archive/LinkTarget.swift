/// Where a symbolic link points.
enum LinkTarget {
    /// The target, if following it can never leave the archive's tree.
    ///
    /// `..` may stand at the start only, and no more of them than there are directories above the link. Those are real
    /// directories, so that each `..` goes where it says. After a name it might not: with `a -> .`, the target `a/../..`
    /// leaves the tree, though by its letters it would not. A name, in turn, leads down, or to another link that was
    /// checked in the same way.
    static func check(_ bytes: [UInt8], ofLinkAt path: String) throws(EntryError) -> String {
        guard !bytes.isEmpty, !bytes.contains(0), let target = String(validating: bytes, as: UTF8.self) else {
            throw .linkMalformed
        }
        guard bytes.first != UInt8(ascii: "/") else { throw .linkAbsolute }
        var directoriesAbove = path.utf8.count { $0 == UInt8(ascii: "/") }
        var isAfterName = false
        for component in bytes.split(separator: UInt8(ascii: "/")) where !component.elementsEqual(".".utf8) {
            if component.elementsEqual("..".utf8) {
                guard !isAfterName, directoriesAbove > 0 else { throw .linkEscapes }
                directoriesAbove -= 1
            } else {
                isAfterName = true
            }
        }
        return target
    }
}
