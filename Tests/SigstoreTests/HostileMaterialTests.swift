import AssayTestSupport
import Foundation
import Testing

@testable import Sigstore

/// Random changes of everything that strangers write. Nothing may crash, and nothing that is signed may change unseen.
@Suite(.enabled(if: SigstoreJudge.conformanceIsRequired, "the conformance assets are not beside the package"))
struct HostileMaterialTests {
    private static func changed(_ bytes: [UInt8], using random: inout SeededGenerator) -> [UInt8] {
        var bytes = bytes
        guard let place = bytes.indices.randomElement(using: &random) else { return bytes }
        switch Int.random(in: 0..<3, using: &random) {
        case 0: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        case 1: bytes.removeSubrange(place...)
        default: bytes[place] = UInt8.random(in: 0...255, using: &random)
        }
        return bytes
    }

    @Test(arguments: ["happy-path-v0.3", "rekor2-happy-path", "intoto-with-custom-trust-root"])
    func aBundleWithAChangedPartNeverSaysOtherThings(_ name: String) throws {
        let suiteCase = SuiteCase(name: name)
        let (original, artifact, policy) = (try suiteCase.bundle(), try suiteCase.artifact(), try suiteCase.policy())
        let verifier = Verifier(root: try suiteCase.root())
        let truth = try verifier.verify(original, artifact: artifact, policy: policy)
        var random = SeededGenerator(state: 7)
        for _ in 0..<150 {
            var bundle = original
            switch Int.random(in: 0..<4, using: &random) {
            case 0:
                switch original.signer {
                case .certificate(let der): bundle.signer = .certificate(Self.changed(der, using: &random))
                case .certificateChain(let chain):
                    bundle.signer = .certificateChain([Self.changed(chain[0], using: &random)])
                case .publicKey: break
                }
            case 1 where !bundle.timestamps.isEmpty:
                bundle.timestamps[0] = Self.changed(bundle.timestamps[0], using: &random)
            case 2:
                let note = Self.changed(
                    Array((bundle.logEntries[0].inclusionProof?.checkpoint ?? "").utf8), using: &random)
                bundle.logEntries[0].inclusionProof?.checkpoint = String(decoding: note, as: UTF8.self)
            default:
                bundle.logEntries[0].canonicalizedBody = Self.changed(
                    bundle.logEntries[0].canonicalizedBody, using: &random)
            }
            guard let verified = try? verifier.verify(bundle, artifact: artifact, policy: policy) else { continue }
            // Some bytes are nobody's business, such as a timestamp's status text or a witness's signature; and a
            // timestamp that names another authority is as good as none.
            #expect(verified.signer == truth.signer && verified.statement == truth.statement)
            #expect(verified.logRecords == truth.logRecords)
            #expect(verified.times.allSatisfy(truth.times.contains))
        }
    }

    @Test func aChangedRootNeverCrashes() throws {
        let suiteCase = SuiteCase(name: "rekor2-happy-path")
        let text = try Array(Data(contentsOf: suiteCase.rootFile))
        var random = SeededGenerator(state: 8)
        var parsed = 0
        for _ in 0..<150 where (try? TrustedRoot(parsing: Self.changed(text, using: &random))) != nil { parsed += 1 }
        #expect(parsed < 150)
    }

    @Test(arguments: [
        "", "\n", "\n\n", "a\n1\n", "a\n1\nAAAA\n\n\u{2014} a AAAAAAA=\n", "a\n-1\n\(root)\n\n\u{2014} a AAAAAAA=\n",
        "a\n1\n\(root)\n\n", "a\n1\n\(root)\n\n- a AAAAAAA=\n", "a\n1\n\(root)\n\n\u{2014} a AAAAAAA=",
        "a\n1\n\(root)\n\n\u{2014} a b AAAAAAA=\n", "\n1\n\(root)\n\n\u{2014} a AAAAAAA=\n",
        "a\n99999999999999999999\n\(root)\n\n\u{2014} a AAAAAAA=\n", "a\n1\n\(root)\n\n\u{2014} a AAAA\n",
    ])
    func refusesWhatIsNoCheckpoint(_ note: String) {
        #expect(throws: SigstoreError.self) { try Checkpoint(note, limits: Limits()) }
    }

