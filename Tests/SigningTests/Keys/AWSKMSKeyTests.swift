import AssayTestSupport
import Foundation
import Signing
import Sigstore
import Testing

@Suite(.timeLimit(.minutes(5))) struct AWSKMSKeyTests {
    private let message = Array("a message".utf8)
    private let secrets = ["AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "s3cretaccesskey"]

    private func open(_ key: String, _ address: String, _ more: [String: String] = [:]) async throws(SigningError)
        -> any SignatureSource
    {
        var service = ServiceSettings()
        service.retries.attempts = 1
        let environment = secrets.merging(["AWS_REGION": MotoServer.region, "AWS_ENDPOINT_URL_KMS": address]) { $1 }
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

    @Test(.enabled(if: Requirement.moto.mayRun, "moto is not there: pip install 'moto[kms,server]'"))
    func signsWithAKeyThatStaysInTheService() async throws {
        try await MotoServer.use { server in
            for (spec, algorithm) in [
                ("ECC_NIST_P256", "EC P-256"), ("ECC_NIST_P384", "EC P-384"), ("RSA_2048", "RSA 2048"),
            ] {
                let key = try await open(try await server.makeKey(spec), server.address)
                #expect(key.publicKey.algorithm == algorithm)
                #expect(key.publicKey.verifies(try await key.signature(over: message), of: message))
            }
            try await staysTheSameWhenAnAliasMoves(server)
            let encrypting = try await server.makeKey("RSA_2048", usage: "ENCRYPT_DECRYPT")
            let unfit = await error { () throws(SigningError) in _ = try await open(encrypting, server.address) }
            #expect("\(String(describing: unfit))".contains("SIGN_VERIFY"))
            let missing = await error { () throws(SigningError) in _ = try await open("alias/none", server.address) }
            #expect("\(String(describing: missing))".contains("NotFoundException"))
        }
    }

    private func staysTheSameWhenAnAliasMoves(_ server: MotoServer) async throws {
        let (first, second) = (try await server.makeKey("ECC_NIST_P256"), try await server.makeKey("ECC_NIST_P256"))
        _ = try await server.ask("CreateAlias", ["AliasName": "alias/release", "TargetKeyId": first])
        let key = try await open("alias/release", server.address)
        _ = try await server.ask("UpdateAlias", ["AliasName": "alias/release", "TargetKeyId": second])
        #expect(key.publicKey.verifies(try await key.signature(over: message), of: message))
        #expect(try await open("alias/release", server.address).publicKey.der != key.publicKey.der)
    }

    @Test func requestsAreSignedForTheServiceAndTheRegionOfTheKey() async throws {
        let server = try LoopbackServer { request in
            let authorization = request.headers["authorization"] ?? ""
            let isSigned =
                request.target == "POST /" && request.headers["x-amz-target"] == "TrentService.GetPublicKey"
                && request.headers["content-type"] == "application/x-amz-json-1.1"
                && authorization.hasPrefix("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/")
                && authorization.contains("/us-west-2/kms/aws4_request,")
                && authorization.contains(
                    "SignedHeaders=content-type;host;x-amz-content-sha256;x-amz-date;x-amz-target")
            return isSigned
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
        let base64 = key.publicPEM.split(separator: "\n").dropFirst().dropLast().joined()
        let signature = Data(try other.sign([UInt8](repeating: 7, count: 32))).base64EncodedString()
        let server = try LoopbackServer { request in
            request.headers["x-amz-target"] == "TrentService.Sign"
                ? .status("200 OK", [], #"{"Signature":"\#(signature)"}"#)
                : .status("200 OK", [], #"{"PublicKey":"\#(base64)","KeyUsage":"SIGN_VERIFY","KeyId":"k"}"#)
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
