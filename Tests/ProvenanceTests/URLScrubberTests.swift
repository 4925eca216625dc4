import Testing

@testable import Provenance

@Suite struct URLScrubberTests {
    @Test(arguments: [
        ("http://gitlab-ci-token:abc@host/x.git", "http://host/x.git"),
        ("https://user@host/x", "https://host/x"),
        ("https://u:p@\u{338}host/x", "https://\u{338}host/x"),
        ("https://a:b@c@host/x", "https://host/x"),
        ("https://user:pa/ss@host/x", "https://host/x"), ("https://user:p?a#s@host/x?a=1", "https://host/x?a=1"),
        ("https://user:p%2F@host:8443/x?a=1", "https://host:8443/x?a=1"),
        ("s3://KEY:SECRET@bucket/prefix", "s3://bucket/prefix"),
    ])
    func removesUserInfo(_ url: String, _ scrubbed: String) {
        #expect(URLScrubber.scrub(url) == scrubbed)
    }

    @Test(arguments: [
        ("https://h/x?private_token=abc&a=1", "https://h/x?private_token=[MASKED]&a=1"),
        (
            "https://h/x?X-Amz-Signature=ab&X-Amz-Credential=c",
            "https://h/x?X-Amz-Signature=[MASKED]&X-Amz-Credential=[MASKED]"
        ),
        ("https://h/x?sv=1&sig=ab", "https://h/x?sv=[MASKED]&sig=[MASKED]"),
        ("https://h/x?a=1;PASSWORD=p", "https://h/x?a=1;PASSWORD=[MASKED]"),
        ("https://h/x?token=\u{338}abc&\u{301}a=1", "https://h/x?token=[MASKED]&\u{301}a=1"),
        ("https://h/x?%74oken=abc", "https://h/x?%74oken=[MASKED]"),
        ("https://h/x#access_token=abc&b=2", "https://h/x#access_token=[MASKED]&b=2"),
        ("https://h/x?url=https://u:p@h", "https://h/x?url=[MASKED]"),
        ("https://h/x?url=https%3A%2F%2Fu%3Ap%40h", "https://h/x?url=[MASKED]"),
        ("https://h/x?https://u:p@h", "https://h/x?[MASKED]"),
    ])
    func masksSecretParameters(_ url: String, _ scrubbed: String) {
        #expect(URLScrubber.scrub(url) == scrubbed)
    }

    @Test(arguments: [
        "https://h/@scope/name", "https://h:8443/x@1", "https://[::1]:80/a@b", "s3://bucket/key", "not a url", "",
        "https://h/x?a=1&b=&design=2#part", "https://h/x?token=", "git@host:path", "https://", "://",
    ])
    func leavesHarmlessTextAsItIs(_ url: String) {
        #expect(URLScrubber.scrub(url) == url)
    }

    @Test func urlsInURLsAreFollowedOnlySoFar() {
        let nested = String(repeating: "x://?a=", count: 100_000)
        #expect(URLScrubber.scrub(nested) == "x://?a=[MASKED]")
    }

    @Test func scrubbingTwiceChangesNothingMore() {
        for url in ["https://u:p@h/x?token=a", "https://a@b@c/d?url=https://u:p@h"] {
            #expect(URLScrubber.scrub(URLScrubber.scrub(url)) == URLScrubber.scrub(url))
        }
    }
}
