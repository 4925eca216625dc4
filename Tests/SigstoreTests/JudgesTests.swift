import AssayTestSupport
import Foundation
import Testing

@testable import Sigstore

/// The suite's own runner over the program that speaks its protocol.
@Suite(.enabled(if: SigstoreJudge.conformanceIsRequired, "the conformance assets are not beside the package"))
struct ConformanceProgramTests {
    /// The program beside the test bundle.
    private static var program: URL {
        get throws {
            var folder = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
            while folder.path != "/" {
                let candidate = folder.appending(path: "assay-conformance")
                if FileManager.default.isExecutableFile(atPath: candidate.path) { return candidate }
                folder.deleteLastPathComponent()
            }
            throw CocoaError(.fileNoSuchFile)
        }
    }

    private static func run(_ program: URL, _ arguments: [String]) throws -> (status: Int32, output: String) {
        let process = Process()
        process.executableURL = program
        process.arguments = arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: output, as: UTF8.self))
    }

    private static var hasPython: Bool {
        (try? run(URL(filePath: "/usr/bin/env"), ["python3", "--version"]))?.status == 0
    }

    @Test(.enabled(if: hasPython || SigstoreJudge.allAreRequired, "python3 is not installed"))
    func passesTheWholeSuite() throws {
        let runner = SuiteCase.suite.deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "run-conformance.py")
        let result = try Self.run(
            URL(filePath: "/usr/bin/env"), ["python3", runner.path, try Self.program.path, "--timeout", "300"])
        #expect(result.status == 0, "\(result.output)")
        #expect(result.output.contains("\n140 passed, 0 failed"), "\(result.output)")
    }

    /// `.ci/conformance` with that program in place of ours.
    private static func judge(_ program: String) throws -> (status: Int32, output: String) {
        let package = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let suite = SuiteCase.suite.deletingLastPathComponent().deletingLastPathComponent()
        return try run(
            URL(filePath: "/usr/bin/env"),
            [
                "ASSAY_CONFORMANCE=\(program)", "ASSAY_CONFORMANCE_TIMEOUT=300",
                package.appending(path: ".ci/conformance").path, suite.path,
            ])
    }

    @Test func theMakeTargetRunsEveryCaseByPathAndByDigest() throws {
        let ours = try Self.judge(Self.program.path)
        #expect(ours.status == 0 && ours.output.hasSuffix("140 passed, 0 failed\n"), "\(ours.output)")
    }

    @Test(arguments: [
        ("exit 0", "42 passed, 98 failed"), ("exit 1", "98 passed, 42 failed"), ("kill -9 $$", "0 passed, 140 failed"),
        ("exit 124", "0 passed, 140 failed"),
    ])
    func theMakeTargetDoesNotTakeACrashForARefusal(_ case: (script: String, counts: String)) throws {
        let folder = try TemporaryFolder()
        try folder.write("#!/bin/sh\n\(`case`.script)\n".utf8, to: "program")
        let program = folder.url.appending(path: "program").path
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: program)
        let result = try Self.judge(program)
        #expect(result.status == 1)
        #expect(result.output.contains(`case`.counts), "\(result.output.suffix(200))")
    }

    @Test func aKeyAndAnIdentityTogetherAreRefused() throws {
        let suiteCase = SuiteCase(name: "managed-key-happy-path")
        let key = try #require(suiteCase.keyFile)
        var arguments = [
            "verify-bundle", "--bundle", suiteCase.folder.appending(path: "bundle.sigstore.json").path, "--key",
            key.path,
            "--trusted-root", suiteCase.rootFile.path, suiteCase.artifactFile.path,
        ]
        #expect(try Self.run(Self.program, arguments).status == 0)
        arguments.insert(contentsOf: ["--certificate-identity", "x", "--certificate-oidc-issuer", "y"], at: 5)
        let both = try Self.run(Self.program, arguments)
        #expect(both.status == 1 && both.output.contains("not both"))
        let twice = try Self.run(Self.program, arguments.prefix(5) + ["--key", key.path, "x"])
        #expect(twice.status == 1 && twice.output.contains("twice"))
    }

    @Test func signsNothingWithATokenThatIsNone() throws {
        let folder = try TemporaryFolder()
        let file = folder.path + "/z"
        try Data("contents".utf8).write(to: URL(filePath: file))
        let bundle = folder.path + "/bundle"
        let result = try Self.run(
            try Self.program, ["sign-bundle", "--identity-token", "x", "--bundle", bundle, file])
        #expect(result.status == 1 && result.output.contains("token"), "\(result.output)")
        #expect(!FileManager.default.fileExists(atPath: bundle))
    }
}