    private static let root = String(repeating: "A", count: 43) + "="

    @Test func aCheckpointIsTakenAsItIs() throws {
        let note = "a\n12\n\(Self.root)\nmore\n\n\u{2014} a AAAAAAA=\n"
        let checkpoint = try Checkpoint(note, limits: Limits())
        #expect(checkpoint.origin == "a" && checkpoint.treeSize == 12)
        #expect(checkpoint.rootHash == [UInt8](repeating: 0, count: 32))
        var limits = Limits()
        limits.checkpointSize = 10
        #expect(throws: SigstoreError.limitExceeded(what: "bytes of a checkpoint", limit: 10)) {
            try Checkpoint(note, limits: limits)
        }
    }
}

/// Inclusion proofs of every leaf of small trees, built as RFC 6962, 2.1 defines them.
@Suite struct InclusionProofTests {
    private static func hash(_ bytes: [UInt8]) throws -> [UInt8] { try DigestAlgorithm.sha256.digest(of: bytes) }

    /// Root and path of `index` in the tree of these leaves.
    private static func tree(_ leaves: ArraySlice<[UInt8]>, _ index: Int) throws -> (root: [UInt8], path: [[UInt8]]) {
        if leaves.count == 1 { return (try hash([0] + leaves[leaves.startIndex]), []) }
        var split = 1
        while split * 2 < leaves.count { split *= 2 }
        let (left, right) = (leaves.prefix(split), leaves.dropFirst(split))
        let (mine, other) =
            index < split
            ? (try tree(left, index), try tree(right, 0).root)
            : (try tree(right, index - split), try tree(left, 0).root)
        let root = try hash(index < split ? [1] + mine.root + other : [1] + other + mine.root)
        return (root, mine.path + [other])
    }

    @Test(arguments: 1...17) func onlyTheRightPathLeadsToTheRoot(_ size: Int) throws {
        let leaves = (0..<size).map { [UInt8($0)] }
        for index in 0..<size {
            let (root, path) = try Self.tree(leaves[...], index)
            func verifies(_ index: Int, _ size: Int, _ path: [[UInt8]], leaf: [UInt8]) -> Bool {
                let proof = LogEntry.InclusionProof(
                    logIndex: index, rootHash: root, treeSize: size, hashes: path, checkpoint: "")
                return (try? InclusionProofCheck.verify(proof, body: leaf)) != nil
            }
            #expect(verifies(index, size, path, leaf: leaves[index]))
            #expect(!verifies(index, size, path, leaf: [0xFF]))
            #expect(!verifies(index, size, path + [root], leaf: leaves[index]))
            if !path.isEmpty { #expect(!verifies(index, size, path.dropLast(), leaf: leaves[index])) }
            for other in 0..<size where other != index { #expect(!verifies(other, size, path, leaf: leaves[index])) }
            #expect(!verifies(size, size, path, leaf: leaves[index]))
            #expect(!verifies(Int.max, Int.max, path, leaf: leaves[index]))
        }
    }
}

/// The example of the module's documentation: what a user of the library writes.
@Suite(.enabled(if: SigstoreJudge.conformanceIsRequired, "the conformance assets are not beside the package"))
struct ExampleTests {
    @Test func aFileIsVerifiedInAFewLines() throws {
        let suiteCase = SuiteCase(name: "happy-path-v0.3")
        let file = try Array(Data(contentsOf: suiteCase.artifactFile))
        let document = try Array(Data(contentsOf: suiteCase.folder.appending(path: "bundle.sigstore.json")))

        let verifier = Verifier(root: try .publicGood())
        let identity = CertificateIdentity(
            subject: try .regularExpression("^https://github\\.com/sigstore-conformance/"),
            issuer: .exact("https://token.actions.githubusercontent.com"),
            extensions: [.sourceRepositoryRef: .exact("refs/heads/main")])
        let verified = try verifier.verify(
            SigstoreBundle(parsing: document), artifact: ArtifactIdentity(bytes: file),
            policy: .certificate([identity], expecting: .messageSignature))

        #expect(verified.times.map(\.time.description) == ["2024-03-19T17:26:26Z"])
    }
}
