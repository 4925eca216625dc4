import AssayModel
import AssayTestSupport
import Foundation
import Synchronization
import Testing

@testable import ObjectStorage

@Suite struct CredentialsTests {
    private let json = """
        {"Code":"Success","Version":1,"AccessKeyId":"ASIA1","SecretAccessKey":"s3cret","Token":"t0ken",
        "Expiration":"2100-01-01T00:00:00Z"}
        """

    private func chain(_ environment: [String: String], profile: String? = nil) throws -> CredentialsChain {
        let defaults = ["HOME": "/nonexistent", "AWS_EC2_METADATA_DISABLED": "true", "PATH": "/usr/bin:/bin"]
        return try CredentialsChain(environment: defaults.merging(environment) { $1 }, profile: profile)
    }

    private func expectTemporary(_ credentials: Credentials) {
        #expect(credentials.accessKeyID == "ASIA1" && credentials.secret == "s3cret")
        #expect(credentials.sessionToken == "t0ken")
        #expect(credentials.expires == Timestamp(year: 2100, month: 1, day: 1))
    }

    @Test func comeFromTheEnvironmentFirst() async throws {
        let found = try await chain([
            "AWS_ACCESS_KEY_ID": "AKID", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_SESSION_TOKEN": "",
            "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1:1/",
        ]).credentials()
        #expect(found == Credentials(accessKeyID: "AKID", secret: "secret"))
        await #expect(throws: ObjectStorageError.self) { try await chain(["AWS_ACCESS_KEY_ID": "A"]).credentials() }
    }

    @Test func areMissedInOneSentence() async throws {
        let error = await #expect(throws: ObjectStorageError.self) { try await chain([:]).credentials() }
        #expect("\(String(describing: error))".contains("AWS_ACCESS_KEY_ID"))
    }

    @Test func neverShowTheirSecrets() {
        let credentials = Credentials(accessKeyID: "AKID", secret: "s3cret", sessionToken: "t0ken")
        var dumped = ""
        dump(credentials, to: &dumped)
        for text in ["\(credentials)", String(reflecting: credentials), "\([credentials])", dumped] {
            #expect(!text.contains("s3cret") && !text.contains("t0ken"))
        }
    }

    @Test func comeFromProfiles() async throws {
        try await withTemporaryFolder { folder in
            let (config, secrets) = (folder.path + "/config", folder.path + "/credentials")
            try """
            # comment
            [default]
            region = eu-west-1
            s3 =
                addressing_style = path
            [profile  build]
            region=eu-north-1
            endpoint_url = http://127.0.0.1:9000
            [profile program]
            credential_process = printf '%s' '\(json.replacing("\n", with: " "))'
            [profile chained]
            role_arn = arn:aws:iam::1:role/x
            source_profile = default
            [profile failing]
            credential_process = echo s3cret; exit 3
            [profile flooding]
            credential_process = yes s3cret
            """.write(toFile: config, atomically: true, encoding: .utf8)
            try "[build]\naws_access_key_id = AKBUILD\naws_secret_access_key = a/b+c=\n"
                .write(toFile: secrets, atomically: true, encoding: .utf8)
            var environment = ["AWS_CONFIG_FILE": config, "AWS_SHARED_CREDENTIALS_FILE": secrets]

            #expect(
                try await chain(environment, profile: "build").credentials()
                    == Credentials(accessKeyID: "AKBUILD", secret: "a/b+c="))
            expectTemporary(try await chain(environment, profile: "program").credentials())
            for (profile, words) in [
                ("chained", "source_profile"), ("failing", "status 3"), ("flooding", "printed more than"),
                ("other", "'other'"),
            ] {
                let error = await #expect(throws: ObjectStorageError.self) {
                    try await chain(environment, profile: profile).credentials()
                }
                let text = "\(String(describing: error))"
                #expect(text.contains(words) && !text.contains("s3cret"))
            }

