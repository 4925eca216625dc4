import AssayTestSupport
import Foundation
import Signing
import Sigstore
import Synchronization
import Testing

/// A transit engine as OpenBao and Vault have it, which refuses whatever a real one would not understand.
private struct TransitEngine: Sendable {
    static let token = "hvs.s3crett0kenoftheclient"

    let key: TestKey
    var mount = "transit"
    var namespace: String?
    /// The key's versions; the last is `key`'s.
    var version = 3
    /// What to make of the signature before it is sent.
    var forge: @Sendable (String) -> String = { $0 }

    func answer(_ request: LoopbackServer.Request) -> LoopbackServer.Reply {
        guard request.headers["x-vault-token"] == Self.token else { return Self.refuse(403, "permission denied") }
        guard request.headers["x-vault-namespace"] == namespace, request.headers["x-vault-request"] == "true" else {
            return Self.refuse(404, "no handler for route")
        }
        switch request.target {
        case "GET /v1/\(mount)/keys/release": return keys()
        case "POST /v1/\(mount)/sign/release":
            return (try? sign(request)) ?? Self.refuse(400, "invalid request")
        default: return Self.refuse(404, "no handler for route \"\(request.target)\"")
        }
    }

    private func keys() -> LoopbackServer.Reply {
        var publicKey = key.publicPEM
        if key.kind == .ed25519 {
            publicKey = (Data(base64Encoded: key.publicDER) ?? Data()).suffix(32).base64EncodedString()
        }
        let versions = [
            "\(version - 1)": ["public_key": "of another time"], "\(version)": ["public_key": publicKey],
        ]
        return Self.reply(["type": key.kind.rawValue, "latest_version": version, "keys": versions])
    }

    private func sign(_ request: LoopbackServer.Request) throws -> LoopbackServer.Reply? {
        guard request.headers["content-type"] == "application/json",
            let fields = try JSONSerialization.jsonObject(with: Data(request.body.utf8)) as? [String: Any],
            let input = (fields["input"] as? String).flatMap({ Data(base64Encoded: $0) })
        else { return nil }
        if let hash = key.kind.hash {
            guard fields["prehashed"] as? Bool == true,
                fields["hash_algorithm"] as? String == "sha2-\(hash.dropFirst(3))",
                fields["marshaling_algorithm"] as? String == "asn1",
                fields["signature_algorithm"] as? String == "pkcs1v15",
                fields["key_version"] as? Int == version, input.count == (hash == "sha256" ? 32 : 48)
            else { return nil }
        } else if fields["prehashed"] as? Bool == true {
            return nil
        }
        let signature = Data(try key.sign(Array(input))).base64EncodedString()
        return Self.reply(["signature": forge("vault:v\(version):\(signature)")])
    }

    private static func reply(_ data: [String: Any]) -> LoopbackServer.Reply {
        let body = (try? JSONSerialization.data(withJSONObject: ["request_id": "1", "data": data])) ?? Data()
        return .status("200 OK", ["Content-Type: application/json"], String(decoding: body, as: UTF8.self))
    }

    static func refuse(_ status: Int, _ reason: String) -> LoopbackServer.Reply {
        .status("\(status) Refused", [], #"{"errors":["\#(reason.replacing("\"", with: "'"))"]}"#)
    }
}

@Suite(.timeLimit(.minutes(3))) struct VaultKeyTests {
    private let message = Array("a message".utf8)

    private func environment(_ server: LoopbackServer, _ more: [String: String] = [:]) -> [String: String] {
        ["VAULT_ADDR": server.address + "/", "VAULT_TOKEN": TransitEngine.token, "HOME": "/nonexistent"]
            .merging(more) { $1 }
    }

    private func open(_ environment: [String: String]) async throws(SigningError) -> any SignatureSource {
        var service = ServiceSettings()
        service.retries.attempts = 1
        return try await KeyReference("openbao://release").open(environment: environment, service: service)
    }

    private func error(_ body: () async throws(SigningError) -> Void) async -> SigningError? {
        do throws(SigningError) {
            try await body()
            return nil
        } catch {
            #expect(!"\(error)".contains("s3crett0ken"))
            return error
        }
    }

    @Test(arguments: TestKey.Kind.allCases) func signsWithAKeyThatStaysInTheServer(kind: TestKey.Kind) async throws {
        let engine = TransitEngine(key: try TestKey(kind))
        try await LoopbackServer(engine.answer).run { server in
            let key = try await open(environment(server))
            #expect(key.publicKey.der == (try engine.key.publicKey().der))
            #expect(key.publicKey.verifies(try await key.signature(over: message), of: message))
        }
    }

    @Test func mountAndNamespaceAndTheTokenOfAFileAreUsed() async throws {
        let engine = TransitEngine(key: try TestKey(), mount: "team/transit", namespace: "ns1/")
        let home = try TemporaryFolder()
        try home.write("\(TransitEngine.token)\n".utf8, to: ".vault-token")
        try await LoopbackServer(engine.answer).run { server in
            let key = try await open(
                environment(
                    server,
                    [
                        "VAULT_TOKEN": "", "HOME": home.path, "TRANSIT_SECRET_ENGINE_PATH": "team/transit",
                        "BAO_NAMESPACE": "ns1/", "VAULT_NAMESPACE": "other",
                    ]))
            _ = try await key.signature(over: message)
            // An agent has put another one there, which the server does not know.
            try home.write("hvs.replaced".utf8, to: ".vault-token")
            let found = await error { () throws(SigningError) in _ = try await key.signature(over: message) }
            #expect("\(String(describing: found))".contains("permission denied"))
        }
    }

    @Test func anotherKeysSignatureIsNotUsed() async throws {
        let other = try TestKey()
        let signature = Data(try other.sign([UInt8](repeating: 7, count: 32))).base64EncodedString()
        for forged in ["vault:v3:\(signature)", "vault:v3:", "vault:v3:!", signature, ""] {
            var engine = TransitEngine(key: try TestKey())
            engine.forge = { _ in forged }
            try await LoopbackServer(engine.answer).run { server in
                let key = try await open(environment(server))
                let found = await error { () throws(SigningError) in _ = try await key.signature(over: message) }
                guard case .untrue("sign", _, _) = found else { throw try #require(found) }
            }
        }
    }

    @Test(arguments: [
        (LoopbackServer.Reply.status("200 OK", [], "{}"), "no data"),
        (.status("200 OK", [], #"{"data":{"latest_version":1,"keys":{"2":{}}}}"#), "no key"),
        (
            .status("200 OK", [], #"{"data":{"latest_version":1,"type":"aes256-gcm96","keys":{"1":1700000000}}}"#),
            "type"
        ),
        (.status("200 OK", [], #"{"data":{"latest_version":1,"keys":{"1":{"public_key":"x"}}}}"#), "public key"),
        (TransitEngine.refuse(403, "1 error: permission denied"), "permission denied"),
        (TransitEngine.refuse(403, "the token s3crett0kenoftheclient is bad"), "left out"),
        (TransitEngine.refuse(503, "Vault is sealed"), "sealed"),
    ])
    func aServerThatGivesNoKeyIsReportedWithItsWords(reply: LoopbackServer.Reply, words: String) async throws {
        try await LoopbackServer { _ in reply }.run { server in
            let found = await error { () throws(SigningError) in _ = try await open(environment(server)) }
            #expect("\(String(describing: found))".contains(words))
        }
    }
}
