import ArtifactView
import ChildProcess
import Foundation
import Synchronization
import Testing

@testable import AssayFUSE

@Suite struct ErrorNumberTests {
    @Test func everyErrorOfTheViewHasItsNumber() {
        let numbers: [(ViewError, CInt)] = [
            (.notFound, ENOENT), (.notADirectory, ENOTDIR), (.isADirectory, EISDIR), (.notALink, EINVAL),
            (.stale(""), ESTALE), (.damaged(""), EIO), (.unavailable(""), EIO), (.denied(""), EACCES),
            (.cancelled, EINTR),
        ]
        for (error, code) in numbers { #expect(ErrorNumber(error).code == code) }
    }
}

@Suite struct LogGateTests {
    @Test func aBurstIsCutAndCounted() {
        let lines = Mutex<[String]>([])
        let gate = LogGate { line in lines.withLock { $0.append(line) } }
        let start = ContinuousClock.now
        for number in 0..<100 { gate.write("line \(number)", at: start) }
        #expect(lines.withLock { $0.count } == LogGate.linesPerInterval)
        gate.write("later", at: start + LogGate.interval)
        #expect(lines.withLock { $0.suffix(2) } == ["80 more messages were left out.", "later"])
    }
}

@Suite struct MountTableTests {
    @Test func readsEscapedPathsOptionalFieldsAndRefusesFragments() {
        let text = """
            36 35 98:0 / /plain rw,noatime master:1 shared:2 - ext4 /dev/root rw
            37 35 0:52 / /with\\040blank\\134 ro,nosuid - fuse.assay assay:x ro,user_id=0
            38 35 0:53
            """
        let table = MountTable(parsing: Array(text.utf8))
        #expect(table.entries.count == 2)
        #expect(table.assayMounts.map(\.path) == ["/with blank\\"])
        #expect(table.top(at: "/with blank\\")?.device == "0:52")
        #expect(table.top(at: "/plain")?.source == "/dev/root")
    }
}

@Suite struct DaemonTests {
    @Test func theParentReturnsWhenTheChildIsReady() async throws {
        let process = try await onThread { () throws in
            try Daemon.spawn("/bin/sh", arguments: ["-c", "printf ready >&$ASSAY_READY_FD; exec 3>&-"], log: nil)
        }
        #expect(process > 0)
        #expect(Command.wait(for: pid_t(process)) == 0)
    }

    @Test func theParentThrowsTheChildsWords() async {
        await #expect(throws: Daemon.Failure.failed("no such bucket")) {
            try await onThread { () throws in
                try Daemon.spawn("/bin/sh", arguments: ["-c", "printf 'no such bucket' >&3"], log: nil)
            }
        }
    }

    @Test func theParentThrowsTheStatusOfAChildThatDiesSilently() async {
        await #expect(throws: Daemon.Failure.ended(status: 7)) {
            try await onThread { try Daemon.spawn("/bin/sh", arguments: ["-c", "exit 7"], log: nil) }
        }
        await #expect(throws: Daemon.Failure.self) {
            try await onThread { try Daemon.spawn("/no/such/program", arguments: [], log: nil) }
        }
    }

    @Test func theChildHasASessionOfItsOwnAndWritesToTheLog() async throws {
        let log = NSTemporaryDirectory() + "assay-daemon-\(UUID().uuidString)"
        defer { unlink(log) }
        let process = try await onThread { () throws in
            try Daemon.spawn(
                "/bin/sh", arguments: ["-c", "ps -o sid= -p $$; ls /proc/self/fd | wc -l; printf ready >&3"], log: log)
        }
        #expect(Command.wait(for: pid_t(process)) == 0)
        let words = String(decoding: SmallFile.read(log, limit: 4096) ?? [], as: UTF8.self).split(
            whereSeparator: \.isWhitespace)
        // Standard input, output, error, the pipe, and what `ls` opened.
        #expect(words == ["\(process)", "5"])
    }

    @Test func systemdIsToldOfReadiness() throws {
        let path = NSTemporaryDirectory() + "assay-notify-\(UUID().uuidString.prefix(8))"
        let socket = try Call.checked(socket(AF_UNIX, CInt(SOCK_DGRAM.rawValue), 0))
        defer {
            close(socket)
            unlink(path)
        }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
        try withUnsafePointer(to: address) { pointer in
            try pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                _ = try Call.checked(bind(socket, $0, socklen_t(MemoryLayout<sockaddr_un>.size)))
            }
        }
        Daemon.notifySystemd("READY=1", socket: path)
        Daemon.notifySystemd("STOPPING=1", socket: path)
        var buffer = [UInt8](repeating: 0, count: 100)
        for expected in ["READY=1", "STOPPING=1"] {
            let count = try Call.checked(recv(socket, &buffer, 100, CInt(MSG_DONTWAIT)))
            #expect(String(decoding: buffer[..<count], as: UTF8.self) == expected)
        }
    }

    @Test func aReportReachesWhoeverWaitsAndNobodyIsNoHarm() throws {
        let pipe = try ChildProcess.Pipe()
        Daemon.report("no such bucket", to: dup(pipe.writing))
        pipe.closeWriting()
        #expect(pipe.readAll(limit: 100) == "no such bucket")
        let deserted = try ChildProcess.Pipe()
        let writing = dup(deserted.writing)
        deserted.closeReading()
        deserted.closeWriting()
        // Without care, SIGPIPE would end this process here.
        Daemon.report("ready", to: writing)
    }
}

@Suite struct DirectoryHandlesTests {
    let handles = DirectoryHandles()
    let listing = MemoryTree.Listing(entries: [])

    @Test func theKernelsMemoryIsKeptWhileTheGenerationStays() {
        #expect(handles.add(listing, of: .root, generation: 1).1 == .renew)
        let (second, caching) = handles.add(listing, of: .root, generation: 1)
        #expect(caching == .keep)
        handles.remove(second)
        #expect(handles.add(listing, of: NodeID(rawValue: 2), generation: 1).1 == .renew)
    }

    @Test func listingsOfTwoGenerationsAreNeverRememberedTogether() {
        let (old, _) = handles.add(listing, of: .root, generation: 1)
        let (bypassing, caching) = handles.add(listing, of: .root, generation: 2)
        #expect(caching == .none)
        handles.remove(bypassing)
        #expect(handles.add(listing, of: .root, generation: 2).1 == .none)
        handles.remove(old)
        #expect(handles.add(listing, of: .root, generation: 2).1 == .renew)
        #expect(handles.add(listing, of: .root, generation: 2).1 == .keep)
    }

    @Test func aHandleIsGoneOnceReleased() {
        let (number, _) = handles.add(listing, of: .root, generation: 1)
        #expect(handles.listing(number)?.1 == .root)
        handles.remove(number)
        #expect(handles.listing(number) == nil)
        #expect(handles.count == 0)
    }
}
