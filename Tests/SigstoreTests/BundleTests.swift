import Testing

@testable import Sigstore

/// Bundles as text, and what may stand in them.
@Suite struct BundleTests {
    static let entry = """
        {"logIndex":"7","logId":{"keyId":"AQI="},"kindVersion":{"kind":"dsse","version":"0.0.1"},"integratedTime":"9",\
        "inclusionPromise":{"signedEntryTimestamp":"AwQ="},"inclusionProof":{"logIndex":"5","rootHash":"BQ==",\
        "treeSize":"6","hashes":["Bg==","Bw=="],"checkpoint":{"envelope":"note\\n"}},"canonicalizedBody":"CA=="}
        """

    static func bundle(
        mediaType: String = "application/vnd.dev.sigstore.bundle.v0.3+json",
        signer: String = #""publicKey":{"hint":"h"}"#,
        entries: String = entry,
        content: String =
            #""messageSignature":{"messageDigest":{"algorithm":"SHA2_256","digest":"CQ=="},"signature":"Cg=="}"#
    ) -> String {
        """
        {"mediaType":"\(mediaType)","verificationMaterial":{\(signer),"tlogEntries":[\(entries)],\
        "timestampVerificationData":{"rfc3161Timestamps":[{"signedTimestamp":"Cw=="}]}},\(content)}
        """
    }

    static func parse(_ text: String) throws(SigstoreError) -> SigstoreBundle {
        try SigstoreBundle(parsing: Array(text.utf8))
    }

    @Test func writesWhatItRead() throws {
        let text = Self.bundle()
        #expect(String(decoding: try Self.parse(text).bytes, as: UTF8.self) == text)
    }

    @Test(arguments: [
        #""publicKey":{}"#, #""certificate":{"rawBytes":"AQ=="}"#,
        #""x509CertificateChain":{"certificates":[{"rawBytes":"AQ=="},{"rawBytes":"Ag=="}]}"#,
    ])
    func keepsEverySigner(_ signer: String) throws {
        let text = Self.bundle(mediaType: "application/vnd.dev.sigstore.bundle+json;version=0.2", signer: signer)
        #expect(String(decoding: try Self.parse(text).bytes, as: UTF8.self) == text)
    }

    @Test func readsEverySpellingOfTheSameBundle() throws {
        let other = """
            {"media_type":"application/vnd.dev.sigstore.bundle.v0.3+json","verification_material":{"public_key":{"hint":"h"},
            "certificate":null,"x509_certificate_chain":null,
            "tlog_entries":[{"log_index":7,"log_id":{"key_id":"AQI"},"kind_version":{"kind":"dsse","version":"0.0.1"},
            "integrated_time":9,"inclusion_promise":{"signed_entry_timestamp":"AwQ"},"inclusion_proof":{"log_index":5,
            "root_hash":"BQ","tree_size":6,"hashes":["Bg","Bw"],"checkpoint":{"envelope":"note\\n"}},"canonicalized_body":"CA"}],
            "timestamp_verification_data":{"rfc3161_timestamps":[{"signed_timestamp":"Cw"}]}},"dsse_envelope":null,
            "message_signature":{"message_digest":{"algorithm":1,"digest":"CQ"},"signature":"Cg"}}
            """
        #expect(try Self.parse(other) == Self.parse(Self.bundle()))
    }

    @Test(arguments: SigstoreBundle.MediaType.allCases)
    func readsEveryVersion(_ mediaType: SigstoreBundle.MediaType) throws {
        #expect(try Self.parse(Self.bundle(mediaType: mediaType.rawValue)).mediaType == mediaType)
    }

