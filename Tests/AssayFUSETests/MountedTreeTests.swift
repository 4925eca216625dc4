import ArtifactView
import ChildProcess
import Foundation
import Glibc
import Synchronization
import Testing

@testable import AssayFUSE

@Suite(.enabled(if: FUSERequirement.isMet, FUSERequirement.message), .timeLimit(.minutes(5)))
struct MountedTreeTests {
    @Test func findSeesEveryNameWithItsKind() async throws {
        let tree = MemoryTree()
        let directory = tree.add("dist", kind: .directory)
        let deep = tree.add("a b\nü", to: directory, kind: .directory)
        tree.add("app.tar.gz", to: directory, bytes: [1, 2, 3])
        tree.add("app.tar.gz.bundle", to: directory, bytes: [4])
        tree.add("latest", to: deep, kind: .symbolicLink, target: "../app.tar.gz")
        let outcome = try await withMount(tree) { path, _ throws in
            let found = try Command(["find", path, "-printf", "%P %y %s %l|"]).outputAndErrors(limit: 64 << 10)
            #expect(try Call.read(path + "/dist/a b\nü/latest", count: 9) == [1, 2, 3])
            return found
        }
        #expect(outcome.status == 0)
        let expected = [
            " d 0 ", "dist d 0 ", "dist/a b; ü d 0 ", "dist/a b; ü/latest l 13 ../app.tar.gz", "dist/app.tar.gz f 3 ",
            "dist/app.tar.gz.bundle f 1 ",
        ]
        #expect(outcome.text.split(separator: "|").map(String.init).sorted() == expected.sorted())
    }

    @Test func statShowsNumberModeSizeOwnerAndTime() async throws {
        let tree = MemoryTree()
        var options = MountOptions()
        (options.userID, options.groupID) = (1234, 4321)
        let file = tree.add("file", bytes: pattern(1025))
        let link = tree.add("link", kind: .symbolicLink, target: "file")
        try await withMount(tree, options) { path, _ throws in
            let status = try Call.status(path + "/file")
            #expect(status.st_ino == file.rawValue)
            #expect(status.st_mode == S_IFREG | 0o444)
            #expect((status.st_size, status.st_blocks, status.st_blksize) == (1025, 3, 128 << 10))
            #expect((status.st_uid, status.st_gid, status.st_nlink) == (1234, 4321, 1))
            for time in [status.st_mtim, status.st_ctim, status.st_atim] {
                #expect(time.tv_sec == MemoryTree.time.seconds)
            }
            #expect(try Call.status(path + "/link").st_ino == link.rawValue)
            #expect(try Call.status(path + "/link").st_mode == S_IFLNK | 0o777)
            #expect(try Call.status(path).st_mode == S_IFDIR | 0o555)
            #expect(try Call.status(path).st_nlink == 2)
        }
    }

    @Test func aHundredThousandNamesAreListedAndLookedAtWithoutALookupEach() async throws {
        let tree = MemoryTree()
        let directory = tree.add("many", kind: .directory)
        for number in 0..<100_000 { tree.add("artifact-\(number).tar.gz", to: directory) }
        var options = MountOptions()
        options.metadataTimeout = .seconds(3600)
        try await withMount(tree, options) { path, _ throws in
            let names = try Call.names(path + "/many")
            #expect(names.count == 100_002)
            #expect(Set(names) == Set((0..<100_000).map { "artifact-\($0).tar.gz" } + [".", ".."]))
            for number in stride(from: 0, to: 100_000, by: 97) {
                _ = try Call.status(path + "/many/artifact-\(number).tar.gz")
            }
            #expect(tree.lookups <= 1)
        }
    }

