import Testing

@testable import Sigstore

/// One change of a good bundle, and the stages that may notice it.
struct Tampering: CustomTestStringConvertible, Sendable {
    let name: String
    let stages: Set<Rejection.Stage>
    /// Returns false where the bundle has nothing to change.
    let apply: @Sendable (inout SigstoreBundle) -> Bool

    var testDescription: String { name }

    private init(
        _ name: String, _ stages: Set<Rejection.Stage>, _ apply: @escaping @Sendable (inout SigstoreBundle) -> Bool
    ) {
        self.name = name
        self.stages = stages
        self.apply = apply
    }

    private static func envelope(
        _ name: String, _ stages: Set<Rejection.Stage>, _ change: @escaping @Sendable (inout Envelope) -> Void
    ) -> Tampering {
        Tampering(name, stages) { bundle in
            guard case .envelope(var envelope) = bundle.content else { return false }
            change(&envelope)
            bundle.content = .envelope(envelope)
            return true
        }
    }

    private static func message(
        _ name: String, _ stages: Set<Rejection.Stage>, _ change: @escaping @Sendable (inout MessageSignature) -> Void
    ) -> Tampering {
        Tampering(name, stages) { bundle in
            guard case .messageSignature(var message) = bundle.content else { return false }
            change(&message)
            bundle.content = .messageSignature(message)
            return true
        }
    }

    private static func entry(
        _ name: String, _ stages: Set<Rejection.Stage>, _ change: @escaping @Sendable (inout LogEntry) -> Void
    ) -> Tampering {
        Tampering(name, stages) { bundle in
            guard !bundle.logEntries.isEmpty else { return false }
            change(&bundle.logEntries[0])
            return true
        }
    }

    private static func promise(_ name: String, _ change: @escaping @Sendable (inout LogEntry) -> Void) -> Tampering {
        Tampering(name, [.logPromise]) { bundle in
            guard bundle.logEntries.first?.signedEntryTimestamp.isEmpty == false else { return false }
            change(&bundle.logEntries[0])
            return true
        }
    }

    private static func proof(
        _ name: String, _ stage: Rejection.Stage = .inclusionProof,
        _ change: @escaping @Sendable (inout LogEntry.InclusionProof) -> Bool
    ) -> Tampering {
        Tampering(name, [stage]) { bundle in
            guard var proof = bundle.logEntries.first?.inclusionProof, change(&proof) else { return false }
            bundle.logEntries[0].inclusionProof = proof
            return true
        }
    }

    /// The checkpoint with the line of that number changed.
    private static func checkpoint(
        _ name: String, line: Int, _ change: @escaping @Sendable (String) -> String
    ) -> Tampering {
        proof(name, .checkpoint) { proof in
            var lines = proof.checkpoint.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
            lines[line] = change(lines[line])
            proof.checkpoint = lines.joined(separator: "\n")
            return true
        }
    }

    private static func flip(_ bytes: inout [UInt8]) {
        // Near the end: inside the numbers of a signature, not in its ASN.1 frame.
        bytes[bytes.count - 3] ^= 1
    }

    private static let signatureStages: Set<Rejection.Stage> = [.timestamp, .logBody]

    static let all: [Tampering] = [
        envelope("changed DSSE signature", signatureStages) { flip(&$0.signatures[0].bytes) },
        envelope("two signatures", [.signatureCount]) { $0.signatures += $0.signatures },
        envelope("no signature", [.signatureCount]) { $0.signatures = [] },
        envelope("changed payload", [.logBody]) { $0.payload.append(0x20) },
        envelope("changed payload type", [.payloadType]) { $0.payloadType += "x" },
        message("changed message signature", signatureStages) { flip(&$0.signature) },
        message("changed message digest", [.messageDigest]) { message in
            if var digest = message.digest {
                flip(&digest.digest)
                message.digest = digest
            }
        },
        message("digest of an unknown kind", [.messageDigest]) { $0.digest?.algorithm = .sha3Width256 },
        promise("changed SET") { flip(&$0.signedEntryTimestamp) },
        promise("changed integrated time") { $0.integratedTime += 1 },
        promise("changed index under a SET") { $0.logIndex += 1 },
        promise("no integrated time under a SET") { $0.integratedTime = 0 },
        entry("changed body", [.logPromise, .inclusionProof]) { $0.canonicalizedBody.append(0x20) },
        entry("body of another kind", [.logBody]) { $0.kindVersion = "0.0.3" },
        entry("unknown log", [.transparencyLog]) { flip(&$0.logID) },
        Tampering("no log entry", [.transparencyLog]) { bundle in
            bundle.logEntries = []
            return true
        },
        Tampering("changed index of an entry without a SET", [.inclusionProof]) { bundle in
            guard bundle.logEntries[0].signedEntryTimestamp.isEmpty else { return false }
            bundle.logEntries[0].logIndex += 1
            return true
        },
        proof("changed index of the proof") { proof in
            proof.logIndex ^= 1
            return true
        },
        proof("index beyond the tree") { proof in
            proof.logIndex = proof.treeSize
            return true
        },
        proof("proof too short") { proof in proof.hashes.popLast() != nil },
        proof("proof too long") { proof in
            proof.hashes.append(proof.rootHash)
            return true
        },
        proof("changed hash of the proof") { proof in
            guard !proof.hashes.isEmpty else { return false }
            flip(&proof.hashes[0])
            return true
        },
        proof("changed root of the proof") { proof in
            flip(&proof.rootHash)
            return true
        },
        checkpoint("changed origin", line: 0) {
            $0.replacing("rekor", with: "roker").replacing("local", with: "lacol")
        },
        checkpoint("changed size", line: 1) { $0 + "0" },
        checkpoint("size with a leading zero", line: 1) { "0" + $0 },
        checkpoint("changed root of the checkpoint", line: 2) { ($0.hasPrefix("A") ? "B" : "A") + $0.dropFirst() },
        proof("checkpoint without signatures", .checkpoint) { proof in
            guard let gap = proof.checkpoint.firstRange(of: "\n\n") else { return false }
            proof.checkpoint = String(proof.checkpoint[..<gap.upperBound])
            return true
        },
        Tampering("signer that is no certificate", [.signer]) { bundle in
            if case .publicKey = bundle.signer { return false }
            bundle.signer = .publicKey(hint: "")
            return true
        },
        Tampering("changed certificate", [.certificate]) { bundle in
            let chain: [[UInt8]]
            switch bundle.signer {
            case .publicKey: return false
            case .certificate(let der): chain = [der]
            case .certificateChain(let ders): chain = ders
            }
            var leaf = chain[0]
            flip(&leaf)
            bundle.signer = chain.count == 1 ? .certificate(leaf) : .certificateChain([leaf] + chain.dropFirst())
            return true
        },
        Tampering("changed timestamp", [.timestamp]) { bundle in
            guard !bundle.timestamps.isEmpty else { return false }
            flip(&bundle.timestamps[0])
            return true
        },
    ]
}
