import ArtifactView
import Foundation
import Synchronization
import Testing

@testable import AssayFUSE

@Suite(.enabled(if: FUSERequirement.isMet, FUSERequirement.message), .timeLimit(.minutes(5)))
struct MountLifetimeTests {
    @Test func theMountIsListedWithItsNameAndReadAhead() async throws {
        let tree = MemoryTree()
        var options = MountOptions()
        options.fsName = "assay:test"
        options.readAheadKiB = 512
        try await withMount(tree, options) { path, _ throws in
            #expect(FUSEMount.mounts().contains(path))
            _ = try Call.names(path)
            let entry = try #require(MountTable.current().top(at: path))
            #expect((entry.type, entry.source) == ("fuse.assay", "assay:test"))
            let amount = SmallFile.read("/sys/class/bdi/\(entry.device)/read_ahead_kb", limit: 100)
            if geteuid() == 0, let amount { #expect(String(decoding: amount, as: UTF8.self) == "512\n") }
        }
    }

    @Test(arguments: [SIGTERM]) func aSignalUnmountsCleanly(signal: CInt) async throws {
        let scratch = try Scratch()
        let mount = try FUSEMount(tree: MemoryTree(), mountPoint: scratch.path)
        async let served: Void = onThread { mount.runUntilSignalled() }
        try await onThread { () throws in
            #expect(try Call.names(scratch.path).count == 2)
            kill(getpid(), signal)
        }
        try await served
        #expect(!FUSEMount.mounts().contains(scratch.path))
        #expect(try Call.names(scratch.path).sorted() == [".", ".."])
    }

    @Test func unmountingWithReadsOutstandingEndsThemAndDoesNotHang() async throws {
        let tree = MemoryTree()
        let gate = Gate()
        tree.add("slow", bytes: pattern(1 << 20), behaviour: .waiting(gate))
        let scratch = try Scratch()
        let mount = try FUSEMount(tree: tree, mountPoint: scratch.path)
        async let served: Void = onThread { mount.run() }
        let path = scratch.path
        async let codes = withThrowingTaskGroup(of: CInt.self) { group in
            for number in 0..<8 {
                group.addTask {
                    try await onThread { () throws in
                        Call.code { _ = try Call.read(path + "/slow", offset: number << 17, count: 4096) }
                    }
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        try await onThread { waitUntil { gate.arrivals >= 1 } }
        mount.unmount()
        try await served
        #expect(try await codes.allSatisfy { [ENOTCONN, ECONNABORTED, EIO].contains($0) })
        #expect(gate.cancellations == gate.arrivals)
        #expect(try Call.names(scratch.path).sorted() == [".", ".."])
    }

    @Test func unmountingFromOutsideEndsTheServing() async throws {
        let scratch = try Scratch()
        let mount = try FUSEMount(tree: MemoryTree(), mountPoint: scratch.path)
        async let served: Void = onThread { mount.run() }
        try await onThread { () throws in
            try FUSEMount.unmount(path: scratch.path + "/../" + (scratch.path as NSString).lastPathComponent)
        }
        try await served
        mount.unmount()
        mount.run()
        #expect(!FUSEMount.mounts().contains(scratch.path))
    }

    @Test func aMountThatIsLetGoUnservedIsUnmounted() throws {
        let scratch = try Scratch()
        do {
            let mount = try FUSEMount(tree: MemoryTree(), mountPoint: scratch.path)
            #expect(FUSEMount.mounts().contains(mount.mountPoint))
        }
        #expect(!FUSEMount.mounts().contains(scratch.path))
    }

    @Test func aMountInUseIsBusyAndNamesItsUserUntilUnmountedLazily() async throws {
        let tree = MemoryTree()
        tree.add("file", bytes: [1])
        let scratch = try Scratch()
        let mount = try FUSEMount(tree: tree, mountPoint: scratch.path)
        async let served: Void = onThread { mount.run() }
        try await onThread { () throws in
            let file = try Call.checked(open(scratch.path + "/file", O_RDONLY))
            do throws(MountError) {
                try FUSEMount.unmount(path: scratch.path)
                Issue.record("the mount was not busy")
            } catch .busy(let path, let programs) {
                #expect(path == scratch.path)
                #expect(programs.contains { $0.hasSuffix("(\(getpid()))") })
            } catch {
                Issue.record(error)
            }
            try FUSEMount.unmount(path: scratch.path, lazy: true)
            #expect(try Call.names(scratch.path).sorted() == [".", ".."])
            #expect(try Call.read(file, offset: 0, count: 1) == [1])
            close(file)
        }
        try await served
    }

    @Test(.enabled(if: geteuid() == 0, "needs root to make a mount whose server is gone"))
    func aDeadMountIsRecognisedAndTakenAway() throws {
        let scratch = try Scratch()
        // What a killed server leaves behind: a mount whose end of /dev/fuse was closed.
        let device = try Call.checked(open("/dev/fuse", O_RDWR | O_CLOEXEC))
        let options = "fd=\(device),rootmode=40000,user_id=0,group_id=0"
        try Call.checked(mount("assay", scratch.path, "fuse.assay", UInt(MS_RDONLY), options))
        close(device)
        #expect(Call.code { _ = try Call.names(scratch.path) } == ENOTCONN)
        #expect(throws: MountError.deadMount(scratch.path)) {
            _ = try FUSEMount(tree: MemoryTree(), mountPoint: scratch.path)
        }
        try FUSEMount.unmount(path: scratch.path)
        #expect(try Call.names(scratch.path).sorted() == [".", ".."])
        #expect(throws: MountError.notMounted(scratch.path)) { try FUSEMount.unmount(path: scratch.path) }
    }

    @Test func aMountPointThatCannotServeIsRefusedBySaying() async throws {
        let tree = MemoryTree()
        #expect(throws: MountError.mountPointMissing("/no/such/place")) {
            _ = try FUSEMount(tree: tree, mountPoint: "/no/such/place")
        }
        #expect(throws: MountError.mountPointNotADirectory("/etc/passwd")) {
            _ = try FUSEMount(tree: tree, mountPoint: "/etc/passwd")
        }
        var options = MountOptions()
        options.fsName = "a,allow_other"
        let scratch = try Scratch()
        #expect(throws: MountError.invalidOption(name: "fsname", value: "a,allow_other")) {
            _ = try FUSEMount(tree: tree, mountPoint: scratch.path, options: options)
        }
        try await withMount(tree) { path, _ throws in
            #expect(throws: MountError.alreadyMounted(path)) { _ = try FUSEMount(tree: tree, mountPoint: path) }
            return
        }
    }

    @Test func aDirectoryThatIsNotEmptyIsMountedOverWithAWarning() async throws {
        let scratch = try Scratch()
        let hidden = scratch.path + "/hidden"
        try Call.checked(mkdir(hidden, 0o755))
        defer { rmdir(hidden) }
        let lines = Mutex<[String]>([])
        _ = try FUSEMount(tree: MemoryTree(), mountPoint: scratch.path) { line in lines.withLock { $0.append(line) } }
        #expect(lines.withLock { $0.count == 1 && $0[0].contains("is not empty") })
    }
}
