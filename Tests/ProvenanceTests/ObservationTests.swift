import AssayModel
import AssayTestSupport
import Foundation
import Sigstore
import Testing

@testable import Provenance

@Suite struct ObservationTests {
    static func observation(
        store: String = "s3://bucket", key: String = GitLabKeyTests.key, entry: String? = "dist/app.tar.gz"
    ) -> Observation {
        Observation(
            object: Observation.Object(
                store: store, key: ObjectKey(key), version: ObjectVersion(etag: "abc-2", id: "v1"), size: 1234,
                modified: Timestamp(seconds: 1_700_000_000)),
            entryPath: entry, started: Timestamp(seconds: 1_750_000_000), finished: Timestamp(seconds: 1_750_000_060),
            observer: Observation.Observer(version: "1.2.3"), gitLabProjectID: 7)
    }

    static let subject = Observation.Subject(name: "dist/app.tar.gz", digest: SHA256Digest(of: "app".utf8))

    static func text(_ observation: Observation, _ subjects: [Observation.Subject] = [subject]) throws -> String {
        String(decoding: try observation.statement(about: subjects), as: UTF8.self)
    }

    @Test func saysWhatWasSeenAndNothingElse() throws {
        #expect(
            try Self.text(Self.observation()) == """
                {"_type":"https://in-toto.io/Statement/v1","predicate":{"buildDefinition":{\
                "buildType":"urn:assay:build-type:observed-in-store:v1",\
                "externalParameters":{"entry":"dist/app.tar.gz","key":"\(GitLabKeyTests.key)","source":"s3://bucket"},\
                "internalParameters":{"gitlab":{"artifactId":998,"date":"2026-01-31","file":"artifacts.zip","jobId":412,\
                "projectId":7,"projectIdSha256":"\(GitLabKeyTests.hash)"},"tool":{"name":"assay","version":"1.2.3"}},\
                "resolvedDependencies":[{"annotations":{"etag":"abc-2","modified":"2023-11-14T22:13:20Z","size":1234,\
                "versionId":"v1"},"uri":"s3://bucket/\(GitLabKeyTests.key)"}]},\
                "runDetails":{"builder":{"id":"urn:assay:builder","version":{"assay":"1.2.3"}},\
                "metadata":{"finishedOn":"2025-06-15T15:07:40Z","startedOn":"2025-06-15T15:06:40Z"}}},\
                "predicateType":"https://slsa.dev/provenance/v1","subject":[{"digest":{\
                "sha256":"\(SHA256Digest(of: "app".utf8).hex)"},"name":"dist/app.tar.gz"}]}
                """)
    }

    @Test func leavesOutWhatIsNotKnown() throws {
        var observation = Self.observation(key: "a b/ü.bin", entry: nil)
        observation.object.version = ObjectVersion(etag: "e")
        observation.object.digest = SHA256Digest(of: "x".utf8)
        let statement = try Statement(parsing: observation.statement(about: [Self.subject]))
        let definition = try #require(statement.predicate["buildDefinition"])
        #expect(definition["externalParameters"]?["entry"] == nil)
        #expect(definition["internalParameters"]?["gitlab"] == nil)
        let dependency = try #require(definition["resolvedDependencies"]?.array?.first)
        #expect(dependency["uri"]?.string == "s3://bucket/a%20b/%C3%BC.bin")
        #expect(dependency["annotations"]?["versionId"] == nil)
        #expect(dependency["digest"]?["sha256"]?.string == SHA256Digest(of: "x".utf8).hex)
    }

    @Test func aProjectIdThatIsNotTheKeysIsNotWritten() throws {
        var observation = Self.observation()
        observation.gitLabProjectID = 8
        #expect(try !Self.text(observation).contains("\"projectId\""))
    }

    @Test func secretsOfTheStoresURLStayOut() throws {
        let text = try Self.text(Self.observation(store: "https://AKIA:hunter2@store/bucket?token=hunter2"))
        #expect(!text.contains("hunter2"))
        #expect(!text.contains("AKIA"))
        #expect(text.contains("\"uri\":\"https://store/bucket/79/02/"))
    }

    @Test(arguments: [
        ("s3://b", "x", "s3://b/x"), ("s3://b/", "/x", "s3://b//x"), ("file:///", "a/b", "file:///a/b"),
        ("file:///srv/a", "a?#%+", "file:///srv/a/a%3F%23%25%2B"),
    ])
    func objectsHaveURIs(_ store: String, _ key: String, _ uri: String) {
        #expect(Self.observation(store: store, key: key).object.uri == uri)
    }

    @Test func theOrderOfArtifactsDoesNotMatter() throws {
        let subjects = (0..<20).map {
            Observation.Subject(name: "f\($0 % 10)", digest: SHA256Digest(of: [UInt8($0 % 10)]))
        }
        let text = try Self.text(Self.observation(), subjects)
        #expect(try Self.text(Self.observation(), subjects.reversed()) == text)
        #expect(try Statement(parsing: Array(text.utf8)).subjects.map(\.name) == (0..<10).map { "f\($0)" })
    }

    @Test func hostileNamesStayText() throws {
        let name = "a\"b\\c\n\u{1}\u{7F}é</script>/../x"
        let statement = try Statement(
            parsing: Self.observation(key: name, entry: name)
                .statement(about: [.init(name: name, digest: Self.subject.digest)]))
        #expect(statement.subjects.first?.name == name)
        #expect(statement.predicate["buildDefinition"]?["externalParameters"]?["key"]?.string == name)
    }

    @Test func refusesWhatMakesNoStatement() throws {
        func refusal(_ change: (inout Observation) -> Void, _ subjects: [Observation.Subject] = [Self.subject])
            -> ProvenanceError?
        {
            var observation = Self.observation()
            change(&observation)
            do throws(ProvenanceError) {
                _ = try observation.statement(about: subjects)
                return nil
            } catch { return error }
        }
        #expect(refusal({ _ in }, []) == .noSubjects)
        #expect(refusal({ _ in }, [.init(name: "", digest: Self.subject.digest)]) == .unnamedSubject(index: 0))
        let many = (0...1024).map { Observation.Subject(name: String($0), digest: Self.subject.digest) }
        #expect(refusal({ _ in }, many) == .tooManySubjects(found: 1025, limit: 1024))
        #expect(throws: Never.self) { try Self.observation().statement(about: many, limit: 2000) }
        for text in ["", "builder", "urn:", ":x", "1urn:x", "urn:a b", "urn:é", "https://h/#f"] {
            #expect(refusal { $0.observer.id = text } == .notAnIdentifier(setting: "builder id", text: text))
            #expect(refusal { $0.observer.buildType = text } == .notAnIdentifier(setting: "build type", text: text))
        }
        #expect(
            refusal { $0.observer.id = "https://u:p@h/x" }
                == .notAnIdentifier(setting: "builder id", text: "https://h/x"))
        #expect(refusal { $0.finished.seconds = 0 } == .endsBeforeStart)
        #expect(
            refusal { $0.finished.seconds = 253_402_300_800 } == .unwritableTime(setting: "end of the observation"))
    }

    @Test func aStoreMayTellAnyTime() throws {
        var observation = Self.observation()
        observation.object.modified = Timestamp(seconds: 253_402_300_800)
        #expect(try !Self.text(observation).contains("modified"))
    }

    @Test(.enabled(if: SigstoreJudge.cosign.isRequired, "cosign is not installed"))
    func cosignTakesItForSLSAProvenance() throws {
        let folder = try TemporaryFolder()
        let key = try SigningKey.generate()
        let artifacts = ["one", "two"]
        for artifact in artifacts { try folder.write(artifact.utf8, to: artifact) }
        let statement = try Self.observation().statement(
            about: artifacts.map { .init(name: "dist/\($0)", digest: SHA256Digest(of: $0.utf8)) })
        try folder.write(key.sign(statement: statement).bytes, to: "bundle")
        try folder.write(key.publicKey.pem().utf8, to: "pub.pem")
        let arguments = [
            "verify-blob-attestation", "--key", "pub.pem", "--insecure-ignore-tlog", "--type", "slsaprovenance1",
            "--bundle", "bundle",
        ]
        for artifact in artifacts {
            let outcome = try SigstoreJudge.cosign.run(arguments + [artifact], in: folder.url)
            #expect(outcome.status == 0, "\(outcome.output)")
        }
        try folder.write("One".utf8, to: "one")
        #expect(try SigstoreJudge.cosign.run(arguments + ["one"], in: folder.url).status != 0)
    }
}
