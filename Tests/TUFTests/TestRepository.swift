import AssayTestSupport
import Foundation

@testable import Sigstore
@testable import TUF

/// A repository that a test makes, changes and publishes to a mirror in memory, and the client that follows it.
final class TestRepository {
    typealias Object = [String: Any]

    struct Role {
        var keys: [TestKey]
        /// Who signs; nil for all keys.
        var signers: [TestKey]?
        var threshold = 1
        var version = 1
        var expires = "2031-01-01T00:00:00Z"
        /// Changes what is signed, before it is.
        var edit: (inout Object) -> Void = { _ in }
        /// Changes the file, after it was signed.
        var damage: (inout Object) -> Void = { _ in }
    }

    struct Delegated {
        let name: String
        var parent = "targets"
        var role: Role
        var paths: [String]? = ["*"]
        var prefixes: [String]?
        var isTerminating = false
        var files: [String: [UInt8]] = [:]
        var isPublished = true
    }

    static let now = UTCTime(seconds: 1_893_456_000)  // 2030-01-01

    var root: Role
    var timestamp: Role
    var snapshot: Role
    var targets: Role
    var delegated: [Delegated] = []
    var files: [String: [UInt8]] = ["a.txt": Array("content of a".utf8)]
    var isConsistent = true
    /// Whether timestamp and snapshot tell lengths and hashes.
    var describes = true
    let mirror = MemoryMirror()
    let folder: TemporaryFolder
    private(set) var initialRoot: [UInt8] = []

    init(_ kind: TestKey.Kind = .p256) throws {
        root = Role(keys: [try TestKey(kind)])
        timestamp = Role(keys: [try TestKey(kind)])
        snapshot = Role(keys: [try TestKey(kind)])
        targets = Role(keys: [try TestKey(kind)])
        folder = try TemporaryFolder()
    }

    // MARK: The client

    var cache: MetadataCache { MetadataCache(folder.path) }

    func updater(now: UTCTime = TestRepository.now, limits: UpdateLimits = UpdateLimits()) throws -> Updater {
        if try cache.read("root", limit: 1 << 20) == nil { try cache.write("root", initialRoot) }
        return try Updater(mirror: mirror, cache: cache, now: now, limits: limits)
    }

    /// A refresh by a client that starts from its folder.
    @discardableResult
    func refresh(now: UTCTime = TestRepository.now, limits: UpdateLimits = UpdateLimits()) async throws -> [Int] {
        var updater = try updater(now: now, limits: limits)
        try await updater.refresh()
        return updater.roles.map(\.version)
    }

    func target(_ path: String, limits: UpdateLimits = UpdateLimits()) async throws -> TargetFile? {
        var updater = try updater(limits: limits)
        return try await updater.target(path)
    }

    /// The version in a file of the cache.
    func cachedVersion(_ role: String) -> Int? {
        (try? cache.read(role, limit: 1 << 20)).flatMap { $0 }.flatMap { try? JSONValue(parsing: $0) }
            .flatMap { $0["signed"]?["version"]?.integer }
    }

    // MARK: Publishing

    /// Everything, as it is now.
    func publish() throws {
        try publishRoot()
        try publishBelowRoot()
    }

    func publishRoot() throws {
        let roles = [("root", root), ("timestamp", timestamp), ("snapshot", snapshot), ("targets", targets)]
        let signed: Object = [
            "consistent_snapshot": isConsistent, "keys": try keys(roles.flatMap(\.1.keys)),
            "roles": Object(uniqueKeysWithValues: roles.map { ($0.0, keysAndThreshold($0.1)) }),
        ]
        let bytes = try sign(signed, type: "root", root)
        if initialRoot.isEmpty { initialRoot = bytes }
        mirror["\(root.version).root.json"] = .bytes(bytes)
    }

