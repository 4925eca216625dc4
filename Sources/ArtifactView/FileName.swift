import AssayModel

/// How names of keys and entries become names of files: the rules of docs/SEMANTICS.md, "Names".
enum FileName {
    /// The longest name in bytes that programs expect of a file system (NAME_MAX).
    static let limit = 255

    /// A component of a key or path as the name of a file.
    static func make(from component: String) -> String {
        switch component {
        case "": return "%"
        case ".": return "%2E"
        case "..": return "%2E%2E"
        default: break
        }
        var name = component
        // By scalars and bytes: what Swift calls a character may be a percent sign with an accent on it.
        if name.utf8.first == UInt8(ascii: "%") { name = "%25" + String(name.unicodeScalars.dropFirst()) }
        return cut(name, to: limit)
    }

    /// The component that `make` would turn into `name`; nil if there is none, or if only a listing can tell.
    static func component(of name: String) -> String? {
        switch name {
        case "%": return ""
        case "%2E": return "."
        case "%2E%2E": return ".."
        case "", ".", "..": return nil
        default: break
        }
        // Cut names end in "~" and a digest; only the listing can tell what they were.
        guard name.utf8.count <= shortestCut else { return nil }
        guard name.utf8.first == UInt8(ascii: "%") else { return name }
        guard name.utf8.starts(with: "%25".utf8) else { return nil }
        return "%" + String(name.unicodeScalars.dropFirst(3))
    }

    /// Names up to this size in bytes were not cut, not even to make room for what follows.
    static let shortestCut = limit - 32

    /// The name, or its beginning with `~` and half of its SHA-256 if it is longer than `room` bytes.
    static func cut(_ name: String, to room: Int) -> String {
        guard name.utf8.count > room else { return name }
        let digest = SHA256Digest(of: name.utf8).hex.prefix(16)
        var kept = ""
        var length = 0
        for scalar in name.unicodeScalars {
            length += UTF8.width(scalar)
            if length > room - 17 { break }
            kept.unicodeScalars.append(scalar)
        }
        return kept + "~" + digest
    }

    /// The name of the bundle beside a file.
    static func bundle(of name: String) -> String { cut(name, to: limit - bundleSuffix.utf8.count) + bundleSuffix }

    /// The bundle's name where an artifact of the archive has the first.
    static func secondBundle(of name: String) -> String {
        cut(name, to: limit - secondBundleSuffix.utf8.count) + secondBundleSuffix
    }

    /// The name before a suffix, or nil if it ends otherwise. By bytes: a dot can be part of a larger character.
    static func stem(of name: String, before suffix: String) -> String? {
        guard name.utf8.count >= suffix.utf8.count, name.utf8.suffix(suffix.utf8.count).elementsEqual(suffix.utf8)
        else { return nil }
        return String(name.utf8.dropLast(suffix.utf8.count))
    }

    static let bundleSuffix = ".bundle"
    static let secondBundleSuffix = ".assay.bundle"
}