    static let refused: [(why: String, text: String)] = [
        (
            "no media type",
            bundle().replacing(#""mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json","#, with: "")
        ),
        ("unknown version", bundle(mediaType: "application/vnd.dev.sigstore.bundle.v0.4+json")),
        ("unknown field", bundle(content: #""dsseEnvelope":{"payload":"","payloadType":"x","signatures":[]},"x":1"#)),
        ("unknown field deep inside", bundle().replacing(#""keyId":"#, with: #""more":1,"keyId":"#)),
        (
            "both contents",
            bundle(content: #""messageSignature":{"signature":"AQ=="},"dsseEnvelope":{"payloadType":"x"}"#)
        ),
        ("no content", bundle(content: #""messageSignature":null"#)),
        ("both signers", bundle(signer: #""publicKey":{"hint":"h"},"certificate":{"rawBytes":"AQ=="}"#)),
        ("no signer", bundle(signer: #""publicKey":null"#)),
        ("chain in 0.3", bundle(signer: #""x509CertificateChain":{"certificates":[{"rawBytes":"AQ=="}]}"#)),
        (
            "empty chain",
            bundle(
                mediaType: "application/vnd.dev.sigstore.bundle+json;version=0.1",
                signer: #""x509CertificateChain":{"certificates":[]}"#)
        ),
        ("empty certificate", bundle(signer: #""certificate":{}"#)),
        ("both names", bundle().replacing(#""logIndex":"7""#, with: #""logIndex":"7","log_index":"7""#)),
        ("negative index", bundle().replacing(#""logIndex":"7""#, with: #""logIndex":"-7""#)),
        ("plus sign", bundle().replacing(#""logIndex":"7""#, with: #""logIndex":"+7""#)),
        ("fraction", bundle().replacing(#""logIndex":"7""#, with: #""logIndex":7.5"#)),
        ("beyond 64 bits", bundle().replacing(#""logIndex":"7""#, with: #""logIndex":"9223372036854775808""#)),
        ("line feed in base64", bundle().replacing(#""CA==""#, with: #""CA==\n""#)),
        ("unknown hash", bundle().replacing("SHA2_256", with: "MD5")),
        ("hash beyond the list", bundle().replacing(#""SHA2_256""#, with: "6")),
        ("no signature", bundle(content: #""messageSignature":{}"#)),
        ("empty DSSE signature", bundle(content: #""dsseEnvelope":{"payloadType":"x","signatures":[{"sig":""}]}"#)),
        ("entry twice", bundle(entries: entry + "," + entry)),
        ("33 entries", bundle(entries: Array(repeating: entry, count: 33).joined(separator: ","))),
        ("no log", bundle().replacing(#""logId":{"keyId":"AQI="},"#, with: "")),
        ("no kind", bundle().replacing(#""kind":"dsse","#, with: "")),
        ("no checkpoint", bundle().replacing(#","checkpoint":{"envelope":"note\n"}"#, with: "")),
        ("not an object", "[]"), ("a string for an object", bundle(signer: #""publicKey":"h""#)),
    ]

    @Test(arguments: refused)
    func refuses(_ case: (why: String, text: String)) {
        #expect(throws: SigstoreError.self, "\(`case`.why)") { try Self.parse(`case`.text) }
    }

    @Test func theRefusedDifferFromTheAccepted() {
        // A replacement that found nothing would make a case of `refused` that tests nothing.
        for (why, text) in Self.refused { #expect(text != Self.bundle(), "\(why)") }
    }

    @Test func versionsNeedTheirOwnProofs() {
        let noPromise = Self.entry.replacing(#""inclusionPromise":{"signedEntryTimestamp":"AwQ="},"#, with: "")
        let proof = #/"inclusionProof":\{.*\}\},/#
        let noProof = Self.entry.replacing(proof, with: "")
        let v01 = SigstoreBundle.MediaType.v01.rawValue
        #expect(throws: SigstoreError.self) { try Self.parse(Self.bundle(mediaType: v01, entries: noPromise)) }
        #expect(throws: Never.self) { try Self.parse(Self.bundle(mediaType: v01, entries: noProof)) }
        #expect(throws: SigstoreError.self) { try Self.parse(Self.bundle(entries: noProof)) }
        #expect(throws: Never.self) { try Self.parse(Self.bundle(entries: noPromise)) }
    }

    @Test func errorsNameTheField() {
        let text = Self.bundle().replacing(#""logIndex":"7""#, with: #""logIndex":"-7""#)
        #expect(
            throws: SigstoreError.malformed(
                document: "bundle", field: "verificationMaterial.tlogEntries[0].logIndex", problem: "is negative")
        ) { try Self.parse(text) }
    }

    @Test func tellsBundlesAndEnvelopesApartByContent() throws {
        let envelope =
            #"{"payloadType":"t","payload":"YQ==","signatures":[{"sig":"AQ==","keyid":"k","cert":"c"}],"more":1}"#
        #expect(
            try SigstoreDocument(parsing: Array(envelope.utf8))
                == .envelope(Envelope(payload: [97], payloadType: "t", signatures: [.init(bytes: [1], keyID: "k")])))
        #expect(
            try SigstoreDocument(parsing: Array(Self.bundle().utf8)) == .bundle(Self.parse(Self.bundle())))
        #expect(throws: SigstoreError.self) { try SigstoreDocument(parsing: Array(#"{"a":1}"#.utf8)) }
    }

    // DSSE protocol, "Test vectors".
    @Test func signedBytesAreTheProtocolsExample() {
        let envelope = Envelope(
            payload: Array("hello world".utf8), payloadType: "http://example.com/HelloWorld", signatures: [])
        #expect(
            String(decoding: envelope.signedBytes, as: UTF8.self)
                == "DSSEv1 29 http://example.com/HelloWorld 11 hello world")
    }
}
