import AssayModel
import AssayTestSupport
import DigestCatalog
import Foundation
import ObjectStorage
import Sigstore
import Testing

/// Signing as a workload, from the command line to the mounted bundles, with a Sigstore of our own.
@Suite(
    .timeLimit(.minutes(10)),
    .enabled(
        if: Requirement.localSigstore.mayRun,
        "the local Sigstore is not there: run ../shared/sigstore-local/build servers"))
struct KeylessTests {
    /// Calls `body` with a bench whose catalog has one folder of archives, and the flags of the shared instance.
    private func workload(
        archives: Int = 2, entries: Int = 6, _ body: (Workbench, LocalSigstore, [String]) async throws -> Void
    ) async throws {
        let sigstore = try await LocalSigstore.shared()
        try await Workbench.use { bench in
            let folder = try bench.makeFolder("archives")
            try await bench.makeArchives(archives, entries: entries, in: folder)
            #expect(try await bench.assay("index", folder).end == .exited(0))
            try Data(sigstore.mintToken().utf8).write(to: bench.folder.appending(path: "token"))
            try await body(bench, sigstore, bench.keyless(sigstore))
        }
    }

    // MARK: Who verifies

    @Test(
        .enabled(
            if: Requirement.weed.mayRun && Requirement.fuse.mayRun && Environment.wheelsMayBeUsed
                && Requirement.cosign.mayRun && Requirement.sigstoreGoVerification.mayRun
                && Requirement.sigstorePython.mayRun,
            "needs SeaweedFS, /dev/fuse, wheels, cosign, sigstore-go and sigstore-python"))
    func everyVerifierAcceptsTheBundlesStraightFromTheMount() async throws {
        let sigstore = try await LocalSigstore.shared()
        let server = try await SeaweedFSServer.shared()
        try await Workbench.use(server) { bench in
            let bucket = try await server.makeBucket()
            let store = try server.store(bucket)
            for wheel in Environment.wheels.sorted(by: { $0.path < $1.path }).prefix(8) {
                _ = try await store.put(
                    ObjectKey("wheels/" + wheel.lastPathComponent), ByteBlock(Array(Data(contentsOf: wheel))))
            }
            #expect(try await bench.assay("index", "s3://\(bucket)/wheels/").end == .exited(0))
            try Data(sigstore.mintToken().utf8).write(to: bench.folder.appending(path: "token"))
            let attested = try await bench.start(["attest", "--json"] + bench.keyless(sigstore)).result()
            #expect(attested.end == .exited(0), "\(attested.errors)")
            let report = try attested.json(AttestResult.self)
            #expect(report.attested == 8 && report.failed == 0 && report.pending == 0)
            #expect(report.signer.certificates == 1 && report.signer.kind == "certificate")
            #expect(report.signer.identities?.map(\.identity) == [LocalSigstore.identity()])

            let mount = try bench.makeFolder("mount")
            let mounted = try await bench.assay("mount", mount, "--daemon")
            #expect(mounted.end == .exited(0), "\(mounted.errors)")
            let files = try await bench.digests(below: mount + "/by-source").keys.sorted()
            #expect(files.count == 8)
            for (number, file) in files.enumerated() {
                try await verify("\(mount)/by-source/\(file)", with: sigstore, on: bench, all: number < 2)
            }
        }
    }

    /// cosign, and with `all` also the others.
    private func verify(_ file: String, with sigstore: LocalSigstore, on bench: Workbench, all: Bool) async throws {
        let bundle = file + ".bundle"
        let (root, issuer, identity) = (sigstore.trustedRoot.path, sigstore.issuer, LocalSigstore.identity())
        func cosign(_ identity: String) async throws -> Child.Result {
            try await bench.run([
                Requirement.cosign.find().path, "verify-blob-attestation", "--bundle", bundle, "--type",
                "slsaprovenance1", "--trusted-root", root, "--certificate-identity", identity,
                "--certificate-oidc-issuer", issuer, file,
            ]).result()
        }
        let accepted = try await cosign(identity)
        #expect(accepted.end == .exited(0), "\(accepted.errors)")
        #expect(try await cosign(identity + "x").end != .exited(0))
        guard all else { return }
        try await bench.tool([
            Requirement.sigstoreGoVerification.find().path, "-trustedrootJSONpath", root, "-expectedSAN", identity,
            "-expectedIssuer", issuer, "-artifact", file, bundle,
        ])
        try await bench.tool([
            Requirement.sigstorePython.find().path, "--trust-config", sigstore.trustConfig.path, "verify", "identity",
            "--offline", "--bundle", bundle, "--cert-identity", identity, "--cert-oidc-issuer", issuer, file,
        ])
    }

    // MARK: Tokens

