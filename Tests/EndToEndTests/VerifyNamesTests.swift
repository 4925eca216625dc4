import Foundation
import Testing

extension EndToEnd {
    /// Trees whose names or kinds of files would lead a careless verifier astray.
    @Suite struct VerifyNamesTests {
        private func tree(_ body: (Workbench, _ key: String) async throws -> Void) async throws {
            try await Workbench.use { bench in
                let key = bench.path("key.pem")
                #expect(try await bench.assay("key", "generate", "--key", key).end == .exited(0))
                try await bench.makeAttestedTree(3, key: key)
                try await body(bench, bench.path("key.pub.pem"))
            }
        }

        /// The first artifact of the tree, and the suffix of its bundle.
        private func artifact(_ bench: Workbench) throws -> (path: String, suffix: String) {
            let folder = bench.path("tree/d0")
            let names = try FileManager.default.contentsOfDirectory(atPath: folder)
            let bundle = try #require(names.first { $0.hasPrefix("file-000.") })
            return ("\(folder)/file-000", String(bundle.dropFirst("file-000".count)))
        }

        @Test func aNameThatBeginsWithACombiningMarkHasItsBundleAndHidesNothing() async throws {
            try await tree { bench, key in
                let (path, suffix) = try artifact(bench)
                let folder = try bench.makeFolder("marks")
                let name = "\(folder)/" + "\u{301}x"
                try FileManager.default.copyItem(atPath: path, toPath: name)
                try FileManager.default.copyItem(atPath: path + suffix, toPath: name + suffix)
                #expect(try await bench.assay("verify", folder, "--key", key).end == .exited(0))
                try FileManager.default.removeItem(atPath: name + suffix)
                try Data("nobody signed this".utf8).write(to: URL(filePath: name + ".jsonl"))
                #expect(try await bench.assay("verify", folder, "--key", key).end == .exited(5))
            }
        }

        @Test func aLinkToAFolderThatOnlyLooksLikeThisOneLeadsOut() async throws {
            try await tree { bench, key in
                let (path, suffix) = try artifact(bench)
                let inside = try bench.makeFolder("caf\u{e9}")
                let outside = try bench.makeFolder("cafe\u{301}")
                try FileManager.default.copyItem(atPath: path, toPath: inside + "/a")
                try FileManager.default.copyItem(atPath: path + suffix, toPath: inside + "/a" + suffix)
                try Data("evil".utf8).write(to: URL(filePath: outside + "/evil"))
                try FileManager.default.createSymbolicLink(
                    atPath: inside + "/out", withDestinationPath: outside + "/evil")
                let result = try await bench.assay("verify", inside, "--key", key)
                #expect(result.end == .exited(1) && result.output.contains("leads out"), "\(result.output)")
            }
        }

        @Test func pipesAndFoldersWithABundlesNameHoldNothingUp() async throws {
            try await tree { bench, key in
                let (path, suffix) = try artifact(bench)
                let folder = try bench.makeFolder("pipes")
                for name in ["pipe", "folder"] {
                    try FileManager.default.copyItem(atPath: path, toPath: "\(folder)/\(name)")
                    try FileManager.default.copyItem(atPath: path + suffix, toPath: "\(folder)/\(name)" + suffix)
                }
                try await bench.tool(["mkfifo", folder + "/pipe.jsonl"])
                _ = try bench.makeFolder("pipes/folder.intoto.jsonl")
                let result = try await bench.assay("verify", folder, "--key", key)
                #expect(result.end == .exited(5), "\(result.output)")
                #expect(
                    result.output.split(separator: "\n").contains {
                        $0.hasPrefix("ok ") && $0.contains(" \(folder)/folder ")
                    })
                #expect(result.output.contains("it is a pipe"))
                #expect(try await bench.assay("verify", folder + "/pipe.jsonl", "--key", key).end == .exited(1))
            }
        }
    }
}
