import AssayModel
import AssayTestSupport
import Foundation
import Sigstore
import Synchronization
import Testing

@testable import Signing

@Suite struct ServiceClientTests {
    private let clock = InstantClock()

    private func settings(_ change: (inout ServiceSettings) -> Void = { _ in }) -> ServiceSettings {
        var settings = ServiceSettings()
        // Sun, 06 Nov 1994 08:49:37 GMT.
        settings.clock = ServiceClock(clock) { UTCTime(seconds: 784_111_777) }
        settings.random = { 1 }
        settings.connectSeconds = 5
        settings.answerSeconds = 5
        change(&settings)
        return settings
    }

    private var request: ServiceRequest { ServiceRequest("do its work", path: "/do") }

    /// What comes of asking a server that gives these replies one after another, the last of them for ever.
    private func ask(
        _ replies: [LoopbackServer.Reply], settings: ServiceSettings? = nil,
        url: (Int) -> String = { "http://127.0.0.1:\($0)" },
        request: ServiceRequest? = nil
    ) async throws -> (result: Result<ServiceAnswer, SigningError>, asked: Int) {
        let next = Mutex(0)
        let server = try LoopbackServer { _ in
            next.withLock { next in
                defer { next += 1 }
                return replies[min(next, replies.count - 1)]
            }
        }
        return try await server.run { server in
            let client = try ServiceClient(url(server.port), settings: settings ?? self.settings())
            do throws(SigningError) {
                return (.success(try await client.ask(request ?? self.request)), server.requests.count)
            } catch {
                return (.failure(error), server.requests.count)
            }
        }
    }

    @Test(arguments: [
        LoopbackServer.Reply.status("500 Internal Server Error"), .status("429 Too Many Requests"),
        .status("502 Bad Gateway"), .status("503 Service Unavailable"), .hangUp,
        .raw("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\ntruncated"),
    ])
    func asksAgainAfterWhatMayPass(_ reply: LoopbackServer.Reply) async throws {
        let (result, asked) = try await ask([reply, reply, .status("200 OK", [], "done")])
        #expect(try result.get().body == Array("done".utf8))
        #expect(asked == 3)
        #expect(clock.waits == [.milliseconds(200), .milliseconds(400)])
    }

