import Signing
import Testing

@Suite struct SigningErrorTests {
    @Test func saysWhatHappenedToWhichService() {
        let error = SigningError.service(
            operation: "record the signature", url: "https://rekor.example.com", status: 503,
            reason: "it is being repaired",
            mayPass: true)
        #expect(
            "\(error)" == "https://rekor.example.com could not record the signature (HTTP 503): it is being repaired.")
    }
}