    @Test func tokensThatCannotBeUsedAreRefusedBeforeAnybodyIsAsked() async throws {
        try await workload { bench, sigstore, _ in
            let nobody =
                ["--keyless", "--trusted-root", sigstore.trustedRoot.path]
                + ["--fulcio-url", "http://127.0.0.1:9", "--timestamp-url", "http://127.0.0.1:9/timestamp"]
            let cases = [
                (try sigstore.mintToken(lifetime: -600), "expired at"),
                (try sigstore.mintToken(audience: "somebody-else"), "is for 'somebody-else'"),
                ("garbage", "is not a JSON Web Token"),
            ]
            for (token, words) in cases {
                let result = try await bench.start(["attest"] + nobody, with: ["SIGSTORE_ID_TOKEN": token]).result()
                #expect(result.end == .exited(2), "\(result.errors)")
                #expect(result.errors.contains(words), "\(result.errors)")
                #expect(!result.errors.contains(token.prefix(40)) || token == "garbage")
            }
            let none = try await bench.start(["attest"] + nobody).result()
            #expect(none.end == .exited(2) && none.errors.contains("SIGSTORE_ID_TOKEN"), "\(none.errors)")
            #expect(try await bench.catalogNumber("SELECT count(*) FROM attestations") == 0)
        }
    }

    @Test func aServiceThatIsAwayEndsTheRunWithThree() async throws {
        try await workload { bench, sigstore, _ in
            let result = try await bench.start(
                [
                    "attest", "--keyless", "--trusted-root", sigstore.trustedRoot.path, "--identity-token-file",
                    bench.path("token"), "--fulcio-url", "http://127.0.0.1:9", "--timestamp-url",
                    "http://127.0.0.1:9/timestamp",
                ], with: ["ASSAY_RETRY_ATTEMPTS": "1"]
            ).result()
            #expect(result.end == .exited(3), "\(result.errors)")
        }
    }

    // MARK: Settings

    @Test(arguments: [
        (["--keyless", "--key", "k.pem"], "exclude each other"), (["--fulcio-url", "https://x"], "Add --keyless"),
        (["--identity-token-file", "t"], "Add --keyless"),
        (["--keyless", "--fulcio-url", "https://x", "--rekor-url", "https://y"], "vouch for the time"),
        (["--keyless", "--rekor-url", "https://y"], "--fulcio-url"),
        (["--signing-config", "c", "--rekor-url", "https://y"], "exclude each other"),
        (["--keyless", "--identity-token-file", "t", "--identity-token-command", "c"], "in one way"),
        (["--rekor-version", "1"], "no log is named"), (["--keyless", "--trusted-root", "r"], "which services sign"),
        (["--keyless", "--fulcio-url", "no address", "--timestamp-url", "https://x"], "spaces"),
        (["--key", "gcpkms://x"], "not supported"),
    ])
    func settingsThatContradictEachOtherAreRefused(_ flags: [String], _ words: String) async throws {
        try await workload(archives: 1, entries: 1) { bench, sigstore, _ in
            let root = flags.contains("--trusted-root") ? [] : ["--trusted-root", sigstore.trustedRoot.path]
            let result = try await bench.start(["attest"] + flags + root).result()
            #expect(result.end == .exited(2), "\(result.errors)")
            #expect(result.errors.contains(words), "\(result.errors)")
        }
    }

    @Test func aKeysSignatureIsWitnessedToo() async throws {
        try await workload { bench, sigstore, _ in
            let key = bench.path("key.pem")
            #expect(try await bench.assay("key", "generate", "--key", key).end == .exited(0))
            let flags = ["--trusted-root", sigstore.trustedRoot.path]
            let result = try await bench.start(
                [
                    "attest", "--json", "--key", key, "--rekor-url", sigstore.rekorURL, "--timestamp-url",
                    sigstore.timestampURL,
                ] + flags
            ).result()
            #expect(result.end == .exited(0), "\(result.errors)")
            #expect(try result.json(AttestResult.self).signer.hint != nil)
            // With a root, a key's signature has to be in a log that is trusted.
            let verified = try await bench.start(
                ["verify", "--attested", "--key", bench.path("key.pub.pem")] + flags
            ).result()
            #expect(verified.end == .exited(0), "\(verified.output)\(verified.errors)")
        }
    }
}

extension Workbench {
    /// The flags with which a workload signs at an instance; its token is in the file `token`.
    func keyless(_ sigstore: LocalSigstore, config: String? = nil) -> [String] {
        [
            "--keyless", "--signing-config", config ?? sigstore.signingConfig.path, "--trusted-root",
            sigstore.trustedRoot.path, "--identity-token-file", path("token"),
        ]
    }
}