    @Test func givesUpAfterAllAttempts() async throws {
        let (result, asked) = try await ask([
            .status("503 Service Unavailable", [], #"{"message":"it is being mended."}"#)
        ])
        guard case .failure(.service("do its work", let url, 503, let reason, mayPass: true)) = result else {
            Issue.record("\(result)")
            return
        }
        #expect(url.hasPrefix("http://127.0.0.1:"))
        #expect(reason == "it is being mended (asked 6 times)")
        #expect(asked == 6)
    }

    @Test(arguments: ["400 Bad Request", "401 Unauthorized", "404 Not Found", "501 Not Implemented"])
    func asksOnceIfItWillNotPass(_ status: String) async throws {
        let (result, asked) = try await ask([.status(status, [], "no \u{1B}[31mway")])
        guard case .failure(.service(_, _, Int(status.prefix(3)), #"no \u{1b}[31mway"#, mayPass: false)) = result else {
            Issue.record("\(result)")
            return
        }
        #expect(asked == 1)
        #expect(clock.waits.isEmpty)
    }

    @Test(arguments: [
        ("7", Duration.seconds(7)), ("Sun, 06 Nov 1994 08:49:46 GMT", .seconds(9)),
        // In the past, and longer than anybody waits.
        ("Sun, 06 Nov 1994 08:00:00 GMT", .milliseconds(200)), ("86400", .seconds(60)),
        ("Fri, 31 Dec 9999 00:00:00 GMT", .seconds(60)), ("-5", .milliseconds(200)), ("soon", .milliseconds(200)),
    ])
    func waitsAsLongAsTheServiceWantsWithinABound(_ wish: String, _ wait: Duration) async throws {
        let (result, _) = try await ask([.status("429 Too Many Requests", ["Retry-After: \(wish)"]), .status("200 OK")])
        _ = try result.get()
        #expect(clock.waits == [wait])
    }

    @Test func leavesAServiceAloneWithAllTasksIfItWantsThat() async throws {
        let turnstile = Turnstile(rate: nil, clock: ServiceClock(clock) { UTCTime(seconds: 0) })
        turnstile.close(for: .seconds(30))
        for _ in 0..<3 { try await turnstile.turn() }
        #expect(clock.waits == [.seconds(30)])
    }

    @Test func asksNoFasterThanTheRate() async throws {
        let settings = settings { $0.maxRate = 4 }
        let server = try LoopbackServer { _ in .status("200 OK") }
        try await server.run { server in
            let client = try ServiceClient(server.address, settings: settings)
            for _ in 0..<5 { _ = try await client.ask(request) }
        }
        #expect(clock.waits == Array(repeating: .milliseconds(250), count: 4))
    }

    @Test func asksNoMoreAtOnceThanIsSet() async throws {
        let running = Mutex((now: 0, most: 0))
        let server = try LoopbackServer { _ in
            running.withLock {
                $0.now += 1
                $0.most = max($0.most, $0.now)
            }
            usleep(20_000)
            running.withLock { $0.now -= 1 }
            return .status("200 OK")
        }
        let settings = settings { $0.requestsInFlight = 3 }
        try await server.run { server in
            let client = try ServiceClient(server.address, settings: settings)
            try await withThrowingTaskGroup { group in
                for _ in 0..<24 { group.addTask { _ = try await client.ask(request) } }
                try await group.waitForAll()
            }
        }
        #expect(running.withLock { $0.most } == 3)
    }

    @Test func takesNoAnswerWithoutEnd() async throws {
        let (result, asked) = try await ask([.endlessBody(String(repeating: "x", count: 4096))])
        guard case .failure(.service(_, _, 200, "its answer is larger than the limit", mayPass: false)) = result else {
            Issue.record("\(result)")
            return
        }
        #expect(asked == 1)
    }

    @Test func takesNoHeaderWithoutEnd() async throws {
        let (result, _) = try await ask([.endlessHeader])
        guard case .failure(.service(_, _, nil, let reason, mayPass: false)) = result else {
            Issue.record("\(result)")
            return
        }
        #expect(reason.contains("larger than 32768 bytes"))
    }

    @Test func waitsForNoAnswerForEver() async throws {
        let (result, asked) = try await ask(
            [.silence],
            settings: settings {
                $0.answerSeconds = 1
                $0.retries.attempts = 2
            })
        guard case .failure(.service(_, _, nil, let reason, mayPass: true)) = result else {
            Issue.record("\(result)")
            return
        }
        #expect(reason.hasSuffix("(asked 2 times)"))
        #expect(asked == 2)
    }

    @Test func followsNoRedirect() async throws {
        let (result, asked) = try await ask([.status("307 Temporary Redirect", ["Location: http://127.0.0.1:1/"])])
        guard case .failure(.service(_, _, 307, let reason, mayPass: false)) = result else {
            Issue.record("\(result)")
            return
        }
        #expect(reason == "it points to another address, which is not followed; give the address itself")
        #expect(asked == 1)
    }

    @Test func showsNeitherTokenNorPasswordNorQuery() async throws {
        let token = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJzb21lYm9keSJ9.c2lnbmF0dXJlLW9mLXNvbWVib2R5"
        var request = self.request
        for (repeated, status) in [(token, "400 Bad Request"), ("x eyJzdWIiOiJzb21lYm9keSJ9 y", "500 Oh")] {
            request.bearer = SecretBytes(token.utf8)
            let (result, _) = try await ask(
                [.status(status, [], repeated)], url: { "http://me:pass%77ord@127.0.0.1:\($0)/base/?key=hidden" },
                request: request)
            guard case .failure(let error) = result else {
                Issue.record("\(result)")
                return
            }
            let text = "\(error)" + String(reflecting: error)
            #expect(text.contains("/base/ could not do its work"))
            #expect(text.contains("its reason is left out, as it repeats the token"))
            for secret in ["pass", "hidden", "me:", "eyJ", "c2ln"] { #expect(!text.contains(secret)) }
        }
        // Nobody listens there: what libcurl says names the address.
        let settings = settings { $0.retries.attempts = 1 }
        let client = try ServiceClient("http://me:password@127.0.0.1:1/?key=hidden", settings: settings)
        let error = await #expect(throws: SigningError.self) { _ = try await client.ask(request) }
        for secret in ["password", "hidden", "eyJ"] { #expect(!"\(error as Any)".contains(secret)) }
    }

    @Test func identifiesItselfByTokenOrPassword() async throws {
        let server = try LoopbackServer { _ in .status("200 OK") }
        try await server.run { server in
            let address = "http://m%65:pass%20word@127.0.0.1:\(server.port)"
            _ = try await ServiceClient(address, settings: settings()).ask(request)
            var request = self.request
            request.bearer = SecretBytes("a.b.c".utf8)
            _ = try await ServiceClient(server.address + "/x?y=z", settings: settings()).ask(request)
            #expect(server.requests.map { $0.headers["authorization"] } == ["Basic bWU6cGFzcyB3b3Jk", "Bearer a.b.c"])
            #expect(server.requests.map(\.target) == ["GET /do", "GET /x/do?y=z"])
        }
    }

    @Test func endsAtOnceWhenCancelled() async throws {
        // Once while the service is silent, once in a wait that would last a minute.
        for reply in [LoopbackServer.Reply.silence, .status("503 No", ["Retry-After: 60"])] {
            let server = try LoopbackServer { _ in reply }
            try await server.run { server in
                var settings = ServiceSettings()
                settings.answerSeconds = 60
                let client = try ServiceClient(server.address, settings: settings)
                let request = self.request
                let task = Task { () async throws(SigningError) in try await client.ask(request) }
                while server.requests.isEmpty { try await Task.sleep(for: .milliseconds(5)) }
                task.cancel()
                await #expect(throws: SigningError.cancelled) { _ = try await task.value }
            }
        }
    }

    @Test(arguments: [
        "", "fulcio.example.com", "ftp://example.com", "https://", "https://:443", "https://a b", "https://a@b@c",
        "https://ex%61mple.com", "https://example.com:0", "https://example.com:70000", "https://example.com:x",
        "https://example.com/#x", "https://example.com\\@other", "https://exämple.com", "https://[::1",
        "https://e\u{7F}x",
    ])
    func refusesAddressesThatCanBeReadInSeveralWays(_ url: String) {
        let error = #expect(throws: SigningError.self) { _ = try ServiceClient(url, settings: settings()) }
        guard case .configuration = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test(arguments: [0, -1, Double.nan, .infinity]) func refusesRatesThatAreNone(_ rate: Double) {
        #expect(throws: SigningError.self) {
            _ = try ServiceClient("https://example.com", settings: settings { $0.maxRate = rate })
        }
    }
}
