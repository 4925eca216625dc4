import AssayModel
import Glibc

/// Something that is to be verified, before its content was looked at.
enum Candidate: Sendable {
    /// A file; its companions are the files beside it that hold its bundles by their names, nil if nobody looked yet.
    case file(String, companions: [String]?)
    case digest(SHA256Digest, name: String)
    /// Something that cannot be verified, and why.
    case problem(String, reason: String)
}

/// The artifacts of a folder and of those below it, in the order of their names' bytes.
///
/// Only one folder's names for each level are in memory. A file is a bundle, and no artifact, only if the artifact lies
/// beside it, and no bundle of its own; everything else has to be verified. Symbolic links are not followed: what they
/// lead to is verified where it lies, so one that leads out of the tree, or nowhere, is a problem.
///
/// Names are taken by their bytes throughout: Swift's characters would join a slash and a combining mark behind it.
struct ArtifactWalk {
    private enum Kind {
        case file, folder, link, other
    }

    private struct Level {
        let path: String
        let kinds: [ExactString: Kind]
        /// The names to come, the last one first.
        var rest: [ExactString]
    }

    private let top: String
    private var levels: [Level] = []
    private var problem: Candidate?

    init(_ folder: String) {
        top = Self.real(folder) ?? folder
        enter(folder)
    }

    mutating func next() -> Candidate? {
        while true {
            if let problem = problem.take() { return problem }
            guard !levels.isEmpty else { return nil }
            let level = levels[levels.count - 1]
            guard let name = level.rest.last else {
                levels.removeLast()
                continue
            }
            levels[levels.count - 1].rest.removeLast()
            let folder = level.path.utf8.last == UInt8(ascii: "/") ? level.path : level.path + "/"
            let path = folder + name.text
            switch level.kinds[name] {
            case .file:
                let companions = BundleFinder.bundleNames(ofArtifact: name.text).filter {
                    // A folder of such a name holds artifacts of its own.
                    [.file, .link, .other].contains(level.kinds[ExactString($0)])
                }.map { folder + $0 }
                let isBundle = BundleFinder.artifactNames(ofBundle: name.text).contains {
                    level.kinds[ExactString($0)] == .file
                }
                if isBundle, companions.isEmpty { continue }
                return .file(path, companions: companions)
            case .folder: enter(path)
            case .link:
                guard let target = Self.real(path) else { return .problem(path, reason: "a link that leads nowhere") }
                let inside = top == "/" ? top : top + "/"
                if !target.utf8.elementsEqual(top.utf8), !target.utf8.starts(with: inside.utf8) {
                    return .problem(path, reason: "a link that leads out of the folder; links are not followed")
                }
            case .other, nil: return .problem(path, reason: "neither a file nor a folder")
            }
        }
    }

    private mutating func enter(_ path: String) {
        guard let folder = opendir(path) else {
            problem = .problem(path, reason: "\(FileProblem.last)")
            return
        }
        defer { closedir(folder) }
        var kinds: [ExactString: Kind] = [:]
        var strange: String?
        errno = 0
        while let entry = readdir(folder) {
            let length = Int(entry.pointee.d_reclen) - (MemoryLayout<dirent>.offset(of: \.d_name) ?? 0)
            let bytes = withUnsafeBytes(of: &entry.pointee.d_name) { raw in
                Array(raw.prefix(length).prefix { $0 != 0 })
            }
            guard let name = String(validating: bytes, as: UTF8.self) else {
                strange = strange ?? String(decoding: bytes, as: UTF8.self)
                continue
            }
            if name == "." || name == ".." { continue }
            kinds[ExactString(name)] = Self.kind(entry.pointee.d_type, path + "/" + name)
            errno = 0
        }
        if errno != 0 {
            problem = .problem(path, reason: "\(FileProblem.last)")
        } else if let strange {
            problem = .problem(path + "/" + strange, reason: "a name that is not UTF-8; rename it")
        }
        levels.append(Level(path: path, kinds: kinds, rest: kinds.keys.sorted(by: >)))
    }

    private static func kind(_ type: UInt8, _ path: String) -> Kind {
        switch Int(type) {
        case DT_REG: return .file
        case DT_DIR: return .folder
        case DT_LNK: return .link
        case DT_UNKNOWN:
            var information = stat()
            guard lstat(path, &information) == 0 else { return .other }
            return switch information.st_mode & S_IFMT {
            case S_IFREG: .file
            case S_IFDIR: .folder
            case S_IFLNK: .link
            default: .other
            }
        default: return .other
        }
    }

    private static func real(_ path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(validatingCString: resolved)
    }
}
