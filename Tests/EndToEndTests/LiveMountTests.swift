import AssayModel
import AssayTestSupport
import Foundation
import Glibc
import ObjectStorage
import Testing

extension EndToEnd {
    /// A mounted tree while the catalog below it changes, and how it ends.
    @Suite(.enabled(if: Requirement.fuse.mayRun, "needs /dev/fuse and fusermount3")) struct LiveMountTests {
        @Test(arguments: [SIGINT, SIGTERM])
        func theTreeFillsWhileASourceIsIndexedAndAttestedAndASignalEndsIt(_ signal: Int32) async throws {
            try await Workbench.use { bench in
                let folder = try bench.makeFolder("archives")
                try await bench.makeArchives(2, entries: 4, in: folder)
                let server = try await GatedServer.start(on: bench, folder: folder, holding: "build-001.zip")
                defer { server.stop() }
                let mount = try bench.makeFolder("mount")
                let key = bench.path("key.pem")
                #expect(try await bench.assay("key", "generate", "--key", key).end == .exited(0))
                let child = try bench.start([
                    "mount", "s3://archives", mount, "--index", "--attest", "--key", key, "--s3-endpoint",
                    server.endpoint, "--s3-anonymous",
                ])
                let first = "\(mount)/by-source/archives/build-000/dist/0/file-1"
                let second = "\(mount)/by-source/archives/build-001/dist/0/file-1"
                try await appears(first + ".bundle", child)
                #expect(!FileManager.default.fileExists(atPath: second), "the server still holds its bytes back")
                #expect(
                    try await bench.assay("verify", first, "--key", bench.path("key.pub.pem")).end == .exited(0))
                try server.open()
                try await appears(second + ".bundle", child)
                #expect(
                    try await bench.assay("verify", second, "--key", bench.path("key.pub.pem")).end == .exited(0))
                #expect(try bench.mounts == [mount])
                child.send(signal)
                let result = try await child.result()
                #expect(result.end == .exited(0), "\(result.errors)")
                #expect(try bench.mounts == [])
            }
        }

        @Test func aSignalInTheMiddleOfIndexingEndsTheMountToo() async throws {
            try await Workbench.use { bench in
                let folder = try bench.makeFolder("archives")
                try await bench.makeArchives(2, entries: 4, in: folder)
                let server = try await GatedServer.start(on: bench, folder: folder, holding: "build-001.zip")
                defer { server.stop() }
                let mount = try bench.makeFolder("mount")
                let child = try bench.start([
                    "mount", "s3://archives", mount, "--index", "--s3-endpoint", server.endpoint, "--s3-anonymous",
                ])
                try await appears("\(mount)/by-source/archives/build-000/dist/0/file-1", child)
                child.send(SIGTERM)
                let result = try await child.result()
                #expect(result.end == .exited(0), "\(result.errors)")
                #expect(try bench.mounts == [])
                // What was indexed before the signal stays.
                let status = try await bench.assay("status", "--json").json(StatusResult.self)
                #expect(status.sources.first?.objects["indexed"] == 1 && status.sources.first?.objects["pending"] == 1)
            }
        }

        @Test(.enabled(if: Requirement.weed.mayRun, "needs SeaweedFS"))
        func aRunningMountShowsWhatIsAddedAndNeverMixesVersions() async throws {
            let server = try await SeaweedFSServer.shared()
            let bucket = try await server.makeBucket()
            let store = try server.store(bucket)
            func put(_ key: String, _ text: String) async throws {
                let archive = ZipBuilder([ZipBuilder.Entry("file.txt", text)])
                _ = try await store.put(ObjectKey(key), ByteBlock(archive.build()))
            }
            try await Workbench.use(server) { bench in
                try await put("a.zip", "first of a")
                try await put("b.zip", "first of b")
                #expect(try await bench.assay("index", "s3://\(bucket)").end == .exited(0))
                let mount = try bench.makeFolder("mount")
                let mounted = try await bench.assay("mount", "--daemon", mount, "--json")
                let daemon = try mounted.json(MountResult.self).process
                let tree = "\(mount)/by-source/\(bucket)"
                #expect(read("\(tree)/a/file.txt") == .text("first of a"))

                try await put("b.zip", "another of b")
                #expect(read("\(tree)/b/file.txt") == .failed(ESTALE))
                try await put("c.zip", "first of c")
                #expect(try await bench.assay("index", "s3://\(bucket)").end == .exited(0))
                try await appears("\(tree)/c/file.txt")
                #expect(read("\(tree)/c/file.txt") == .text("first of c"))
                while read("\(tree)/b/file.txt") != .text("another of b") {
                    try await Task.sleep(for: .milliseconds(20))
                }
                #expect(read("\(tree)/a/file.txt") == .text("first of a"))

                kill(daemon, SIGKILL)
                while read("\(tree)/c/file.txt") != .failed(ENOTCONN) { try await Task.sleep(for: .milliseconds(20)) }
                #expect(try bench.mounts == [mount])
                let unmounted = try await bench.assay("umount", mount, "--json")
                #expect(unmounted.end == .exited(0), "\(unmounted.errors)")
                #expect(try bench.mounts == [])
                #expect(try await bench.assay("umount", mount).end == .exited(6))
            }
        }

        @Test func aDaemonThatCannotMountSaysWhyAtOnce() async throws {
            try await Workbench.use { bench in
                let folder = try bench.makeFolder("archives")
                try await bench.makeArchives(1, entries: 1, in: folder)
                #expect(try await bench.assay("index", folder).end == .exited(0))
                for arguments in [["mount", "--daemon", bench.path("nowhere")], ["mount", bench.path("nowhere")]] {
                    let result = try await bench.start(arguments).result()
                    #expect(result.end == .exited(6))
                    #expect(result.errors.contains("nowhere") && result.output.isEmpty, "\(result.errors)")
                }
                let mount = try bench.makeFolder("mount")
                let unknown = try await bench.assay("mount", bench.path("home"), mount)
                #expect(unknown.end == .exited(2) && unknown.errors.contains("--index"), "\(unknown.errors)")
                #expect(try bench.mounts == [])
            }
        }

        /// Waits until a file is there; the suite's time limit ends a wait for what never comes.
        private func appears(_ path: String, _ child: Child? = nil) async throws {
            while !FileManager.default.fileExists(atPath: path) {
                if let child { try #require(child.isRunning, "\(child.errorsSoFar)") }
                try await Task.sleep(for: .milliseconds(20))
            }
        }

        /// What a file holds, or the system's error.
        private enum Reading: Hashable {
            case text(String)
            case failed(Int32)
        }

        private func read(_ path: String) -> Reading {
            let file = open(path, O_RDONLY | O_CLOEXEC)
            guard file >= 0 else { return .failed(errno) }
            defer { close(file) }
            var bytes = [UInt8](repeating: 0, count: 4096)
            let count = Glibc.read(file, &bytes, bytes.count)
            return count < 0 ? .failed(errno) : .text(String(decoding: bytes[..<count], as: UTF8.self))
        }
    }
}
