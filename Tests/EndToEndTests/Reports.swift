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
    let verified: Bool
    let sha256: String
    let subjectName: String?
    let reason: String?
}
