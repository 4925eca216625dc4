import Foundation
import Glibc
import Synchronization

/// A tiny HTTP server on loopback that answers each request as the test says, rightly or wrongly.
public final class LoopbackServer: Sendable {
    public struct Request: Sendable {
        /// Such as `GET /bucket/key?x=y`, byte for byte as it came.
        public let line: String
        public let headers: [String: String]
        public let body: String

        /// Method and path, without `HTTP/1.1`.
        public var target: String { line.split(separator: " ").prefix(2).joined(separator: " ") }
    }

    public enum Reply: Sendable {
        /// These bytes, then the end of the connection.
        case raw(String)
        /// The lines of a header, for as long as the client takes them.
        case endlessHeader
        /// The end of the connection at once.
        case hangUp
        /// Nothing, until the client goes.
        case silence

        public static func status(_ status: String, _ headers: [String] = [], _ body: String = "") -> Reply {
            let lines = ["HTTP/1.1 \(status)", "Content-Length: \(body.utf8.count)", "Connection: close"] + headers
            return .raw(lines.joined(separator: "\r\n") + "\r\n\r\n" + body)
        }
    }

    public let port: Int
    private let listener: Int32
    private let answer: @Sendable (Request) -> Reply
    private let state = Mutex<[Request]>([])

    public var address: String { "http://127.0.0.1:\(port)" }
    public var requests: [Request] { state.withLock { $0 } }

    /// Calls `body` with this server, which ends afterwards.
    public func run<R>(_ body: (LoopbackServer) async throws -> R) async throws -> R {
        defer { shutdown(listener, Int32(SHUT_RDWR)) }
        return try await body(self)
    }

    /// A server that answers by `answer`.
    public init(_ answer: @escaping @Sendable (Request) -> Reply) throws {
        self.answer = answer
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let listener = listener
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, size) == 0 && listen(listener, 64) == 0 && getsockname(listener, $0, &size) == 0
            }
        }
        guard isBound else { throw LoopbackPorts.Exhausted() }
        port = Int(UInt16(bigEndian: address.sin_port))
        Thread { [self] in
            while true {
                let connection = accept(listener, nil, nil)
                guard connection >= 0 else { break }
                Thread { self.serve(connection) }.start()
            }
            close(listener)
        }.start()
    }

    private func serve(_ connection: Int32) {
        defer { close(connection) }
        guard let request = Self.receive(connection) else { return }
        state.withLock { $0.append(request) }
        switch answer(request) {
        case .raw(let text): Self.send(text, connection)
        case .hangUp: return
        case .silence:
            var byte: UInt8 = 0
            while recv(connection, &byte, 1, 0) > 0 {}
        case .endlessHeader:
            guard Self.send("HTTP/1.1 200 OK\r\n", connection) else { return }
            while Self.send("X-More: \(String(repeating: "x", count: 1000))\r\n", connection) {}
        }
    }

    private static func receive(_ connection: Int32) -> Request? {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let text = String(decoding: bytes, as: UTF8.self)
            if let end = text.range(of: "\r\n\r\n") {
                let lines = text[..<end.lowerBound].components(separatedBy: "\r\n")
                var headers: [String: String] = [:]
                for line in lines.dropFirst() {
                    let parts = line.split(separator: ":", maxSplits: 1)
                    headers[parts[0].lowercased()] = parts.last?.trimmingCharacters(in: .whitespaces)
                }
                let body = String(text[end.upperBound...])
                if body.utf8.count >= Int(headers["content-length"] ?? "0") ?? 0 {
                    return Request(line: lines.first ?? "", headers: headers, body: body)
                }
            }
            let count = recv(connection, &buffer, buffer.count, 0)
            guard count > 0 else { return nil }
            bytes += buffer[..<count]
        }
    }

    @discardableResult
    private static func send(_ text: String, _ connection: Int32) -> Bool {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }
}
