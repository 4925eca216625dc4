import Sigstore
import Testing

@testable import Signing

@Suite struct SigningConfigTests {
    private static func service(
        _ url: String, version: Int = 1, start: String = "2024-01-01T00:00:00Z", end: String? = nil,
        by name: String = ""
    ) -> String {
        let end = end.map { #","end":"\#($0)""# } ?? ""
        return
            #"{"url":"\#(url)","majorApiVersion":\#(version),"validFor":{"start":"\#(start)"\#(end)},"operator":"\#(name)"}"#
    }

    private static func config(
        logs: [String], selector: String = #"{"selector":"ANY"}"#, authorities: [String] = [], extra: String = ""
    ) throws(SigstoreError) -> SigningConfig {
        let text = """
            {"mediaType":"application/vnd.dev.sigstore.signingconfig.v0.2+json","caUrls":[],\
            "rekorTlogUrls":[\(logs.joined(separator: ","))],"rekorTlogConfig":\(selector),\
            "tsaUrls":[\(authorities.joined(separator: ","))],"tsaConfig":{"selector":"ALL"}\(extra)}
            """
        return try SigningConfig(parsing: Array(text.utf8))
    }

    private let now = UTCTime(seconds: 1_760_000_000)

    @Test func theBuiltInServicesArePublicAndGiveTheTime() throws {
        let config = try SigningConfig.publicGood()
        let plan = try WitnessPlan(config, at: now, root: .publicGood())
        #expect(plan.timestamps != nil && plan.log != nil && plan.givesTime)
        let authority = try #require(config.certificateAuthorities.usable(at: now, versions: [1]).first)
        for url in plan.urls + [authority.url] { #expect(PublicInstance.contains(url)) }
    }

    @Test func prefersTheHighestVersionAndTheNewestOfEachOperator() throws {
        let config = try Self.config(logs: [
            Self.service("https://old-v1", by: "a"),
            Self.service("https://v2-old", version: 2, start: "2024-06-01T00:00:00Z", by: "a"),
            Self.service("https://v2-new", version: 2, start: "2025-06-01T00:00:00Z", by: "a"),
            Self.service("https://v3", version: 3, by: "a"),
            Self.service("https://ended", version: 2, end: "2025-01-01T00:00:00Z", by: "b"),
            Self.service("https://future", version: 2, start: "2030-01-01T00:00:00Z", by: "b"),
            Self.service("https://other-v1", by: "b"), Self.service("https://third-v2", version: 2, by: "c"),
        ])
        let usable = config.transparencyLogs.usable(at: now, versions: [1, 2]).map(\.url)
        #expect(usable == ["https://v2-new", "https://third-v2", "https://other-v1"])
        #expect(
            config.transparencyLogs.usable(at: now, versions: [1]).map(\.url) == ["https://old-v1", "https://other-v1"])
    }

    @Test func readsSelectors() throws {
        let log = Self.service("https://log")
        #expect(try Self.config(logs: [log]).transparencyLogSelector == .any)
        #expect(try Self.config(logs: [log], selector: #"{"selector":"ALL"}"#).transparencyLogSelector == .all)
        let exact = try Self.config(logs: [log], selector: #"{"selector":"EXACT","count":3}"#)
        #expect(exact.transparencyLogSelector == .exactly(3))
        for wrong in [#"{"selector":"EXACT"}"#, #"{"selector":"SOME"}"#, "{}", "null"] {
            #expect(throws: SigstoreError.self) { try Self.config(logs: [log], selector: wrong) }
        }
    }

    @Test func refusesWhatItDoesNotKnow() throws {
        #expect(throws: SigstoreError.self) { try Self.config(logs: [], extra: #","logsToAvoid":[]"#) }
        #expect(throws: SigstoreError.self) { try Self.config(logs: [#"{"majorApiVersion":1,"validFor":{}}"#]) }
        #expect(throws: SigstoreError.self) {
            try SigningConfig(
                parsing: Array(#"{"mediaType":"application/vnd.dev.sigstore.signingconfig.v0.1+json"}"#.utf8))
        }
    }

    @Test func refusesPlansThatCannotBeKept() throws {
        let log = Self.service("https://log.example.com", by: "a")
        func plan(_ config: SigningConfig) throws { _ = try WitnessPlan(config, at: now, root: .empty) }
        try plan(Self.config(logs: [log]))
        try plan(Self.config(logs: []))
        let expected = "Evidence of 2 services of the kind transparency log is asked for, and there are 1."
        let error = #expect(throws: SigningError.self) {
            try plan(Self.config(logs: [log, log], selector: #"{"selector":"EXACT","count":2}"#))
        }
        #expect("\(error as Any)".contains(expected))
        #expect(throws: SigningError.self) { try plan(Self.config(logs: [Self.service("https://x", version: 9)])) }
        #expect(throws: SigningError.self) { try plan(Self.config(logs: [Self.service("not an address")])) }
        #expect(throws: SigningError.self) {
            try WitnessPlan.log(url: "https://x.example.com", version: 3, root: .empty)
        }
    }

    @Test func namesWhereSignaturesAreSent() throws {
        let config = try Self.config(
            logs: [Self.service("https://rekor.sigstore.dev")],
            authorities: [Self.service("https://tsa.example.com/ts")])
        let plan = try WitnessPlan(config, at: now, root: .empty)
        #expect(plan.urls == ["https://tsa.example.com/ts", "https://rekor.sigstore.dev"])
        #expect(plan.urls.contains(where: PublicInstance.contains))
    }
}
