import Testing

@testable import Signing

@Suite struct PublicInstanceTests {
    @Test(arguments: [
        "https://rekor.sigstore.dev", "https://REKOR.Sigstore.DEV/api", "https://rekor.sigstore.dev.",
        "HTTPS://sigstore.dev..",
        "https://log2025-1.rekor.sigstore.dev:443", "http://example.com@rekor.sigstore.dev",
        "http://user:example.com@rekor.sigstore.dev:8080/?x", "https://rekor.sigstage.dev",
    ])
    func knowsItselfInEverySpelling(_ url: String) { #expect(PublicInstance.contains(url)) }

    @Test(arguments: [
        "https://rekor.example.com", "https://sigstore.dev.example.com", "https://notsigstore.dev",
        "https://rekor.sigstore.dev@example.com", "https://example.com/rekor.sigstore.dev",
        "https://example.com?rekor.sigstore.dev", "http://127.0.0.1:3000", "http://[::1]:3000",
    ])
    func takesNoOtherForItself(_ url: String) { #expect(!PublicInstance.contains(url)) }

    @Test(arguments: [
        "rekor.sigstore.dev", "https://rekor.%73igstore.dev", "https://example.com\\@rekor.sigstore.dev",
        "https://rekor.ｓigstore.dev", "https://a@b@rekor.sigstore.dev", "https://example.com#@rekor.sigstore.dev", "",
    ])
    func takesWhatCannotBeReadForPublic(_ url: String) { #expect(PublicInstance.contains(url)) }
}
