import Testing

@testable import Sigstore

@Suite struct BundleReportTests {
    private func report(_ statement: String) throws -> BundleReport {
        let envelope = Envelope(
            payload: Array(statement.utf8), payloadType: Envelope.inTotoPayloadType,
            signatures: [.init(bytes: [1], keyID: "k")])
        return BundleReport(.bundle(SigstoreBundle(signer: .publicKey(hint: "h"), content: .envelope(envelope))))
    }

    @Test func showsSLSAProvenanceV1() throws {
        let report = try report(
            """
            {"_type":"https://in-toto.io/Statement/v1","subject":[{"name":"a","digest":{"x":"1"}}],
            "predicateType":"https://slsa.dev/provenance/v1","predicate":{"buildDefinition":{"buildType":"t",
            "externalParameters":{"source":"s","deep":{"a":[1]},"none":null},
            "resolvedDependencies":[{"uri":"u","digest":{"gitCommit":"c"}}]},
            "runDetails":{"builder":{"id":"b"},"metadata":{"invocationID":"412","startedOn":"2025-06-05T01:33:18Z"}}}}
            """)
        #expect(
            report.text == """
                Media type: application/vnd.dev.sigstore.bundle.v0.3+json
                Signer: key
                  Hint: h
                Transparency log entries: 0
                Timestamps: 0
                Content: DSSE envelope
                  Payload type: application/vnd.in-toto+json
                  Payload: 424 bytes
                  Signatures: 1
                  Key id: k
                Statement: https://in-toto.io/Statement/v1
                Subjects: 1
                  Subject: a
                    x: 1
                Predicate type: https://slsa.dev/provenance/v1
                Build type: t
                Builder: b
                Invocation: 412
                Started: 2025-06-05T01:33:18Z
                External parameters:
                  source: s
                  deep: {"a":[1]}
                Dependencies: 1
                  Resource: u
                    gitCommit: c

                """)
        #expect(report.statementText?.contains("\n      \"buildType\": \"t\",\n") == true)
    }

    @Test func showsSLSAProvenanceV02() throws {
        let text = try report(
            """
            {"_type":"https://in-toto.io/Statement/v0.1","subject":[{"name":"a","digest":{"x":"1"}}],
            "predicateType":"https://slsa.dev/provenance/v0.2","predicate":{"builder":{"id":"b"},"buildType":"t",
            "invocation":{"configSource":{"uri":"u","entryPoint":"e"},"parameters":{"p":1}},
            "metadata":{"buildInvocationId":"i"},"materials":[{"uri":"m","digest":{"sha1":"s"}}]}}
            """
        ).text
        for line in [
            "Builder: b", "Configuration: u", "Entry point: e", "  p: 1", "Invocation: i", "  Resource: m",
            "    sha1: s",
        ] {
            #expect(text.split(separator: "\n").contains { $0 == line }, "\(line)")
        }
    }

    @Test func hostileContentCannotForgeLines() throws {
        let text = try report(
            #"""
            {"_type":"https://in-toto.io/Statement/v1","subject":[{"name":"a\nBuilder: trusted\u001b[2J\u202e","digest":{"x":"1"}}],
            "predicateType":"p"}
            """#
        ).text
        #expect(text.contains(#"Subject: a\u{a}Builder: trusted\u{1b}[2J\u{202e}"#))
    }

    @Test func saysWhatItCannotRead() throws {
        #expect(try report("{").text.contains("Statement: not readable: "))
        let bundle = SigstoreBundle(
            signer: .certificate([1, 2]), content: .messageSignature(.init(digest: nil, signature: [1])))
        #expect(BundleReport(.bundle(bundle)).text.contains("Signer: not readable: The certificate is malformed"))
    }

    @Test func countsWhatItDoesNotList() throws {
        let subjects = (0..<30).map { #"{"name":"s\#($0)","digest":{"x":"1"}}"# }.joined(separator: ",")
        let text = try report(
            #"{"_type":"https://in-toto.io/Statement/v1","subject":[\#(subjects)],"predicateType":"p"}"#
        ).text
        #expect(text.contains("Subjects: 30"))
        #expect(text.contains("Subject: and 10 more"))
    }
}
