import AssayModel
import AssayTestSupport
import Foundation
import ObjectStorage
import Testing

/// Tests that run the built program against real servers, mounts and verifiers; one at a time, for two cores.
@Suite(
    .serialized, .timeLimit(.minutes(10)),
    .enabled(if: Environment.pythonMayRun, "needs /usr/bin/python3 (package python3)"))
enum EndToEnd {}

extension EndToEnd {
    /// The main job: from a bucket of real archives to files beside bundles that cosign verifies.
    @Suite struct ReleaseTests {
        /// Keys that are hard to sign and to write: each wheel gets one of these folders.
        private static let folders = [
            "plain", "with blank", "c++ and a+b", "100% sure/%20", "Grüße/日本語 ☃", "a&b=c;d,e@f$g!'(h)*",
            "deep/er/and/deeper",
            "~tilde#hash?query", "quo\"te<angle>|",
        ]

        private static func key(_ number: Int, _ wheel: URL) -> String {
            "\(folders[number % folders.count])/\(wheel.deletingPathExtension().lastPathComponent).zip"
        }

        @Test(
            .enabled(
                if: Environment.wheelsMayBeUsed && Requirement.weed.mayRun && Requirement.cosign.mayRun
                    && Requirement.fuse.mayRun && Requirement.unzip.mayRun,
                "needs weed, cosign, unzip, FUSE, and 40 wheels in ASSAY_WHEELS (.ci/install-dependencies test)"))
        func everyFileOfRealArchivesIsMountedBesideABundleThatCosignVerifies() async throws {
            let wheels = Environment.wheels
            try #require(wheels.count >= 40, "ASSAY_WHEELS holds \(wheels.count) wheels, and 40 are needed")
            let cosign = try Requirement.cosign.find().path
            let server = try await SeaweedFSServer.shared()
            let bucket = try await server.makeBucket()
            let store = try server.store(bucket)
            try await Workbench.use(server) { bench in
                for (number, wheel) in wheels.enumerated() {
                    _ = try await store.put(ObjectKey(Self.key(number, wheel)), ByteBlock(Data(contentsOf: wheel)))
                    let target = try bench.makeFolder("unzipped/" + Self.key(number, wheel).dropLast(4))
                    try await bench.tool(["unzip", "-q", "-d", target, wheel.path])
                }
                let index = try await bench.assay("index", "s3://\(bucket)", "--json")
                #expect(index.end == .exited(0), "\(index.errors)")
                #expect(try index.json(IndexResult.self).indexed == wheels.count)

                let key = bench.path("release.pem")
                #expect(try await bench.assay("key", "generate", "--key", key).end == .exited(0))
                let attest = try await bench.assay("attest", "--key", key, "--json")
                #expect(attest.end == .exited(0), "\(attest.errors)")
                #expect(try attest.json(AttestResult.self).failed == 0)

                let mount = try bench.makeFolder("mount")
                let mounted = try await bench.assay("mount", "--daemon", mount, "--json")
                #expect(mounted.end == .exited(0), "\(mounted.errors)")
                #expect(try mounted.json(MountResult.self).mountpoint == mount)

                let tree = "\(mount)/by-source/\(bucket)"
                let expected = Dictionary(
                    uniqueKeysWithValues: try await bench.digests(below: bench.path("unzipped")).map { path, digest in
                        (path.replacing("/%20/", with: "/%2520/"), digest)
                    })
                let shown = try await bench.digests(below: tree)
                #expect(expected.count > 5000)
                expectSame(shown, expected)
                let bundles = try await bench.tool([
                    "sh", "-c", "cd \"$1\" && find . -name '*.bundle' -print0", "sh", tree,
                ])
                let bundled = Set(bundles.split(separator: "\0").map { String($0.dropFirst(2).dropLast(7)) })
                #expect(bundled.symmetricDifference(expected.keys).sorted().prefix(5) == [])

                try await judge(bench, cosign, tree: tree, paths: expected.keys.sorted())
                #expect(try await bench.assay("umount", mount).end == .exited(0))
                #expect(try bench.mounts == [])
            }
        }

        /// cosign's verdicts on files picked at random, on one with a flipped byte, and with another's key.
        private func judge(_ bench: Workbench, _ cosign: String, tree: String, paths: [String]) async throws {
            let seed = UInt64.random(in: 0...UInt64.max)
            var generator = SplitMix(state: seed)
            let picked = paths.shuffled(using: &generator).prefix(10).map { "\(tree)/\($0)" }
            func verdict(_ file: String, bundle: String, key: String = "release.pub.pem") async throws -> Child.Result {
                try await bench.run([
                    cosign, "verify-blob-attestation", "--key", bench.path(key), "--insecure-ignore-tlog", "--type",
                    "slsaprovenance1", "--bundle", bundle, file,
                ]).result()
            }
            for file in picked {
                let result = try await verdict(file, bundle: file + ".bundle")
                #expect(result.end == .exited(0), "seed \(seed): \(file): \(result.errors)")
            }
            let file = try #require(picked.first { (try? Data(contentsOf: URL(filePath: $0)).isEmpty) == false })
            var damaged = try Data(contentsOf: URL(filePath: file))
            damaged[Int.random(in: damaged.indices, using: &generator)] ^= 1
            let copy = bench.folder.appending(path: "damaged")
            try damaged.write(to: copy)
            for result in [
                try await verdict(copy.path, bundle: file + ".bundle"),
                try await bench.assay(
                    "verify", copy.path, "--bundle", file + ".bundle", "--key", bench.path("release.pub.pem")),
            ] {
                #expect(result.end != .exited(0), "seed \(seed): a flipped byte of \(file) went unnoticed")
            }
            #expect(
                try await bench.assay("key", "generate", "--key", bench.path("foreign.pem")).end == .exited(0))
            #expect(try await verdict(file, bundle: file + ".bundle", key: "foreign.pub.pem").end != .exited(0))
        }

        @Test(.enabled(if: Requirement.weed.mayRun, "needs SeaweedFS"))
        func wrongSecretIsOneClearErrorAfterOneRequest() async throws {
            let server = try await SeaweedFSServer.shared()
            let bucket = try await server.makeBucket()
            _ = try await server.store(bucket).put(ObjectKey("a.zip"), ByteBlock("x".utf8))
            let before = try await server.counts().requests
            try await Workbench.use(server) { bench in
                let result = try await bench.assay(
                    "index", "s3://\(bucket)", "--json", with: ["AWS_SECRET_ACCESS_KEY": "wrong"])
                #expect(result.end == .exited(3))
                #expect(result.output.isEmpty)
                let lines = result.errors.split(separator: "\n")
                #expect(lines.count { $0.hasPrefix("assay: ") } == 1 && lines.count <= 2, "\(result.errors)")
                #expect(result.errors.contains(bucket) && !result.errors.contains("wrong"), "\(result.errors)")
            }
            #expect(try await server.counts().requests - before <= 1)
        }
    }
}

/// A generator of numbers that a seed determines.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ z >> 30) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ z >> 27) &* 0x94d0_49bb_1331_11eb
        return z ^ z >> 31
    }
}