    func publishBelowRoot() throws {
        var meta: Object = [:]
        for part in delegated {
            let bytes = try sign(targetsPart(part.files, of: part.name), type: "targets", part.role)
            meta["\(part.name).json"] = describe(bytes, part.role.version)
            if part.isPublished { put(FileNames.encoded(part.name), part.role.version, bytes) }
        }
        let bytes = try sign(targetsPart(files, of: "targets"), type: "targets", targets)
        put("targets", targets.version, bytes)
        meta["targets.json"] = describe(bytes, targets.version)
        for content in [files] + delegated.map(\.files) { publish(targets: content) }

        let snapshotBytes = try sign(["meta": meta], type: "snapshot", snapshot)
        put("snapshot", snapshot.version, snapshotBytes)
        let description: Object = ["snapshot.json": describe(snapshotBytes, snapshot.version)]
        mirror["timestamp.json"] = .bytes(try sign(["meta": description], type: "timestamp", timestamp))
    }

    /// The next versions of snapshot and timestamp, and of targets.
    func advance() {
        targets.version += 1
        snapshot.version += 1
        timestamp.version += 1
    }

    func metadataPath(_ role: String, _ version: Int) -> String {
        isConsistent ? "\(version).\(role).json" : "\(role).json"
    }

    static func digest(_ bytes: [UInt8], _ algorithm: DigestAlgorithm = .sha256) -> String {
        (try? algorithm.digest(of: bytes)).map { Hex.text(of: $0) } ?? ""
    }

    private func put(_ role: String, _ version: Int, _ bytes: [UInt8]) {
        mirror[metadataPath(role, version)] = .bytes(bytes)
    }

    private func publish(targets: [String: [UInt8]]) {
        for (path, bytes) in targets {
            var parts = path.split(separator: "/", omittingEmptySubsequences: false).map {
                FileNames.encoded(String($0))
            }
            if isConsistent { parts[parts.count - 1] = Self.digest(bytes) + "." + parts[parts.count - 1] }
            mirror["targets/" + parts.joined(separator: "/")] = .bytes(bytes)
        }
    }

    private func targetsPart(_ files: [String: [UInt8]], of name: String) throws -> Object {
        var part: Object = [
            "targets": files.mapValues { bytes -> Object in
                ["length": bytes.count, "hashes": ["sha256": Self.digest(bytes)]]
            }
        ]
        let children = delegated.filter { $0.parent == name }
        if !children.isEmpty {
            let roles = children.map { child -> Object in
                var role = keysAndThreshold(child.role)
                role["name"] = child.name
                role["terminating"] = child.isTerminating
                role["paths"] = child.prefixes == nil ? child.paths : nil
                role["path_hash_prefixes"] = child.prefixes
                return role
            }
            part["delegations"] = ["keys": try keys(children.flatMap(\.role.keys)), "roles": roles] as Object
        }
        return part
    }

    private func keys(_ keys: [TestKey]) throws -> Object {
        try Object(keys.map { ($0.identifier, try $0.json()) }) { first, _ in first }
    }

    private func keysAndThreshold(_ role: Role) -> Object {
        ["keyids": role.keys.map(\.identifier), "threshold": role.threshold]
    }

    private func describe(_ bytes: [UInt8], _ version: Int) -> Object {
        guard describes else { return ["version": version] }
        return ["version": version, "length": bytes.count, "hashes": ["sha512": Self.digest(bytes, .sha512)]]
    }

    private func sign(_ part: Object, type: String, _ role: Role) throws -> [UInt8] {
        var signed = part
        signed["_type"] = type
        signed["spec_version"] = "1.0.31"
        signed["version"] = role.version
        signed["expires"] = role.expires
        role.edit(&signed)
        let value = try JSONValue(parsing: Self.bytes(signed))
        let message = CanonicalJSON.bytes(of: value) ?? []
        let signatures = try (role.signers ?? role.keys).map { key -> Object in
            ["keyid": key.identifier, "sig": Hex.text(of: try key.sign(message))]
        }
        var file: Object = ["signed": signed, "signatures": signatures]
        role.damage(&file)
        return try Self.bytes(file)
    }

    private static func bytes(_ object: Object) throws -> [UInt8] {
        Array(try JSONSerialization.data(withJSONObject: object))
    }
}