            environment["AWS_PROFILE"] = "build"
            let found = try StoreLocation.configuration(
                of: "bucket", environment: environment, options: StoreOptions())
            #expect(found.region == "eu-north-1" && found.endpoint == "http://127.0.0.1:9000")
        }
    }

    @Test func comeFromAWebIdentityWhoseTokenIsReadEachTime() async throws {
        let reply = """
            <AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
            <AssumeRoleWithWebIdentityResult><Credentials><AccessKeyId>ASIA1</AccessKeyId>
            <SecretAccessKey>s3cret</SecretAccessKey><SessionToken>t0ken</SessionToken>
            <Expiration>2100-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleWithWebIdentityResult>
            </AssumeRoleWithWebIdentityResponse>
            """
        try await withTemporaryFolder { folder in
            try await LoopbackServer({ _ in .status("200 OK", [], reply) }).run { server in
                let file = folder.path + "/token"
                try "first.jwt\n".write(toFile: file, atomically: true, encoding: .utf8)
                let chain = try chain([
                    "AWS_WEB_IDENTITY_TOKEN_FILE": file, "AWS_ROLE_ARN": "arn:aws:iam::1:role/ci",
                    "AWS_ENDPOINT_URL_STS": server.address,
                ])
                let found = try await chain.credentials()
                expectTemporary(found)
                #expect(server.requests.first?.target == "POST /")
                #expect(
                    server.requests.first?.body
                        == "Action=AssumeRoleWithWebIdentity&RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fci"
                        + "&RoleSessionName=assay&Version=2011-06-15&WebIdentityToken=first.jwt")
                try "second.jwt".write(toFile: file, atomically: true, encoding: .utf8)
                // The same credentials again: there are no others to try.
                #expect(await chain.discard(found) == false)
                #expect(server.requests.last?.body.hasSuffix("=second.jwt") == true)
            }
        }
    }

    @Test func comeFromTheContainersHost() async throws {
        try await LoopbackServer({ [json] _ in .status("200 OK", [], json) }).run { server in
            let found = try await chain([
                "AWS_CONTAINER_CREDENTIALS_FULL_URI": server.address + "/creds",
                "AWS_CONTAINER_AUTHORIZATION_TOKEN": "letmein",
            ]).credentials()
            expectTemporary(found)
            #expect(server.requests.first?.headers["authorization"] == "letmein")
        }
        await #expect(throws: ObjectStorageError.self) {
            try await chain(["AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://example.org/"]).credentials()
        }
    }

    @Test func comeFromTheInstancesMetadata() async throws {
        try await LoopbackServer({ [json] request in
            switch request.target {
            case "PUT /latest/api/token": .status("200 OK", [], "imds-token")
            case _ where request.headers["x-aws-ec2-metadata-token"] != "imds-token": .status("401 Unauthorized")
            case "GET /latest/meta-data/iam/security-credentials/": .status("200 OK", [], "the-role")
            case "GET /latest/meta-data/iam/security-credentials/the-role": .status("200 OK", [], json)
            default: .status("404 Not Found")
            }
        }).run { server in
            let environment = [
                "AWS_EC2_METADATA_SERVICE_ENDPOINT": server.address + "/", "AWS_EC2_METADATA_DISABLED": "false",
            ]
            expectTemporary(try await chain(environment).credentials())
            #expect(server.requests.count == 3)
        }
    }

    @Test func areRenewedOnceForAllWhoWait() async throws {
        let source = CountingSource()
        let time = SteppedTime()
        let chain = CredentialsChain(sources: [source]) { time.now }
        func askAll() async -> Set<String> {
            await withTaskGroup(of: String.self) { group in
                for _ in 0..<20 { group.addTask { (try? await chain.credentials().accessKeyID) ?? "none" } }
                return await group.reduce(into: []) { $0.insert($1) }
            }
        }
        #expect(await askAll() == ["AK1"])
        time.set(3600 - CredentialsChain.renewalSeconds)
        #expect(await askAll() == ["AK1"])
        time.set(3601 - CredentialsChain.renewalSeconds)
        #expect(await askAll() == ["AK2"])
        #expect(source.fetches == 2)
    }
}

/// Gives other credentials each time, valid for an hour from the n-th on.
private final class CountingSource: CredentialsSource {
    private let count = Mutex(0)

    var fetches: Int { count.withLock { $0 } }

    func fetch() async throws(ObjectStorageError) -> Credentials? {
        await Task.yield()
        return count.withLock { count in
            count += 1
            return Credentials(accessKeyID: "AK\(count)", secret: "s", expires: Timestamp(seconds: 3600 * count))
        }
    }
}

/// A time that stands still until it is set.
private final class SteppedTime: Sendable {
    private let seconds = Mutex(0)

    var now: Timestamp { Timestamp(seconds: seconds.withLock { $0 }) }

    func set(_ value: Int) { seconds.withLock { $0 = value } }
}