    @Test func aListingDoesNotChangeWhileItIsRead() async throws {
        let tree = MemoryTree()
        for number in 0..<2000 { tree.add("\(number)") }
        try await withMount(tree) { path, _ throws in
            let stream = try #require(opendir(path))
            defer { closedir(stream) }
            for _ in 0..<10 { #expect(readdir(stream) != nil) }
            tree.add("new")
            var rest = 0
            while readdir(stream) != nil { rest += 1 }
            #expect(rest == 2002 - 10)
            #expect(try Call.names(path).contains("new"))
            rewinddir(stream)
            var again = 0
            while readdir(stream) != nil { again += 1 }
            #expect(again == 2002)
        }
    }

    @Test func newNamesAppearInARunningMount() async throws {
        let tree = MemoryTree()
        var options = MountOptions()
        options.metadataTimeout = .milliseconds(20)
        try await withMount(tree, options) { path, _ throws in
            #expect(Call.code { _ = try Call.status(path + "/new") } == ENOENT)
            #expect(try Call.names(path).sorted() == [".", ".."])
            #expect(try Call.names(path).sorted() == [".", ".."])
            tree.add("new", bytes: [1])
            #expect(try Call.names(path).sorted() == [".", "..", "new"])
            waitUntil { (try? Call.status(path + "/new").st_size) == 1 }
            #expect(try Call.read(path + "/new", count: 2) == [1])
        }
    }

    @Test func extendedAttributesAreReadBySizeAndByName() async throws {
        let tree = MemoryTree()
        let digest = Array(String(repeating: "ab", count: 32).utf8)
        tree.add("file", attributes: ["user.assay.sha256": digest, "user.assay.empty": []])
        try await withMount(tree) { path, _ throws in
            let file = path + "/file"
            var buffer = [UInt8](repeating: 0, count: 100)
            #expect(getxattr(file, "user.assay.sha256", nil, 0) == 64)
            #expect(getxattr(file, "user.assay.sha256", &buffer, 100) == 64)
            #expect(Array(buffer[..<64]) == digest)
            #expect(Call.code { try Call.checked(getxattr(file, "user.assay.sha256", &buffer, 63)) } == ERANGE)
            #expect(getxattr(file, "user.assay.empty", &buffer, 100) == 0)
            #expect(Call.code { try Call.checked(getxattr(file, "user.other", &buffer, 100)) } == ENODATA)
            let names = Array("user.assay.empty\0user.assay.sha256\0".utf8)
            #expect(listxattr(file, nil, 0) == names.count)
            let room = buffer.count
            let count = buffer.withUnsafeMutableBytes { bytes in
                listxattr(file, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), room)
            }
            #expect(Array(buffer[..<count]) == names)
            #expect(listxattr(path, nil, 0) == 0)
        }
    }

    @Test func statisticsCountFilesAndBytes() async throws {
        let tree = MemoryTree()
        tree.add("a", bytes: pattern(4097))
        tree.add("b", bytes: pattern(10))
        try await withMount(tree) { path, _ throws in
            var statistics = statvfs()
            try Call.checked(statvfs(path, &statistics))
            #expect((statistics.f_blocks, statistics.f_frsize, statistics.f_files) == (2, 4096, 2))
            #expect((statistics.f_bfree, statistics.f_ffree, statistics.f_namemax) == (0, 0, 255))
        }
    }

