/// The name of an entry, decoded, normalised and judged.
struct EntryName {
    /// The path without slash at the end; for a refused name, something to show to people.
    let path: String
    /// Whether the name ended in a slash.
    let namesDirectory: Bool
    let problem: EntryError?

    /// The systems that made an archive (APPNOTE 4.4.2) and matter to names.
    enum Host {
        static let dos = 0
        static let unix = 3
        static let windowsNTFS = 10
        static let vfat = 14
        static let macOS = 19

        static func isUnix(_ host: Int) -> Bool { host == unix || host == macOS }
        static func isDOS(_ host: Int) -> Bool { host == dos || host == windowsNTFS || host == vfat }
    }

    /// - Parameters:
    ///   - raw: the name as it stands in the directory.
    ///   - isUTF8: general purpose bit 11.
    init(_ raw: UnsafeRawBufferPointer, isUTF8: Bool, host: Int, extra: ExtraFields, limits: ArchiveLimits) {
        var text: String
        if !isUTF8, let unicode = Self.unicodePath(extra, of: raw) {
            text = unicode
        } else if !isUTF8, !Host.isUnix(host), raw.contains(where: { $0 >= 128 }) {
            text = CodePage437.decode(raw)
        } else if let valid = Self.utf8(raw) {
            text = valid
        } else if isUTF8 {
            self.init(refused: String(decoding: raw, as: UTF8.self), .nameNotUTF8)
            return
        } else {
            text = CodePage437.decode(raw)
        }
        // As Info-ZIP does: tools on DOS and Windows wrote their own separators.
        if Host.isDOS(host), raw.contains(UInt8(ascii: "\\")), !raw.contains(UInt8(ascii: "/")) {
            text = String(String.UnicodeScalarView(text.unicodeScalars.map { $0 == "\\" ? "/" : $0 }))
        }
        self.init(text, hasDrives: Host.isDOS(host), limits: limits)
    }

    private init(_ text: String, hasDrives: Bool, limits: ArchiveLimits) {
        var text = text
        let verdict = text.withUTF8 { Self.judge($0, hasDrives: hasDrives, limits: limits) }
        switch verdict {
        case .refused(let problem):
            self.init(refused: text, problem)
        case .asIs(let namesDirectory):
            // A slash may be part of a larger character.
            if namesDirectory { text.unicodeScalars.removeLast() }
            self.init(path: text, namesDirectory: namesDirectory, problem: nil)
        case .toBeNormalised(let namesDirectory):
            // `a//b` and `./a/b` are the same file as `a/b`: empty and `.` components are dropped.
            let parts = text.utf8.split(separator: UInt8(ascii: "/")).filter { !$0.elementsEqual(".".utf8) }
            let path = parts.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "/")
            self.init(path: path, namesDirectory: namesDirectory, problem: nil)
        }
    }

    private init(path: String, namesDirectory: Bool, problem: EntryError?) {
        self.path = path
        self.namesDirectory = namesDirectory
        self.problem = problem
    }

    private init(refused text: String, _ problem: EntryError) {
        let shown = text.utf8.count <= 512 ? text : String(text.unicodeScalars.prefix(120)) + "…"
        self.init(path: shown, namesDirectory: false, problem: problem)
    }

    private enum Verdict {
        case asIs(namesDirectory: Bool)
        case toBeNormalised(namesDirectory: Bool)
        case refused(EntryError)
    }

    private static func judge(_ name: UnsafeBufferPointer<UInt8>, hasDrives: Bool, limits: ArchiveLimits) -> Verdict {
        let (slash, dot) = (UInt8(ascii: "/"), UInt8(ascii: "."))
        guard let first = name.first, let last = name.last else { return .refused(.nameEmpty) }
        if name.contains(0) { return .refused(.nameHasNUL) }
        if first == slash { return .refused(.nameAbsolute) }
        if hasDrives, name.count >= 2, name[1] == UInt8(ascii: ":") { return .refused(.nameAbsolute) }

        var (start, kept, keptBytes, isNormal) = (0, 0, 0, true)
        while start < name.count {
            let end = name[start...].firstIndex(of: slash) ?? name.count
            let length = end - start
            if length == 0 || (length == 1 && name[start] == dot) {
                isNormal = false
            } else if length == 2, name[start] == dot, name[start + 1] == dot {
                return .refused(.nameTraversal)
            } else if length > limits.componentLength {
                return .refused(.componentTooLong)
            } else {
                kept += 1
                keptBytes += length
            }
            start = end + 1
        }
        if kept == 0 { return .refused(.nameEmpty) }
        if keptBytes + kept - 1 > limits.pathLength { return .refused(.nameTooLong) }
        if kept > limits.pathDepth { return .refused(.nameTooDeep) }
        // A last component `.` can only mean the directory that holds it.
        let namesDirectory = last == slash || name.count >= 2 && last == dot && name[name.count - 2] == slash
        return isNormal ? .asIs(namesDirectory: namesDirectory) : .toBeNormalised(namesDirectory: namesDirectory)
    }

    /// Info-ZIP's Unicode path (APPNOTE 4.6.9): it counts only while it belongs to the name in the header.
    private static func unicodePath(_ extra: ExtraFields, of raw: UnsafeRawBufferPointer) -> String? {
        guard let field = extra.first(ExtraFields.Tag.unicodePath), field.count > 5, field[0] == 1,
            field.number(UInt32.self, at: 1) == CRC32.of(raw)
        else { return nil }
        return utf8(field.slice(5, field.count - 5))
    }

    private static func utf8(_ bytes: UnsafeRawBufferPointer) -> String? {
        String(validating: bytes, as: UTF8.self)
    }
}
