import AssayTestSupport
import Foundation
import Testing

@testable import Sigstore

/// A statement as a builder or a registry writes it, and lines that people look for in it.
struct StatementShape: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let lines: [String]
    let text: String

    private init(_ name: String, lines: [String], _ text: String) {
        (testDescription, self.lines, self.text) = (name, lines, text)
    }

    private static let sha256 = String(repeating: "ab", count: 32)
    private static let sha512 = String(repeating: "0c", count: 64)

    static let all = [
        StatementShape(
            "GitHub, SLSA v1",
            lines: [
                "Statement: https://in-toto.io/Statement/v1", "  Subject: app.tar.gz", "    sha256: \(sha256)",
                "Build type: https://actions.github.io/buildtypes/workflow/v1",
                "Builder: https://github.com/group/app/.github/workflows/release.yml@refs/heads/main",
                "Invocation: https://github.com/group/app/actions/runs/1/attempts/1", "Dependencies: 1",
            ],
            #"""
            {"_type":"https://in-toto.io/Statement/v1","subject":[{"name":"app.tar.gz","digest":{"sha256":"\#(sha256)"},
            "annotations":{"note":"kept"}}],"predicateType":"https://slsa.dev/provenance/v1","predicate":{
            "buildDefinition":{"buildType":"https://actions.github.io/buildtypes/workflow/v1",
            "externalParameters":{"workflow":{"ref":"refs/heads/main","repository":"https://github.com/group/app",
            "path":".github/workflows/release.yml"}},"internalParameters":{"github":{"event_name":"push",
            "repository_id":"9007199254740993","repository_owner_id":"2","runner_environment":"github-hosted"}},
            "resolvedDependencies":[{"uri":"git+https://github.com/group/app@refs/heads/main",
            "digest":{"gitCommit":"4d7093e1"}}]},"runDetails":{"builder":{
            "id":"https://github.com/group/app/.github/workflows/release.yml@refs/heads/main"},
            "metadata":{"invocationId":"https://github.com/group/app/actions/runs/1/attempts/1"}}}}
            """#),
        StatementShape(
            "GitLab, SLSA v1 in a statement of version 0.1",
            lines: [
                "Statement: https://in-toto.io/Statement/v0.1", "Builder: https://gitlab.com/group/-/runners/1",
                "  gitlab-runner: 4d7093e1", "Invocation: 412", "Started: 2025-06-05T01:33:18Z",
                "Finished: 2025-06-05T01:34:02Z", "  entryPoint: build-job", "  job: 412", "    gitCommit: c0ffee",
            ],
            #"""
            {"_type":"https://in-toto.io/Statement/v0.1","subject":[{"name":"a.txt","digest":{"sha256":"\#(sha256)"}}],
            "predicateType":"https://slsa.dev/provenance/v1","predicate":{"buildDefinition":{
            "buildType":"https://docs.gitlab.com/ci/pipeline_security/slsa/provenance_v1",
            "externalParameters":{"source":"https://gitlab.com/group/app","entryPoint":"build-job",
            "variables":{"CI_JOB_ID":"412","secret":"[MASKED]","EMPTY":"","NOTHING":null}},
            "internalParameters":{"architecture":"arm64","executor":"docker","job":412,"name":"9-mfdkBG"},
            "resolvedDependencies":[{"uri":"https://gitlab.com/group/app","digest":{"gitCommit":"c0ffee"}}]},
            "runDetails":{"builder":{"id":"https://gitlab.com/group/-/runners/1",
            "version":{"gitlab-runner":"4d7093e1"}},"metadata":{"invocationID":"412",
            "startedOn":"2025-06-05T01:33:18Z","finishedOn":"2025-06-05T01:34:02Z"}}}}
            """#),
        StatementShape(
            "GitLab's runner, SLSA v0.2",
            lines: [
                "Builder: https://gitlab.com/group/-/runners/1", "Configuration: https://gitlab.com/group/app.git",
                "  sha256: c0ffee", "Entry point: build-job", "  CI: {\"name\":\"CI\"}", "  executor: docker",
                "Started: 2023-06-05T01:33:18Z", "  parameters: true", "Reproducible: false", "Materials: 0",
            ],
            #"""
            {"_type":"https://in-toto.io/Statement/v0.1","subject":[{"name":"a.txt","digest":{"sha256":"\#(sha256)"}}],
            "predicateType":"https://slsa.dev/provenance/v0.2","predicate":{
            "buildType":"https://gitlab.com/gitlab-org/gitlab-runner/-/blob/4d7093e1/PROVENANCE.md",
            "builder":{"id":"https://gitlab.com/group/-/runners/1"},"invocation":{"configSource":{
            "uri":"https://gitlab.com/group/app.git","digest":{"sha256":"c0ffee"},"entryPoint":"build-job"},
            "environment":{"name":"runner","executor":"docker","architecture":"amd64","job":{"id":412}},
            "parameters":{"CI":{"name":"CI"},"PATHS":["a",["b",1.50]]}},"metadata":{
            "buildStartedOn":"2023-06-05T01:33:18Z","buildFinishedOn":"2023-06-05T01:34:02Z","reproducible":false,
            "completeness":{"parameters":true,"environment":true,"materials":false}},"materials":[]}}
            """#),
        StatementShape(
            "npm's publish attestation",
            lines: [
                "Statement: https://in-toto.io/Statement/v0.1", "  Subject: pkg:npm/%40scope/name@1.2.3",
                "    sha512: \(sha512)",
                "Predicate type: https://github.com/npm/attestation/tree/main/specs/publish/v0.1",
            ],
            #"""
            {"_type":"https://in-toto.io/Statement/v0.1","subject":[{"name":"pkg:npm/%40scope/name@1.2.3",
            "digest":{"sha512":"\#(sha512)"}}],
            "predicateType":"https://github.com/npm/attestation/tree/main/specs/publish/v0.1",
            "predicate":{"name":"@scope/name","version":"1.2.3","registry":"https://registry.example"}}
            """#),
        StatementShape(
            "npm, SLSA v0.2",
            lines: [
                "Builder: https://github.com/actions/runner", "Invocation: 1-1", "Materials: 1",
                "  Resource: git+https://github.com/scope/name@refs/tags/v1.2.3", "    sha1: c0ffee",
                "  GITHUB_RUN_ID: 1",
            ],
            #"""
            {"_type":"https://in-toto.io/Statement/v0.1","subject":[{"name":"pkg:npm/%40scope/name@1.2.3",
            "digest":{"sha512":"\#(sha512)"}}],"predicateType":"https://slsa.dev/provenance/v0.2","predicate":{
            "buildType":"https://github.com/npm/cli/gha/v2","builder":{"id":"https://github.com/actions/runner"},
            "invocation":{"configSource":{"uri":"git+https://github.com/scope/name@refs/tags/v1.2.3",
            "digest":{"sha1":"c0ffee"},"entryPoint":".github/workflows/publish.yml"},"parameters":{},
            "environment":{"GITHUB_EVENT_NAME":"release","GITHUB_RUN_ID":"1"}},
            "metadata":{"buildInvocationId":"1-1","completeness":{"parameters":false,"environment":false,
            "materials":false},"reproducible":false},
            "materials":[{"uri":"git+https://github.com/scope/name@refs/tags/v1.2.3","digest":{"sha1":"c0ffee"}}]}}
            """#),
        StatementShape(
            "what nobody should write", lines: ["  Subject: without a name", "  Subject: and 5 more"],
            #"""
            {"z":18446744073709551616,"a":-0,"predicateType":"p","_type":"https://in-toto.io/Statement/v1",
            "subject":[\#((1...25).map { #"{"digest":{"x":"subject \#($0)"},"uri":"u\#($0)"}"# }.joined(separator: ","))],
            "predicate":[1.50,1E+400,0.10e-2,null,true,"\u202e\u001b[2J \\ \/ é e\u0301",{},[],{"K":1,"\u212a":2}]}
            """#),
    ]
}

/// Nothing that somebody signed is left out of a report.
@Suite struct StatementShapesTests {
    private static func document(_ statement: String) -> SigstoreDocument {
        .envelope(
            Envelope(
                payload: Array(statement.utf8), payloadType: Envelope.inTotoPayloadType,
                signatures: [.init(bytes: [1])]))
    }

    @Test(arguments: StatementShape.all) func peopleSeeTheWholeStatement(_ shape: StatementShape) throws {
        let report = BundleReport(Self.document(shape.text))
        let shown = try #require(report.statementText)
        // As bytes: every member and element, in its order, with the digits it was written with.
        #expect(
            try JSONValue(parsing: Array(shown.utf8)).bytes == JSONValue(parsing: Array(shape.text.utf8)).bytes)
        #expect(!shown.unicodeScalars.contains { $0 != "\n" && TerminalText.isUnsafe($0) })
        let lines = report.text.split(separator: "\n").map(String.init)
        for line in shape.lines { #expect(lines.contains(line), "\(line) is not in\n\(report.text)") }
    }

    @Test(arguments: StatementShape.all) func programsGetTheWholeStatement(_ shape: StatementShape) throws {
        let json = BundleReport.json(of: Self.document(shape.text))
        #expect(try json["statement"]?.bytes == JSONValue(parsing: Array(shape.text.utf8)).bytes)
        #expect(json["statementError"] == nil)
        #expect(json["kind"] == .string("envelope"))
    }

    @Test func aPayloadThatIsNoStatementIsShownAsFarAsItCan() {
        let notAStatement = BundleReport.json(of: Self.document(#"{"_type":"other","a":1.0}"#))
        #expect(notAStatement["statement"]?["a"] == .decimal("1.0"))
        #expect(notAStatement["statementError"]?.string?.contains("_type") == true)
        #expect(BundleReport(Self.document(#"{"a":1.0}"#)).statementText?.contains("1.0") == true)
        let notJSON = BundleReport.json(of: Self.document("hello"))
        #expect(notJSON["statement"] == nil)
        #expect(notJSON["statementError"]?.string?.contains("not valid JSON") == true)
        #expect(BundleReport(Self.document("hello")).statementText == nil)
    }
}

/// The other parts of a bundle, for programs and for people.
@Suite(.enabled(if: SigstoreJudge.conformanceIsRequired, "the conformance assets are not beside the package"))
struct BundleDescriptionTests {
    private static func document(_ name: String) throws -> SigstoreDocument {
        .bundle(try SuiteCase(name: name).bundle())
    }

    @Test func programsGetSignerAndLogs() throws {
        let json = BundleReport.json(of: try Self.document("happy-path-v0.1"))
        #expect(json["mediaType"] == .string(SigstoreBundle.MediaType.v01.rawValue))
        let signer = json["signer"]
        #expect(signer?["kind"] == .string("certificateChain"))
        #expect(signer?["identity"]?.string?.hasPrefix("https://github.com/sigstore-conformance/") == true)
        #expect(signer?["issuer"] == .string("https://token.actions.githubusercontent.com"))
        #expect(signer?["extensions"]?["sourceRepositoryRef"] == .string("refs/heads/main"))
        let certificate = signer?["certificates"]?.array?.first
        for name in ["issuer", "serialNumber", "validFrom", "validUntil"] { #expect(certificate?[name]?.string != nil) }
        let entry = try #require(json["logEntries"]?.array?.first)
        #expect(entry["kind"] == .string("hashedrekord") && entry["hasPromise"] == .bool(true))
        #expect(entry["integratedTime"]?.string.flatMap(UTCTime.init(rfc3339:)) != nil)
        #expect(json["messageSignature"]?["digest"]?.string?.count == 64)

        let key = BundleReport.json(of: try Self.document("managed-key-happy-path"))
        #expect(key["signer"]?["kind"] == .string("key"))
        #expect(key["signer"]?["hint"] == .string("TLMsSDfG3ajPsWge+z/vX5T/zluXnmvbkTkwLIV68Tk="))
    }

    @Test func timestampsTellTheirTimeAndWhoGaveIt() throws {
        let document = try Self.document("rekor2-happy-path")
        let timestamp = try #require(BundleReport.json(of: document)["timestamps"]?.array?.first)
        let time = try #require(timestamp["time"]?.string)
        #expect(UTCTime(rfc3339: time) != nil)
        let issuer = try #require(timestamp["certificateIssuer"]?.string)
        #expect(issuer.contains("O=") && timestamp["certificateSerialNumber"]?.string?.isEmpty == false)
        let text = BundleReport(document).text
        #expect(text.contains("  Timestamp: \(time)\n") && text.contains("    Certificate's issuer: \(issuer)\n"))

        guard case .bundle(var bundle) = document else { return }
        bundle.timestamps = [[1]]
        #expect(BundleReport(.bundle(bundle)).text.contains("  Timestamp: not readable: "))
        let unreadable = BundleReport.json(of: .bundle(bundle))["timestamps"]?.array?.first
        #expect(unreadable?["error"]?.string?.contains("RFC 3161") == true && unreadable?["time"] == nil)
    }

    @Test func everyBundleOfTheSuiteCanBeDescribed() throws {
        for suiteCase in SuiteCase.all {
            guard let bundle = try? suiteCase.bundle() else { continue }
            let text = JSONValue.object(BundleReport.json(of: .bundle(bundle))).prettyText
            #expect(throws: Never.self, "\(suiteCase.name)") { try JSONValue(parsing: Array(text.utf8)) }
        }
    }

    @Test func documentsAreDescribedWithTheirPlaces() throws {
        let good = String(decoding: try SuiteCase(name: "happy-path-v0.3").bundle().bytes, as: UTF8.self)
        let descriptions = try SigstoreDocuments(parsing: Array("\(good)\n{}\n".utf8)).json().array
        #expect(descriptions?.count == 2)
        #expect(descriptions?[0]["place"] == .string("line 1") && descriptions?[0]["kind"] == .string("bundle"))
        #expect(descriptions?[1]["place"] == .string("line 2") && descriptions?[1]["error"]?.string != nil)
        #expect(try SigstoreDocuments(parsing: Array(good.utf8)).json().array?[0]["place"] == nil)
    }
}
