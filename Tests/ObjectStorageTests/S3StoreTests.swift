import AssayModel
import AssayTestSupport
import Testing

@testable import ObjectStorage

/// How the store meets servers that answer oddly, wrongly or not at all.
@Suite struct S3StoreTests {
    private typealias Reply = LoopbackServer.Reply

    private let key = ObjectKey("a.bin")
    private let version = ObjectVersion(etag: "abc")

    private func range(_ offset: Int, _ length: Int) throws -> ByteRange {
        try #require(ByteRange(offset: offset, length: length))
    }

    private func store(_ server: LoopbackServer, _ change: (inout S3Store.Configuration) -> Void = { _ in }) throws
        -> S3Store
    {
        var configuration = S3Store.Configuration(
            bucket: "bucket", endpoint: server.address,
            credentials: Credentials(accessKeyID: "AKID", secret: "verysecret", sessionToken: "token"))
        configuration.stallSeconds = 60
        change(&configuration)
        return try S3Store(configuration) { Timestamp(seconds: 0) }
    }

    /// The error of reading four bytes from a server that gives this answer.
    private func errorOfReading(_ reply: LoopbackServer.Reply) async throws -> ObjectStorageError? {
        try await LoopbackServer({ _ in reply }).run { server in
            let range = try range(2, 4)
            return try await #require(throws: ObjectStorageError.self) {
                try await store(server).read(key, version: version, range: range)
            }
        }
    }

    @Test func asksForTheRangeOfTheVersionAndSigns() async throws {
        let reply = Reply.status("206 Partial Content", ["Content-Range: bytes 2-5/10", "ETag: \"abc\""], "2345")
        try await LoopbackServer({ _ in reply }).run { server in
            let block = try await store(server).read(
                key, version: ObjectVersion(etag: "abc", id: "v/1"), range: range(2, 4))
            #expect(block.withUnsafeBytes { Array($0) } == Array("2345".utf8))
            let request = try #require(server.requests.first)
            #expect(request.target == "GET /bucket/a.bin?versionId=v%2F1")
            #expect(request.headers["range"] == "bytes=2-5")
            #expect(request.headers["if-match"] == "\"abc\"")
            #expect(request.headers["host"] == "127.0.0.1:\(server.port)")
            #expect(request.headers["x-amz-security-token"] == "token")
            #expect(request.headers["authorization"]?.hasPrefix("AWS4-HMAC-SHA256 Credential=AKID/19700101/") == true)
        }
    }

    @Test(arguments: [
        ("/lead", "//lead"), ("a//b", "/a//b"), ("a/../b", "/a/../b"), ("a b+c%?#&=", "/a%20b%2Bc%25%3F%23%26%3D"),
        ("~*'@é", "/~%2A%27%40%C3%A9"), (".", "/."), ("dir/", "/dir/"),
    ])
    func sendsKeysAsTheyAre(_ name: String, _ path: String) async throws {
        let reply = Reply.status("200 OK", ["ETag: \"abc\""])
        try await LoopbackServer({ _ in reply }).run { server in
            try await store(server).put(name, "body")
            let request = try #require(server.requests.first)
            #expect(request.target == "PUT /bucket\(path)")
            #expect(request.body == "body")
            #expect(request.headers["x-amz-content-sha256"] == SHA256Digest(of: "body".utf8).hex)
            #expect(request.headers["expect"] == nil)
        }
    }

    @Test func anotherRangeThanAskedForIsNoData() async throws {
        let etag = "ETag: \"abc\""
        for wrong in ["bytes 0-3/10", "bytes 3-6/10", "bytes 2-6/10", "bytes 2-1/10", "nonsense", "bytes 2-5x/10"] {
            let error = try await errorOfReading(
                .status("206 Partial Content", ["Content-Range: \(wrong)", etag], "2345"))
            #expect(error == .wrongRange(key, expected: try range(2, 4), got: wrong))
        }
        let none = try await errorOfReading(.status("206 Partial Content", [etag], "2345"))
        #expect(none == .wrongRange(key, expected: try range(2, 4), got: "no range"))
        let whole = try await errorOfReading(.status("200 OK", [etag], "0123456789"))
        #expect(whole == .wrongRange(key, expected: try range(2, 4), got: "the whole object"))
        let huge = try await errorOfReading(.status("200 OK", [etag], String(repeating: "x", count: 1 << 20)))
        #expect(huge == .wrongRange(key, expected: try range(2, 4), got: "the whole object"))
    }

    @Test func shortAndLongBodiesAreNoData() async throws {
        let head = "HTTP/1.1 206 Partial Content\r\nETag: \"abc\"\r\nContent-Range: bytes 2-5/10\r\n"
        #expect(
            try await errorOfReading(.raw(head + "Content-Length: 4\r\n\r\n23")) == .shortRead(key, expected: 4, got: 2)
        )
        #expect(
            try await errorOfReading(.raw(head + "Content-Length: 2\r\n\r\n23")) == .shortRead(key, expected: 4, got: 2)
        )
        let shorter = Reply.status("206 Partial Content", ["ETag: \"abc\"", "Content-Range: bytes 2-3/4"], "23")
        #expect(try await errorOfReading(shorter) == .shortRead(key, expected: 4, got: 2))
        for long in ["Content-Length: 5\r\n\r\n23456", "Connection: close\r\n\r\n2345678"] {
            #expect(
                try await errorOfReading(.raw(head + long))
                    == .wrongRange(key, expected: try range(2, 4), got: "more bytes than that"))
        }
        #expect(try await errorOfReading(.status("416 Range Not Satisfiable")) == .shortRead(key, expected: 4, got: 0))
    }

    @Test func anotherVersionIsNoData() async throws {
        let other = Reply.status("206 Partial Content", ["ETag: \"xyz\"", "Content-Range: bytes 2-5/10"], "2345")
        #expect(try await errorOfReading(other) == .changed(key))
        #expect(try await errorOfReading(.status("412 Precondition Failed")) == .changed(key))
        #expect(try await errorOfReading(.status("404 Not Found")) == .notFound(key))
    }

    @Test func failuresThatMayPassAreToldFromThoseThatWillNot() async throws {
        for status in ["408 x", "429 x", "500 x", "502 x", "503 x", "504 x"] {
            #expect(try await errorOfReading(.status(status))?.isTransient == true)
        }
        #expect(
            try await errorOfReading(.status("503 Slow Down", ["Retry-After: 3"]))
                == .transient("status 503", retryAfter: .seconds(3)))
        #expect(try await errorOfReading(.hangUp)?.isTransient == true)
        let early = "HTTP/1.1 206 Partial Content\r\nContent-Length: 4\r\n\r\n"
        #expect(try await errorOfReading(.raw(early))?.isTransient == true)
        let closed = try LoopbackPorts.free(1)
        let store = try S3Store(
            S3Store.Configuration(bucket: "bucket", endpoint: "http://127.0.0.1:\(closed[0])", credentials: nil))
        let error = await #expect(throws: ObjectStorageError.self) { try await store.head(key) }
        #expect(error?.isTransient == true)
    }

    @Test func refusalsAreOneSentenceWithoutSecrets() async throws {
        func refusal(_ code: String, _ status: String = "403 Forbidden") async throws -> String {
            let body = "<Error><Code>\(code)</Code><Message>Said\u{1b}[31m so.</Message></Error>"
            return try await errorOfReading(.status(status, [], body)).map { "\($0)" } ?? ""
        }
        #expect(try await refusal("SignatureDoesNotMatch").contains("secret does not fit the access key"))
        #expect(try await refusal("InvalidAccessKeyId").contains("does not know the access key"))
        #expect(try await refusal("RequestTimeTooSkewed").contains("clock"))
        #expect(try await refusal("AccessDenied").contains("s3:GetObject"))
        #expect(try await refusal("ExpiredToken", "400 Bad Request").contains("expired"))
        let text = try await refusal("AccessDenied")
        #expect(!text.contains("\u{1b}") && !text.contains("verysecret") && !text.contains("token"))
    }

    @Test func headTellsTheReasonOfARefusal() async throws {
        try await LoopbackServer({ request in
            request.line.hasPrefix("HEAD")
                ? .raw("HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n")
                : .status("403 Forbidden", [], "<Error><Code>InvalidAccessKeyId</Code><Message>No.</Message></Error>")
        }).run { server in
            let error = await #expect(throws: ObjectStorageError.self) { try await store(server).head(key) }
            #expect("\(String(describing: error))".contains("InvalidAccessKeyId"))
        }
    }

    @Test func redirectsAreNotFollowedButExplained() async throws {
        for status in ["301 Moved Permanently", "307 Temporary Redirect"] {
            let reply = Reply.status(status, ["Location: http://127.0.0.1:1/", "x-amz-bucket-region: eu-west-1"])
            let error = try await errorOfReading(reply)
            guard case .configuration(let text) = error else {
                Issue.record("\(status) gives \(String(describing: error))")
                continue
            }
            #expect(text.contains("'eu-west-1'"))
        }
        let malformed = "<Error><Code>AuthorizationHeaderMalformed</Code><Region>eu-west-1</Region></Error>"
        let error = try await errorOfReading(.status("400 Bad Request", [], malformed))
        #expect("\(String(describing: error))".contains("'eu-west-1'"))
    }

    @Test func headersAndDocumentsHaveBounds() async throws {
        guard case .invalidResponse = try await errorOfReading(.endlessHeader) else {
            Issue.record("an endless header is taken")
            return
        }
        let page = "<ListBucketResult>\(String(repeating: " ", count: 5000))</ListBucketResult>"
        try await LoopbackServer({ _ in .status("200 OK", [], page) }).run { server in
            let bounded = try store(server) { $0.limits.listingBytes = 4096 }
            let error = await #expect(throws: ObjectStorageError.self) {
                try await bounded.list(prefix: "", from: nil, limit: 10)
            }
            #expect("\(String(describing: error))".contains("4096"))
            #expect(try await store(server).list(prefix: "", from: nil, limit: 10).objects.isEmpty)
        }
    }

    @Test func listsWhatThePageSays() async throws {
        let page = """
            <?xml version="1.0" encoding="UTF-8"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">
            <EncodingType>url</EncodingType><IsTruncated>true</IsTruncated>
            <NextContinuationToken>a+/=</NextContinuationToken><Contents><Key>p/a+b%2Bc%0A</Key>
            <LastModified>2026-01-02T03:04:05.678Z</LastModified><ETag>&quot;e-1&quot;</ETag><Size>7</Size>
            <Owner><ID>x</ID></Owner></Contents></ListBucketResult>
            """
        try await LoopbackServer({ _ in .status("200 OK", [], page) }).run { server in
            let store = try store(server)
            let got = try await store.list(prefix: "p/", from: "t &", limit: 5)
            let expected = StoredObject(
                key: ObjectKey("p/a b+c\n"), version: ObjectVersion(etag: "e-1"), size: 7,
                modified: Timestamp(year: 2026, month: 1, day: 2, hour: 3, minute: 4, second: 5))
            #expect(got.objects == [expected] && got.next == "a+/=")
            #expect(
                server.requests.first?.target
                    == "GET /bucket?continuation-token=t%20%26&encoding-type=url&list-type=2&max-keys=5&prefix=p%2F")
            // A page that leads to itself would be listed for ever; a key beyond the prefix was not asked for.
            await #expect(throws: ObjectStorageError.self) { try await store.list(prefix: "", from: "a+/=", limit: 5) }
            await #expect(throws: ObjectStorageError.self) { try await store.list(prefix: "q", from: nil, limit: 5) }
        }
    }

    @Test(arguments: [
        "", "no xml", "<html></html>", "<ListBucketResult>", "<!DOCTYPE x [<!ENTITY a \"b\">]><ListBucketResult/>",
        "<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>",
        "<ListBucketResult><Contents><Key>k</Key></Contents></ListBucketResult>",
        "<ListBucketResult>" + String(repeating: "<a>", count: 100) + String(repeating: "</a>", count: 100)
            + "</ListBucketResult>",
        "<ListBucketResult><Contents><Key>k</Key><ETag>e</ETag><Size>-1</Size>"
            + "<LastModified>2026-01-02T03:04:05Z</LastModified></Contents></ListBucketResult>",
    ])
    func refusesPagesThatAreNone(_ page: String) async throws {
        try await LoopbackServer({ _ in .status("200 OK", [], page) }).run { server in
            let error = await #expect(throws: ObjectStorageError.self) {
                try await store(server).list(prefix: "", from: nil, limit: 5)
            }
            guard case .invalidResponse = error else {
                Issue.record("\(String(describing: error))")
                return
            }
        }
    }

    @Test func emptyRangesNeverGoToTheServer() async throws {
        try await LoopbackServer({ _ in .hangUp }).run { server in
            let block = try await store(server).read(key, version: version, range: range(5, 0))
            #expect(block.count == 0)
            #expect(server.requests.isEmpty)
        }
    }

    @Test func asksAnonymouslyWithoutASignature() async throws {
        try await LoopbackServer({ _ in .status("404 Not Found") }).run { server in
            let store = try store(server) { $0.credentials = nil }
            await #expect(throws: ObjectStorageError.notFound(key)) { try await store.head(key) }
            #expect(server.requests.first?.headers["authorization"] == nil)
        }
    }

    @Test func cancellationEndsARequestThatIsNeverAnswered() async throws {
        try await LoopbackServer({ _ in .silence }).run { server in
            let store = try store(server)
            let task = Task { try await store.head(ObjectKey("a.bin")) }
            while server.requests.isEmpty { await Task.yield() }
            task.cancel()
            await #expect(throws: ObjectStorageError.cancelled) { try await task.value }

            let early = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                return try await store.head(ObjectKey("a.bin"))
            }
            await #expect(throws: ObjectStorageError.cancelled) { try await early.value }
        }
    }
}
