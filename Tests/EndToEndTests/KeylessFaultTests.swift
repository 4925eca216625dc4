import AssayTestSupport
import Foundation
import Testing

/// Keyless signing that is killed, and logs that are away: nothing is lost, and nothing is recorded twice.
@Suite(
    .serialized, .timeLimit(.minutes(10)),
    .enabled(
        if: Requirement.localSigstore.mayRun,
        "the local Sigstore is not there: run ../shared/sigstore-local/build servers"))
struct KeylessFaultTests {
    /// Calls `body` with a bench of some hundred artifacts, and with an instance whose log nobody else writes to.
    private func workload(
        archives: Int, entries: Int, _ body: (Workbench, LocalSigstore) async throws -> Void
    ) async throws {
        try await LocalSigstore.use { sigstore in
            try await Workbench.use { bench in
                let folder = try bench.makeFolder("archives")
                try await bench.makeArchives(archives, entries: entries, in: folder)
                #expect(try await bench.assay("index", folder).end == .exited(0))
                try Data(sigstore.mintToken().utf8).write(to: bench.folder.appending(path: "token"))
                try await body(bench, sigstore)
            }
        }
    }

    /// How many entries the log has.
    private func logSize(_ sigstore: LocalSigstore) throws -> Int {
        let checkpoint = try String(
            contentsOf: sigstore.folder.appending(path: "tiles/checkpoint"), encoding: .utf8)
        return try #require(Int(checkpoint.split(separator: "\n")[1]))
    }

    /// Each artifact has one attestation, a success, and the log an entry for each and no other.
    private func expectEachOnce(_ bench: Workbench, _ sigstore: LocalSigstore, logSizeBefore: Int) async throws {
        let artifacts = try await bench.catalogNumber("SELECT count(*) FROM artifacts")
        #expect(try await bench.catalogNumber("SELECT count(*) FROM attestations WHERE status = 1") == artifacts)
        #expect(try await bench.catalogNumber("SELECT count(*) FROM attestations") == artifacts)
        #expect(
            try await bench.catalogNumber("SELECT count(*) FROM artifacts WHERE attestation_id IS NULL") == 0)
        #expect(try logSize(sigstore) - logSizeBefore == artifacts)
        let verified = try await bench.start([
            "verify", "--attested", "--trusted-root", sigstore.trustedRoot.path, "--certificate-identity",
            LocalSigstore.identity(), "--certificate-oidc-issuer", sigstore.issuer,
        ]).result()
        #expect(verified.end == .exited(0), "\(verified.errors)")
    }

    @Test func killedRunsLeaveOneSuccessAndOneLogEntryForEachArtifact() async throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var generator = SplitMix(state: seed)
        try await workload(archives: 12, entries: 50) { bench, sigstore in
            let before = try logSize(sigstore)
            var killed = 0
            for round in 1...12 {
                let child = try bench.start(["attest"] + bench.keyless(sigstore))
                try await Task.sleep(for: .milliseconds(Int.random(in: 50...(100 + 40 * round), using: &generator)))
                child.send(SIGKILL)
                if try await child.result().end == .killed(SIGKILL) { killed += 1 }
            }
            #expect(killed > 0, "seed \(seed): nothing was killed")
            let pending = try await bench.catalogNumber("SELECT count(*) FROM attestations WHERE status = 3") ?? 0
            let last = try await bench.start(["attest"] + bench.keyless(sigstore)).result()
            #expect(last.end == .exited(0), "seed \(seed): \(last.errors)")
            try await expectEachOnce(bench, sigstore, logSizeBefore: before)
            print("killed \(killed) times, \(pending) signatures waited for the last run, seed \(seed)")
        }
    }

    @Test func whatALogCouldNotRecordWaitsAndIsRecordedOnceItIsBack() async throws {
        try await workload(archives: 2, entries: 20) { bench, sigstore in
            let before = try logSize(sigstore)
            let port = bench.path("port")
            let server = try bench.run(["/usr/bin/python3", "-c", Self.outage, port])
            defer { server.send(SIGKILL) }
            while !FileManager.default.fileExists(atPath: port), server.isRunning {
                try await Task.sleep(for: .milliseconds(20))
            }
            let away = "http://127.0.0.1:\(try String(contentsOfFile: port, encoding: .utf8))"
            func attest(_ log: String) async throws -> Child.Result {
                try await bench.start(
                    [
                        "attest", "--keyless", "--fulcio-url", sigstore.fulcioURL, "--rekor-url", log,
                        "--timestamp-url", sigstore.timestampURL, "--trusted-root", sigstore.trustedRoot.path,
                        "--identity-token-file", bench.path("token"), "--json",
                    ], with: ["ASSAY_RETRY_ATTEMPTS": "2"]
                ).result()
            }
            let failed = try await attest(away)
            #expect(failed.end == .exited(3), "\(failed.errors)")
            #expect(failed.errors.contains("under repair") && failed.errors.contains("Run the command again"))
            let artifacts = try await bench.catalogNumber("SELECT count(*) FROM artifacts")
            #expect(try await bench.catalogNumber("SELECT count(*) FROM attestations WHERE status = 3") == artifacts)
            #expect(try logSize(sigstore) == before)

            let finished = try await attest(sigstore.rekorURL)
            #expect(finished.end == .exited(0), "\(finished.errors)")
            let report = try finished.json(AttestResult.self)
            // The signatures were there already.
            #expect(report.attested == artifacts && report.pending == 0 && report.signer.certificates == 0)
            try await expectEachOnce(bench, sigstore, logSizeBefore: before)
        }
    }

    /// A log that refuses everything for now.
    private static let outage = """
        import http.server, os, sys
        class Handler(http.server.BaseHTTPRequestHandler):
            def log_message(self, *arguments): pass
            def do_POST(self):
                self.rfile.read(int(self.headers["Content-Length"]))
                self.send_response(503)
                self.end_headers()
                self.wfile.write(b"under repair")
            do_GET = do_POST
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        with open(sys.argv[1] + ".new", "w") as file:
            file.write(str(server.server_port))
        os.rename(sys.argv[1] + ".new", sys.argv[1])
        server.serve_forever()
        """
}
