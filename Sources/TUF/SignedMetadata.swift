import AssayModel
import Sigstore

/// A metadata file taken apart: what is signed, and the signatures, none of them verified yet (specification, 4.1).
struct SignedMetadata: Sendable {
    /// The roles at the top, whose names no delegated role may have.
    enum Role: String, CaseIterable, Sendable {
        case root, timestamp, snapshot, targets
    }

    /// How messages name the file.
    let file: String
    let signed: Fields
    /// What signatures are made over.
    let canonical: [UInt8]
    /// Each identifier once.
    let signatures: [(identifier: ExactString, bytes: [UInt8])]
    let version: Int
    let expiry: UTCTime

    /// - Parameter role: what the file must say it is; of delegated roles, too, `targets`.
    /// - Throws: `malformed` or `limitExceeded`.
    init(parsing bytes: [UInt8], as role: Role, file: String, limits: UpdateLimits) throws(TUFError) {
        self.file = file
        let json: JSONValue
        do { json = try JSONValue(parsing: bytes) } catch {
            throw .malformed(file: file, field: "", problem: "\(error)")
        }
        guard let part = json["signed"], let canonical = CanonicalJSON.bytes(of: part) else {
            throw .malformed(
                file: file, field: "signed",
                problem: json["signed"] == nil ? "is missing" : "holds a number that is not an integer")
        }
        self.canonical = canonical
        signed = try Fields(part, file: file, path: "")
        signatures = try Self.signatures(json["signatures"], file: file, limits: limits)
        let type = try signed.string("_type")
        guard type.hasSameBytes(as: role.rawValue) else {
            throw signed.fault("_type", "is '\(type)' instead of '\(role.rawValue)'")
        }
        let specification = try signed.string("spec_version")
        guard specification == "1" || specification.hasPrefix("1.") else {
            throw signed.fault("spec_version", "is '\(specification)'; known is version 1 of the specification")
        }
        version = try signed.integer("version", atLeast: 1)
        expiry = try signed.time("expires")
    }

    private static func signatures(
        _ value: JSONValue?, file: String, limits: UpdateLimits
    ) throws(TUFError) -> [(identifier: ExactString, bytes: [UInt8])] {
        guard let elements = value?.array else {
            throw .malformed(file: file, field: "signatures", problem: "is not a list")
        }
        guard elements.count <= limits.signatures else {
            throw .limitExceeded(what: "signatures in \(file)", limit: limits.signatures)
        }
        var signatures: [(identifier: ExactString, bytes: [UInt8])] = []
        var seen: Set<ExactString> = []
        for element in elements {
            let fields = try Fields(element, file: file, path: "signatures")
            let identifier = ExactString(try fields.string("keyid"))
            guard seen.insert(identifier).inserted else { throw fields.fault("keyid", "is there twice") }
            // What is not hexadecimal is a signature of nobody, as an empty one is that is still to be made.
            signatures.append((identifier, Hex.bytes(of: try fields.string("sig")) ?? []))
        }
        return signatures
    }

    /// - Throws: `expired`, at the moment of expiry already.
    func checkExpiry(_ now: UTCTime) throws(TUFError) {
        guard expiry > now else { throw .expired(file: file, expiry: expiry, now: now) }
    }
}
