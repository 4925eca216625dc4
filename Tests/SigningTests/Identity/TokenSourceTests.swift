import AssayTestSupport
import Foundation
import Signing
import Sigstore
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(2))) struct TokenSourceTests {
    private func text(_ secret: SecretBytes?) -> String? {
        secret?.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
    }

    private func error(_ source: any TokenSource) async -> SigningError? {
        do throws(SigningError) {
            _ = try await source.identity(audience: "sigstore", now: TestToken.now)
            return nil
        } catch {
            #expect(!TestToken.leaks(error), "\(error)")
            return error
        }
    }

    @Test func theEnvironmentGivesItsTokenAndAnEmptyOneIsNone() throws {
        let source = EnvironmentToken(environment: ["SIGSTORE_ID_TOKEN": TestToken.text()])
        #expect(text(source.token()) == TestToken.text())
        #expect(EnvironmentToken(environment: ["SIGSTORE_ID_TOKEN": ""]).token() == nil)
        #expect(!TestToken.leaks(source))
    }

    @Test func aFileIsReadAgainWhenItIsReplaced() throws {
        let folder = try TemporaryFolder()
        let links = FileManager.default
        // As Kubernetes does: the token's name is a link into a link that is switched.
        for version in ["1", "2"] {
            try links.createDirectory(at: folder.url.appending(path: version), withIntermediateDirectories: false)
            try folder.write("token-\(version)\n".utf8, to: "\(version)/token")
        }
        let (data, fresh) = (folder.path + "/..data", folder.path + "/..fresh")
        try links.createSymbolicLink(atPath: data, withDestinationPath: "1")
        try links.createSymbolicLink(atPath: folder.path + "/token", withDestinationPath: "..data/token")
        let source = FileToken(path: folder.path + "/token")
        #expect(text(try source.token()) == "token-1\n")
        try links.createSymbolicLink(atPath: fresh, withDestinationPath: "2")
        #expect(rename(fresh, data) == 0)
        #expect(text(try source.token()) == "token-2\n")
    }

    @Test func aFileThatCannotBeReadIsNamed() async throws {
        let folder = try TemporaryFolder()
        let missing = FileToken(path: folder.path + "/token")
        #expect("\(String(describing: await error(missing)))".contains(folder.path + "/token"))
        #expect(try FileToken(path: folder.path + "/token", mayBeMissing: true).token() == nil)
        #expect("\(String(describing: await error(FileToken(path: folder.path))))".contains("no regular file"))
        try folder.write([UInt8](repeating: 0x61, count: 65 << 10), to: "large")
        #expect("\(String(describing: await error(FileToken(path: folder.path + "/large"))))".contains("65536 bytes"))
        try folder.write([], to: "empty")
        #expect("\(String(describing: await error(FileToken(path: folder.path + "/empty"))))".contains("empty"))
    }

    @Test func aPipeInPlaceOfAFileIsNotWaitedFor() async throws {
        let folder = try TemporaryFolder()
        #expect(mkfifo(folder.path + "/token", 0o600) == 0)
        #expect("\(String(describing: await error(FileToken(path: folder.path + "/token"))))".contains("no regular"))
    }

    @Test func aCommandGivesWhatItPrints() async throws {
        let source = CommandToken(command: "echo \"$TOKEN\"", environment: ["TOKEN": TestToken.text()])
        _ = try await source.identity(audience: "sigstore", now: TestToken.now)
        #expect(!TestToken.leaks(source))
    }

    @Test(arguments: [
        ("echo s3cretsignature; exit 4", "status 4"), ("exec sleep 600", "1 s"), ("yes s3cretsignature", "65536 bytes"),
        ("true", "nothing"), ("exec /nonexistent/s3cretsignature", "status 127"), ("kill -9 $$", "status 137"),
        ("echo s3cretsignature", "JSON Web Token"),
    ])
    func aCommandThatGivesNoTokenIsReportedWithoutWhatItPrinted(command: String, words: String) async throws {
        var limits = IdentityLimits()
        limits.programSeconds = 1
        let found = await error(CommandToken(command: command, environment: [:], limits: limits))
        // A loaded machine may kill the flood for its time instead.
        let isExpected = "\(String(describing: found))".contains(words)
        #expect(isExpected || words.hasSuffix("bytes") && "\(String(describing: found))".contains("1 s"))
    }

    @Test func gitHubIsAskedWithItsOwnCredential() async throws {
        let server = try LoopbackServer { request in
            guard request.target == "GET /token?api-version=2.0&audience=a%20b",
                request.headers["authorization"] == "Bearer requestt0ken",
                request.headers["accept"]?.hasPrefix("application/json") == true
            else { return .status("400 Bad Request") }
            return .status("200 OK", [], #"{"count":1,"value":"\#(TestToken.text(["aud": #""a b""#]))"}"#)
        }
        try await server.run { server in
            let source = try gitHub(server.address + "/token?api-version=2.0", audience: "a b")
            let token = try await source.identity(audience: "a b", now: TestToken.now)
            #expect(token.subject == "project_path:acme/widget")
        }
        #expect(try await GitHubToken(environment: [:]).token() == nil)
    }

    private func gitHub(_ url: String, audience: String = "sigstore") throws -> GitHubToken {
        var settings = ServiceSettings()
        settings.retries.attempts = 1
        return try GitHubToken(
            environment: ["ACTIONS_ID_TOKEN_REQUEST_URL": url, "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "requestt0ken"],
            audience: audience, settings: settings)
    }

    @Test(arguments: [
        (LoopbackServer.Reply.status("200 OK", [], "{}"), "no token in it"),
        (.status("200 OK", [], #"{"value":""}"#), "no token in it"),
        (.status("200 OK", [], "s3cretsignature"), "JSON"),
        (.status("403 Forbidden", [], #"{"message":"no requestt0ken_is_wrong here"}"#), "403"),
        (.status("302 Found", ["Location: https://example.com"]), "302"),
        (.hangUp, "could not"),
    ])
    func gitHubsFailuresAreReportedWithoutSecrets(reply: LoopbackServer.Reply, words: String) async throws {
        try await LoopbackServer { _ in reply }.run { server in
            let found = await error(try gitHub(server.address + "/?x=s3cretsignature"))
            let text = "\(String(describing: found))"
            #expect(text.contains(words) && !text.contains("x="), "\(text)")
        }
    }

    @Test func theFirstPlaceThatIsSetUpGivesTheToken() async throws {
        let environment = [
            "SIGSTORE_ID_TOKEN": "variable", "ACTIONS_ID_TOKEN_REQUEST_URL": "http://127.0.0.1:1/",
            "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "t",
        ]
        let folder = try TemporaryFolder()
        try folder.write("file".utf8, to: "token")
        let explicit = FileToken(path: folder.path + "/token")
        #expect(text(try await TokenChain.automatic(explicit: explicit, environment: environment).token()) == "file")
        #expect(text(try await TokenChain.automatic(environment: environment).token()) == "variable")
        // A place that is set up and fails is not passed over: what comes after it may be another identity.
        let missing = FileToken(path: folder.path + "/missing")
        await #expect(throws: SigningError.self) {
            try await TokenChain.automatic(explicit: missing, environment: environment).token()
        }
    }

    @Test func noPlaceAtAllIsReportedWithWhatToDo() async throws {
        let chain = TokenChain([EnvironmentToken(environment: [:]), try GitHubToken(environment: [:])])
        let text = "\(String(describing: await error(chain)))"
        #expect(text.contains("SIGSTORE_ID_TOKEN") && text.contains("id-token: write"))
        #expect(text.contains("serviceAccountToken") && text.contains("the variable SIGSTORE_ID_TOKEN or GitHub"))
    }
}