/// What sigstore-go says of the same changes. It must accept what Assay accepts; where it also accepts what
/// Assay refuses, that is written down here.
@Suite(
    .enabled(
        if: SigstoreGo.isRequired && SigstoreJudge.conformanceIsRequired,
        "sigstore-go-verification is not installed; set ASSAY_SIGSTORE_GO to its path"))
struct SigstoreGoTests {
    /// Changes that sigstore-go does not notice: fields that it compares with nothing.
    static let laxer: Set = ["body of another kind"]
    /// For Rekor v2 it takes index and root from elsewhere in the entry, and writes the body anew before it hashes it.
    static let laxerForRekorV2 = laxer.union([
        "changed body", "changed index of the proof", "index beyond the tree", "changed root of the proof",
    ])

    @Test(arguments: ["happy-path-v0.3", "happy-path-intoto-in-dsse-v3", "rekor2-happy-path", "managed-key-happy-path"])
    func agreesOnTheChanges(_ name: String) throws {
        let suiteCase = SuiteCase(name: name)
        let original = try suiteCase.bundle()
        #expect(try SigstoreGo.accepts(original, suiteCase))
        let laxer = name.hasPrefix("rekor2") ? Self.laxerForRekorV2 : Self.laxer
        for tampering in Tampering.all {
            var bundle = original
            guard tampering.apply(&bundle), bundle != original else { continue }
            // Its authority is not in the root, so the timestamp has no say.
            if name == "managed-key-happy-path", tampering.name == "changed timestamp" { continue }
            let isAccepted = try SigstoreGo.accepts(bundle, suiteCase)
            #expect(!isAccepted || laxer.contains(tampering.name), "sigstore-go accepts: \(tampering.name)")
        }
    }
}

/// sigstore-go's example program.
enum SigstoreGo {
    private static var path: String? {
        let environment = ProcessInfo.processInfo.environment
        let candidates = [
            environment["ASSAY_SIGSTORE_GO"],
            (environment["HOME"] ?? "") + "/.cache/sigstore-local/bin/sigstore-go-verification",
        ]
        return candidates.compactMap { $0 }.first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    static var isRequired: Bool { path != nil || SigstoreJudge.allAreRequired }

    static func accepts(_ bundle: SigstoreBundle, _ suiteCase: SuiteCase) throws -> Bool {
        try accepts(
            bundle, artifact: suiteCase.artifactFile, root: suiteCase.rootFile,
            signer: try suiteCase.keyFile.map { ["-publicKey", $0.path] }
                ?? ["-expectedSAN", suiteCase.identity(), "-expectedIssuer", suiteCase.issuer()])
    }

    /// - Parameter signer: the arguments that say who must have signed.
    static func accepts(_ bundle: SigstoreBundle, artifact: URL, root: URL, signer: [String]) throws -> Bool {
        let folder = try TemporaryFolder()
        try folder.write(bundle.bytes, to: "b.json")
        // A key is in no certificate log.
        let arguments =
            ["-artifact", artifact.path, "-trustedrootJSONpath", root.path] + signer
            + (signer.contains("-publicKey") ? ["-requireCTlog=false"] : [])
        return try Tool.run(URL(filePath: try #require(path)), arguments + ["b.json"], in: folder.url).status == 0
    }
}
