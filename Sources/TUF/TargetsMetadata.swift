import AssayModel
import Sigstore

/// Target files, and the roles that may speak for more of them (specification, 4.5).
struct TargetsMetadata: Sendable {
    let metadata: SignedMetadata
    let delegations: [Delegation]
    private let targets: Fields

    /// - Parameter file: how messages name it.
    init(parsing bytes: [UInt8], file: String, limits: UpdateLimits) throws(TUFError) {
        metadata = try SignedMetadata(parsing: bytes, as: .targets, file: file, limits: limits)
        targets = try metadata.signed.fields("targets")
        delegations = try Self.delegations(metadata.signed, limits: limits)
    }

    /// What is said of a target; nil if nothing is.
    func target(_ path: String) throws(TUFError) -> TargetFile? {
        guard let value = targets.object[path] else { return nil }
        let fields = try Fields(value, file: metadata.file, path: "targets.\(path)")
        return try TargetFile(path: path, content: FileDescription(fields), fields: fields)
    }

    /// The paths of all targets that this role names itself.
    var paths: [String] { targets.object.members.map(\.name) }

    private static func delegations(_ signed: Fields, limits: UpdateLimits) throws(TUFError) -> [Delegation] {
        guard signed.has("delegations") else { return [] }
        let delegations = try signed.fields("delegations")
        let keys = try KeyRing.keys(delegations.fields("keys"), limits: limits)
        guard let roles = delegations.object["roles"]?.array else {
            throw delegations.fault("roles", "is not a list of roles; hash bins in the short form are not supported")
        }
        guard roles.count <= limits.delegatedRoles else {
            throw .limitExceeded(what: "delegations in \(signed.file)", limit: limits.delegatedRoles)
        }
        var result: [Delegation] = []
        var names: Set<ExactString> = []
        for role in roles {
            let fields = try Fields(role, file: signed.file, path: "delegations.roles")
            let delegation = try Delegation(fields, keys: keys, limits: limits)
            guard names.insert(ExactString(delegation.name)).inserted else {
                throw fields.fault("name", "'\(delegation.name)' is there twice")
            }
            result.append(delegation)
        }
        return result
    }
}

/// A target file as signed metadata describes it.
public struct TargetFile: Equatable, Sendable {
    /// Its name in the repository: parts that slashes separate.
    public let path: String
    /// In bytes.
    public let length: Int
    let content: FileDescription

    init(path: String, content: FileDescription, fields: Fields) throws(TUFError) {
        guard let length = content.length else { throw fields.fault("length", "is missing") }
        guard !content.hashes.isEmpty else { throw fields.fault("hashes", "is missing") }
        self.path = path
        self.length = length
        self.content = content
    }

    /// - Throws: `length` or `hash` if `bytes` are not this file.
    public func check(_ bytes: [UInt8]) throws(TUFError) { try content.check(bytes, file: path) }
}
