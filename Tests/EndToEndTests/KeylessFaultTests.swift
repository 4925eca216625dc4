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
        archives: Int, entries: Int, _ body: (Workbench, LocalSigstore, ServiceFront) async throws -> Void
    ) async throws {
        try await LocalSigstore.use { sigstore in
            let front = try await ServiceFront(sigstore)
            defer { front.stop() }
            try await Workbench.use { bench in
                let folder = try bench.makeFolder("archives")
                try await bench.makeArchives(archives, entries: entries, in: folder)
                #expect(try await bench.assay("index", folder).end == .exited(0))
                try Data(sigstore.mintToken().utf8).write(to: bench.folder.appending(path: "token"))
                try await body(bench, sigstore, front)
            }
        }
    }

    private func flags(_ bench: Workbench, _ sigstore: LocalSigstore, log: String) -> [String] {
        [
            "--keyless", "--fulcio-url", sigstore.fulcioURL, "--rekor-url", log, "--timestamp-url",
            sigstore.timestampURL, "--trusted-root", sigstore.trustedRoot.path, "--identity-token-file",
            bench.path("token"),
        ]
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
        try await workload(archives: 12, entries: 50) { bench, sigstore, front in
            let before = try logSize(sigstore)
            // The log itself does not serve its tiles, by which entries are found that were there already.
            let command = ["attest"] + flags(bench, sigstore, log: front.url(.honest))
            var killed = 0
            for round in 1...12 {
                let child = try bench.start(command)
                try await Task.sleep(for: .milliseconds(Int.random(in: 50...(100 + 40 * round), using: &generator)))
                child.send(SIGKILL)
                if try await child.result().end == .killed(SIGKILL) { killed += 1 }
            }
            #expect(killed > 0, "seed \(seed): nothing was killed")
            let pending = try await bench.catalogNumber("SELECT count(*) FROM attestations WHERE status = 3") ?? 0
            let last = try await bench.start(command).result()
            #expect(last.end == .exited(0), "seed \(seed): \(last.errors)")
            try await expectEachOnce(bench, sigstore, logSizeBefore: before)
            print("killed \(killed) times, \(pending) signatures waited for the last run, seed \(seed)")
        }
    }

    @Test func whatALogCouldNotRecordWaitsAndIsRecordedOnceItIsBack() async throws {
        try await workload(archives: 2, entries: 20) { bench, sigstore, front in
            let before = try logSize(sigstore)
            func attest(_ manner: ServiceFront.Manner) async throws -> Child.Result {
                try await bench.start(
                    ["attest", "--json"] + flags(bench, sigstore, log: front.url(manner)),
                    with: ["ASSAY_RETRY_ATTEMPTS": "2"]
                ).result()
            }
            let failed = try await attest(.isAway)
            #expect(failed.end == .exited(3), "\(failed.errors)")
            #expect(failed.errors.contains("under repair") && failed.errors.contains("Run the command again"))
            let artifacts = try await bench.catalogNumber("SELECT count(*) FROM artifacts")
            #expect(try await bench.catalogNumber("SELECT count(*) FROM attestations WHERE status = 3") == artifacts)
            #expect(try logSize(sigstore) == before)

            let finished = try await attest(.honest)
            #expect(finished.end == .exited(0), "\(finished.errors)")
            let report = try finished.json(AttestResult.self)
            // The signatures were there already.
            #expect(report.attested == artifacts && report.pending == 0 && report.signer.certificates == 0)
            try await expectEachOnce(bench, sigstore, logSizeBefore: before)
        }
    }
}
