import AssayTestSupport
import Foundation
import Signing
import Sigstore
import Synchronization
import Testing

/// Amazon's key service with its keys, which refuses whatever the real one would not understand.
private final class KeyService: Sendable {
    static let region = "eu-west-1"
    private static let account = "arn:aws:kms:\(region):111122223333:"

    let keys: [TestKey]
    /// Which key `alias/release` means.
    let alias = Mutex(0)

    init(_ kinds: [TestKey.Kind]) throws { keys = try kinds.map { try TestKey($0) } }

    @Sendable func answer(_ request: LoopbackServer.Request) -> LoopbackServer.Reply {
        let authorization = request.headers["authorization"] ?? ""
        guard request.target == "POST /", request.headers["content-type"] == "application/x-amz-json-1.1",
            authorization.hasPrefix("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/"),
            authorization.contains("/\(Self.region)/kms/aws4_request,"),
            authorization.contains("SignedHeaders=content-type;host;x-amz-content-sha256;x-amz-date;x-amz-target,")
        else { return Self.refuse("IncompleteSignatureException") }
        let json = try? JSONSerialization.jsonObject(with: Data(request.body.utf8))
        guard let fields = json as? [String: String], let key = key(fields["KeyId"] ?? "") else {
            return Self.refuse("NotFoundException")
        }
        switch request.headers["x-amz-target"] {
        case "TrentService.GetPublicKey":
            return Self.reply(["KeyId": name(of: key), "PublicKey": key.publicDER, "KeyUsage": "SIGN_VERIFY"])
        case "TrentService.Sign":
            let algorithm =
                switch key.kind {
                case .p256: "ECDSA_SHA_256"
                case .p384: "ECDSA_SHA_384"
                case .rsa: "RSASSA_PKCS1_V1_5_SHA_256"
                case .ed25519: "ED25519_SHA_512"
                }
            guard fields["SigningAlgorithm"] == algorithm, fields["MessageType"] == "DIGEST",
                let digest = fields["Message"].flatMap({ Data(base64Encoded: $0) }),
                digest.count == (key.kind == .p384 ? 48 : 32), let signature = try? key.sign(Array(digest))
            else { return Self.refuse("ValidationException") }
            return Self.reply(["KeyId": name(of: key), "Signature": Data(signature).base64EncodedString()])
        default: return Self.refuse("UnknownOperationException")
        }
    }

    private func key(_ id: String) -> TestKey? {
        if id == "alias/release" { return keys[alias.withLock { $0 }] }
        return keys.first { name(of: $0) == id }
    }

    func name(of key: TestKey) -> String {
        Self.account + "key/\(keys.firstIndex { $0 === key } ?? -1)"
    }

    private static func reply(_ fields: [String: String]) -> LoopbackServer.Reply {
        let body = (try? JSONSerialization.data(withJSONObject: fields)) ?? Data()
        return .status("200 OK", ["Content-Type: application/x-amz-json-1.1"], String(decoding: body, as: UTF8.self))
    }

    private static func refuse(_ kind: String) -> LoopbackServer.Reply {
        .status("400 Bad Request", [], #"{"__type":"com.amazonaws.kms#\#(kind)","message":"no"}"#)
    }
}

@Suite(.timeLimit(.minutes(5))) struct AWSKMSKeyTests {
    private let message = Array("a message".utf8)
    private let secrets = ["AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "s3cretaccesskey"]

    private func open(_ key: String, _ address: String, _ more: [String: String] = [:]) async throws(SigningError)
        -> any SignatureSource
    {
        var service = ServiceSettings()
        service.retries.attempts = 1
        let environment = secrets.merging(["AWS_REGION": KeyService.region, "AWS_ENDPOINT_URL_KMS": address]) { $1 }
        return try await KeyReference("awskms:///\(key)").open(
            environment: environment.merging(more) { $1 }, service: service)
    }

    private func error(_ body: () async throws(SigningError) -> Void) async -> SigningError? {
        do throws(SigningError) {
            try await body()
            return nil
        } catch {
            #expect(!"\(error)".contains("s3cret"))
            return error
        }
    }

    @Test func signsWithKeysThatStayInTheService() async throws {
        let service = try KeyService([.p256, .p384, .rsa])
        try await LoopbackServer(service.answer).run { server in
            for kept in service.keys {
                let key = try await open(service.name(of: kept), server.address)
                #expect(key.publicKey.der == (try kept.publicKey().der))
                #expect(key.publicKey.verifies(try await key.signature(over: message), of: message))
            }
            let missing = await error { () throws(SigningError) in _ = try await open("alias/none", server.address) }
            #expect("\(String(describing: missing))".contains("NotFoundException"))
        }
    }

    @Test func theKeyStaysTheSameWhenItsAliasMoves() async throws {
        let service = try KeyService([.p256, .p256])
        try await LoopbackServer(service.answer).run { server in
            let key = try await open("alias/release", server.address)
            service.alias.withLock { $0 = 1 }
            #expect(key.publicKey.verifies(try await key.signature(over: message), of: message))
            #expect(try await open("alias/release", server.address).publicKey.der != key.publicKey.der)
        }
    }

    @Test func aKeyThatDoesNotSignDigestsIsRefused() async throws {
        let encrypting = try TestKey(.rsa)
        for (key, usage) in [(encrypting, "ENCRYPT_DECRYPT"), (try TestKey(.ed25519), "SIGN_VERIFY")] {
            let server = try LoopbackServer { _ in
                .status("200 OK", [], #"{"PublicKey":"\#(key.publicDER)","KeyUsage":"\#(usage)","KeyId":"k"}"#)
            }
            try await server.run { server in
                let unfit = await error { () throws(SigningError) in _ = try await open("k", server.address) }
                #expect("\(String(describing: unfit))".contains("ECC_NIST_P256"))
            }
        }
    }

    @Test func theRegionIsThatOfTheKeysName() async throws {
        let server = try LoopbackServer { request in
            request.headers["authorization"]?.contains("/us-west-2/kms/aws4_request,") == true
                ? .status("400 Bad Request", [], #"{"__type":"com.amazonaws.kms#DisabledException","message":"off"}"#)
                : .status("403 Forbidden")
        }
        try await server.run { server in
            let found = await error { () throws(SigningError) in
                _ = try await open("arn:aws:kms:us-west-2:111122223333:key/1", server.address)
            }
            #expect("\(String(describing: found))".contains("DisabledException: off"))
        }
    }

    @Test func anotherKeysSignatureIsNotUsed() async throws {
        let (key, other) = (try TestKey(), try TestKey())
        let signature = Data(try other.sign([UInt8](repeating: 7, count: 32))).base64EncodedString()
        let server = try LoopbackServer { request in
            request.headers["x-amz-target"] == "TrentService.Sign"
                ? .status("200 OK", [], #"{"Signature":"\#(signature)"}"#)
                : .status("200 OK", [], #"{"PublicKey":"\#(key.publicDER)","KeyUsage":"SIGN_VERIFY","KeyId":"k"}"#)
        }
        try await server.run { server in
            let source = try await open("k", server.address)
            let found = await error { () throws(SigningError) in _ = try await source.signature(over: message) }
            guard case .untrue("sign", _, _) = found else { throw try #require(found) }
        }
    }

    @Test func anAddressWithMoreThanAHostIsRefused() async throws {
        for address in ["http://127.0.0.1:1/path", "http://user:s3cret@127.0.0.1:1", "http://127.0.0.1:1?a=s3cret"] {
            let found = await error { () throws(SigningError) in _ = try await open("k", address) }
            guard case .configuration = found else { throw try #require(found) }
        }
    }
}
