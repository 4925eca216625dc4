import Foundation
import FoundationNetworking

/// Amazon's key service as moto imitates it, with real keys. It ends with the process of the tests, however that ends.
public final class MotoServer: Sendable {
    /// Why it did not start, or did not do what it was asked.
    public struct Failure: Error, CustomStringConvertible {
        public let description: String
    }

    public static let region = "eu-west-1"

    public let address: String
    private let lifeline: Lifeline

    /// Calls `body` with a server that has no keys yet.
    public static func use<R>(_ body: (MotoServer) async throws -> R) async throws -> R {
        let server = try await start()
        defer { server.lifeline.end() }
        return try await body(server)
    }

    /// Asks for one of the actions of the service, such as `CreateKey`.
    public func ask(_ action: String, _ members: [String: String]) async throws -> [String: Any] {
        guard let url = URL(string: address) else { throw Failure(description: "no address") }
        var request = URLRequest(url: url)
        request.httpMethod = "POST"
        request.httpBody = try JSONSerialization.data(withJSONObject: members)
        request.setValue("application/x-amz-json-1.1", forHTTPHeaderField: "Content-Type")
        request.setValue("TrentService.\(action)", forHTTPHeaderField: "X-Amz-Target")
        request.setValue(
            "AWS4-HMAC-SHA256 Credential=a/20260101/\(Self.region)/kms/aws4_request, SignedHeaders=host, Signature=0",
            forHTTPHeaderField: "Authorization")
        let (data, _) = try await URLSession.shared.data(for: request)
        guard !data.isEmpty else { return [:] }
        guard let answer = try JSONSerialization.jsonObject(with: data) as? [String: Any] else {
            throw Failure(description: String(decoding: data, as: UTF8.self))
        }
        return answer
    }

    /// Makes a key and returns its id.
    public func makeKey(_ spec: String, usage: String = "SIGN_VERIFY") async throws -> String {
        let answer = try await ask("CreateKey", ["KeySpec": spec, "KeyUsage": usage])
        guard let id = (answer["KeyMetadata"] as? [String: Any])?["KeyId"] as? String else {
            throw Failure(description: "\(answer)")
        }
        return id
    }

    private init(address: String, lifeline: Lifeline) {
        self.address = address
        self.lifeline = lifeline
    }

    private static func start() async throws -> MotoServer {
        let program = try Requirement.moto.find()
        // Another process may take the port between its choice and its use.
        for _ in 0..<3 {
            let port = try LoopbackPorts.free(1)[0]
            let lifeline = try Lifeline(
                script: """
                    exec 3<&0
                    "$1" -H 127.0.0.1 -p "$2" 3<&- </dev/null >/dev/null 2>&1 & server=$!
                    (read -r line <&3; kill -9 $server) >/dev/null 2>&1 & watcher=$!
                    exec 3<&-
                    trap 'kill -9 $server' TERM
                    wait $server
                    kill $watcher 2>/dev/null
                    wait
                    """, [program.path, String(port)])
            let server = MotoServer(address: "http://127.0.0.1:\(port)", lifeline: lifeline)
            for _ in 0..<600 where lifeline.isRunning {
                if (try? await server.ask("ListKeys", [:]))?["Keys"] != nil { return server }
                try await Task.sleep(for: .milliseconds(100))
            }
            lifeline.end()
        }
        throw Failure(description: "moto does not start.")
    }
}
