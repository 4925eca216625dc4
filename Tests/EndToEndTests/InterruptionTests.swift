import AssayModel
import DigestCatalog
import Foundation
import Sigstore
import Testing

extension EndToEnd {
    /// `kill -9` at any moment costs work, and nothing else.
    @Suite struct InterruptionTests {
        /// Kills runs of the program at moments that `generator` picks, within a span that grows from hardly started to
        /// long under way.
        ///
        /// - Returns: how many were killed in the middle.
        private func killing(
            _ arguments: [String], on bench: Workbench, _ generator: inout SplitMix
        ) async throws -> Int {
            var killed = 0
            for round in 1...12 {
                let child = try bench.start(arguments)
                try await Task.sleep(for: .milliseconds(Int.random(in: 10...40 * round, using: &generator)))
                child.send(SIGKILL)
                let result = try await child.result()
                if result.end == .exited(0) { continue }
                #expect(result.end == .killed(SIGKILL), "\(result.errors)")
                killed += 1
            }
            return killed
        }

        /// Kills a run of `index` that has written entries which it has not committed yet.
        private func killBeforeCommit(_ folder: String, on bench: Workbench) async throws {
            let script = """
                import os, signal, sqlite3, sys
                pid = int(sys.argv[2])
                db = sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True)
                while open(f"/proc/{pid}/stat").read().rpartition(")")[2].split()[0] != "Z":
                    if db.execute('''SELECT count(*) FROM directories d JOIN objects o ON o.id = d.object_id
                            WHERE d.parent_id IS NULL AND d.id IS NOT o.directory_id''').fetchone()[0]:
                        os.kill(pid, signal.SIGKILL)
                        break
                """
            let child = try bench.start(["index", folder])
            try await bench.python(script, bench.path("catalog.sqlite"), "\(child.pid)")
            #expect(try await child.result().end == .killed(SIGKILL))
        }

        @Test func killedRunsLeaveTheCatalogAndTheAttestationsOfUndisturbedOnes() async throws {
            let seed = UInt64.random(in: 0...UInt64.max)
            var generator = SplitMix(state: seed)
            try await Workbench.use { bench in
                let folder = try bench.makeFolder("archives")
                try await bench.makeArchives(120, entries: 50, in: folder)
                let killedIndexing = try await killing(["index", folder], on: bench, &generator)
                #expect(killedIndexing > 0, "seed \(seed): nothing was killed")

                // More entries than are recorded at once: a kill leaves some that were never committed.
                let script = """
                    import sys, zipfile
                    with zipfile.ZipFile(sys.argv[1] + "/a-first.zip", "w") as archive:
                        for number in range(40_000):
                            archive.writestr(zipfile.ZipInfo(f"{number // 100}/{number}"), f"{number % 100}")
                    """
                try await bench.python(script, folder)
                try await killBeforeCommit(folder, on: bench)
                #expect(try await bench.assay("index", folder).end == .exited(0))

                let undisturbed = bench.path("undisturbed.sqlite")
                #expect(
                    try await bench.assay("index", folder, with: ["ASSAY_CATALOG": undisturbed]).end == .exited(0))

                let expected = try await bench.catalogDump(undisturbed)
                let found = try await bench.catalogDump()
                #expect(expected.last == "ok 0" && expected.count > 46_000)
                #expect(
                    Set(found).symmetricDifference(expected).sorted().prefix(5) == [] && found.count == expected.count,
                    "seed \(seed)")

                let key = bench.path("key.pem")
                #expect(try await bench.assay("key", "generate", "--key", key).end == .exited(0))
                let killedAttesting = try await killing(
                    ["attest", "--key", key], on: bench, &generator)
                #expect(killedAttesting > 0, "seed \(seed): nothing was killed")
                #expect(try await bench.assay("attest", "--key", key).end == .exited(0))
                try await expectOneAttestationEach(bench)
                print("killed \(killedIndexing) times indexing, \(killedAttesting) times attesting, seed \(seed)")
            }
        }

        /// Each artifact has one attestation, a success, whose bundle verifies.
        private func expectOneAttestationEach(_ bench: Workbench) async throws {
            let catalog = try Catalog(path: bench.path("catalog.sqlite"), access: .readOnly)
            let pem = try Data(contentsOf: URL(filePath: bench.path("key.pub.pem")))
            let verifier = Verifier(root: .empty)
            let policy = VerificationPolicy.key(
                try PublicKey(pem: Array(pem)), expecting: .statement(predicateType: PredicateType.slsaProvenanceV1)
            ).insecureIgnoringTransparencyLog().insecureIgnoringTime()
            let digests = try await bench.catalogDigests()
            #expect(digests.count > 3000)
            #expect(try await bench.catalogNumber("SELECT count(*) FROM attestations") == digests.count)
            #expect(try await bench.catalogNumber("SELECT count(*) FROM subjects") == digests.count)
            for digest in digests {
                let attestations = try catalog.attestations(of: digest)
                #expect(attestations.map(\.status) == [.success], "\(digest)")
                guard let id = attestations.first?.id, let bytes = try catalog.bundle(ofAttestation: id) else {
                    continue
                }
                let artifact = try ArtifactIdentity(digests: [.sha256: digest.bytes])
                #expect(throws: Never.self, "\(digest)") {
                    _ = try verifier.verify(
                        SigstoreBundle(parsing: Array(bytes)), artifact: artifact, policy: policy)
                }
            }
        }
    }
}

extension Workbench {
    /// The digests of all artifacts in the catalog.
    func catalogDigests() async throws -> [SHA256Digest] {
        let script = """
            import sqlite3, sys
            for row in sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True).execute("SELECT lower(hex(sha256)) FROM artifacts"):
                print(row[0])
            """
        return try await python(script, path("catalog.sqlite")).split(separator: "\n")
            .compactMap { SHA256Digest(hex: String($0)) }
    }
}
