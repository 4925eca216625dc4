internal import Glibc

/// What is mounted in this process's namespace, as proc(5) describes `/proc/self/mountinfo`.
struct MountTable {
    struct Entry: Equatable {
        /// Major and minor device number, such as `0:52`.
        let device: String
        let path: String
        /// Such as `fuse.assay`.
        let type: String
        let source: String
    }

    /// In the order of mounting: of several at one path, the last is the one that is seen.
    let entries: [Entry]

    /// The table as it is now; empty where there is no `/proc`.
    static func current() -> MountTable {
        MountTable(parsing: SmallFile.read("/proc/self/mountinfo", limit: 16 << 20) ?? [])
    }

    init(parsing text: [UInt8]) {
        entries = text.split(separator: UInt8(ascii: "\n")).compactMap { line in
            let fields = line.split(separator: UInt8(ascii: " "))
            guard let dash = fields.firstIndex(of: [UInt8(ascii: "-")]), dash > 5, fields.count > dash + 2 else {
                return nil
            }
            return Entry(
                device: String(decoding: fields[2], as: UTF8.self), path: Self.unescape(fields[4]),
                type: Self.unescape(fields[dash + 1]), source: Self.unescape(fields[dash + 2]))
        }
    }

    var assayMounts: [Entry] { entries.filter { $0.type == "fuse." + MountOptions.subtype } }

    /// What is seen at `path`: the uppermost mount there.
    func top(at path: String) -> Entry? { entries.last { $0.path == path } }

    /// Blanks, tabs, line ends and backslashes stand in the table as `\` and three octal digits.
    private static func unescape(_ field: ArraySlice<UInt8>) -> String {
        var bytes: [UInt8] = []
        var rest = field
        while let byte = rest.popFirst() {
            let digits = rest.prefix(3)
            if byte == UInt8(ascii: "\\"), digits.count == 3,
                let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 8)
            {
                bytes.append(value)
                rest = rest.dropFirst(3)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// Files of the kernel's: read and written as a whole, without a library for it.
enum SmallFile {
    /// The bytes of a file; nil if it cannot be read or is larger than `limit`.
    static func read(_ path: String, limit: Int) -> [UInt8]? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var content: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = Glibc.read(file, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0, content.count + count <= limit else { return nil }
            if count == 0 { return content }
            content.append(contentsOf: buffer[..<count])
        }
    }

    /// Whether all of `text` could be written.
    @discardableResult
    static func write(_ text: String, to path: String) -> Bool {
        let file = open(path, O_WRONLY | O_CLOEXEC)
        guard file >= 0 else { return false }
        defer { close(file) }
        let bytes = Array(text.utf8)
        return Glibc.write(file, bytes, bytes.count) == bytes.count
    }
}