    /// Remounted for writing, which root can do, the kernel no longer refuses by itself, and asks.
    @Test(arguments: geteuid() == 0 ? [false, true] : [false])
    func everyWriteIsRefusedAsToAReadOnlyFileSystem(remounted: Bool) async throws {
        let tree = MemoryTree()
        tree.add("file", bytes: [1, 2, 3], attributes: ["user.a": [1]])
        tree.add("directory", kind: .directory)
        try await withMount(tree) { path, _ throws in
            let file = path + "/file"
            if remounted { try Call.checked(Glibc.mount("assay", path, "fuse.assay", UInt(MS_REMOUNT), nil)) }
            let calls: [(String, () -> Int32)] = [
                ("open for writing", { open(file, O_WRONLY) }), ("open for both", { open(file, O_RDWR) }),
                ("truncate at open", { open(file, O_RDONLY | O_TRUNC) }),
                ("create", { open(path + "/new", O_CREAT | O_WRONLY, 0o644) }),
                ("mkdir", { mkdir(path + "/new", 0o755) }), ("unlink", { unlink(file) }),
                ("rmdir", { rmdir(path + "/directory") }), ("rename", { rename(file, path + "/new") }),
                ("link", { link(file, path + "/new") }), ("symlink", { symlink("x", path + "/new") }),
                ("chmod", { chmod(file, 0o777) }), ("chown", { chown(file, 1, 1) }),
                ("truncate", { truncate(file, 0) }), ("mkfifo", { mkfifo(path + "/new", 0o644) }),
                ("utimes", { utimes(file, nil) }), ("setxattr", { setxattr(file, "user.a", "b", 1, 0) }),
                ("removexattr", { removexattr(file, "user.a") }),
            ]
            // What access(2) says is the kernel's own opinion.
            if !remounted { #expect(Call.code { try Call.checked(access(file, W_OK)) } == EROFS) }
            for (name, call) in calls {
                #expect(Call.code { try Call.checked(call()) } == EROFS, "\(name)")
            }
            #expect(try Call.read(file, count: 10) == [1, 2, 3])
        }
    }

    @Test func namesThatNothingCanHaveAreNotFound() async throws {
        let tree = MemoryTree()
        tree.add("file")
        try await withMount(tree) { path, _ throws in
            let invalid = Array(path.utf8CString.dropLast()) + [0x2F, -1, -2, 0]
            #expect(Call.code { try Call.checked(open(invalid, O_RDONLY)) } == ENOENT)
            let long = path + "/" + String(repeating: "x", count: 256)
            #expect(Call.code { _ = try Call.status(long) } == ENAMETOOLONG)
            #expect(Call.code { _ = try Call.status(path + "/" + String(repeating: "x", count: 255)) } == ENOENT)
            #expect(Call.code { _ = try Call.status(path + "/file/x") } == ENOTDIR)
        }
    }

    @Test func namesThatNoFileSystemCanShowAreLeftOutAndReported() async throws {
        let tree = MemoryTree()
        let lines = Lines()
        for name in ["good", "a/b", "", "..", String(repeating: "x", count: 256), "nul\0", "last"] { tree.add(name) }
        try await withMount(tree, log: lines.append) { path, _ throws in
            #expect(try Call.names(path).sorted() == [".", "..", "good", "last"])
        }
        #expect(lines.all.filter { $0.contains("left out of a directory") }.count >= 5)
    }

    @Test func failingNodesGiveTheirErrorsFromEveryCall() async throws {
        let tree = MemoryTree()
        tree.add("gone", kind: .file, bytes: [1], failure: .stale("bucket/key was replaced"))
        tree.add("dir", kind: .directory, failure: .unavailable("the catalog does not answer"))
        tree.add("link", kind: .symbolicLink, target: "x", failure: .denied("bucket/key"))
        try await withMount(tree) { path, _ throws in
            #expect(Call.code { try Call.checked(open(path + "/gone", O_RDONLY)) } == ESTALE)
            #expect(Call.code { _ = try Call.names(path + "/dir") } == EIO)
            var buffer = [CChar](repeating: 0, count: 10)
            #expect(Call.code { try Call.checked(readlink(path + "/link", &buffer, 10)) } == EACCES)
            #expect(Call.code { try Call.checked(getxattr(path + "/gone", "user.a", nil, 0)) } == ESTALE)
        }
    }

    @Test func nothingStaysOpenInTheServer() async throws {
        let tree = MemoryTree()
        tree.add("file", bytes: [1])
        try await withMount(tree) { path, mount throws in
            for _ in 0..<50 {
                _ = try Call.read(path + "/file", count: 1)
                _ = try Call.names(path)
            }
            waitUntil { mount.openHandles == 0 }
        }
    }
}
