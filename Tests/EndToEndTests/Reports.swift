import Foundation

/// What commands print with `--json`, as far as the tests ask.
struct IndexResult: Decodable {
    struct Problem: Decodable {
        let key: String
        let entry: String?
        let code: String
    }

    let listed: Int
    let unchanged: Int
    let new: Int
    let changed: Int
    let gone: Int
    let indexed: Int
    let entries: Int
    let contentSize: Int
    let bytesRead: Int
    let requests: Int
    let refusedEntries: Int
    let refusedObjects: Int
    let failedObjects: Int
    let problems: [Problem]
}

struct AttestResult: Decodable {
    let attested: Int
    let statements: Int
    let failed: Int
    let pending: Int
    let signer: Signer

    struct Signer: Decodable {
        struct Identity: Decodable {
            let identity: String
            let issuer: String
        }

        let kind: String
        let hint: String?
        let identities: [Identity]?
        let certificates: Int?
    }
}

struct MountResult: Decodable {
    let mountpoint: String
    let process: Int32
}

struct StatusResult: Decodable {
    struct Source: Decodable {
        let objects: [String: Int]
        let entries: Int
        let refusedEntries: Int
    }

    struct Problem: Decodable {
        let kind: String
        let key: String?
        let name: String?
        let reason: String
    }

    let artifacts: Int
    let attested: Int
    let sources: [Source]
    let problems: [Problem]
}

struct LookupResult: Decodable {
    struct Place: Decodable {
        let key: String
        let entry: String?
    }

    let sha256: String
    let size: Int
    let places: [Place]
    let attestations: [Attestation]

    struct Attestation: Decodable {
        let status: String
    }
}

struct VerifyResult: Decodable {
    struct Signer: Decodable {
        let kind: String
        let identity: String?
        let issuer: String?
        let extensions: [String: String]?
    }

    struct Refusal: Decodable {
        let bundle: String
        let reason: String
    }

    let kind: String
    let subject: String
    let status: String
    let sha256: String?
    let bundle: String?
    let signer: Signer?
    let predicateType: String?
    let subjectName: String?
    let notChecked: [String]
    let reason: String?
    let refusals: [Refusal]
}

struct VerifySummary: Decodable {
    let kind: String
    let subjects: Int
    let verified: Int
    let rejected: Int
    let missing: Int
    let unreadable: Int
    let skipped: Int
    let notChecked: [String]
}

extension Child.Result {
    /// What `assay verify --json` printed: a line for each subject, and the summary; a failure if it is anything else.
    func verdicts() throws -> (subjects: [VerifyResult], summary: VerifySummary) {
        let lines = output.split(separator: "\n")
        guard let last = lines.last else { throw CocoaError(.fileReadCorruptFile) }
        let subjects = try lines.dropLast().map { try JSONDecoder().decode(VerifyResult.self, from: Data($0.utf8)) }
        let summary = try JSONDecoder().decode(VerifySummary.self, from: Data(last.utf8))
        guard subjects.allSatisfy({ $0.kind == "subject" }), summary.kind == "summary",
            summary.subjects == subjects.count
        else { throw CocoaError(.fileReadCorruptFile) }
        return (subjects, summary)
    }
}
