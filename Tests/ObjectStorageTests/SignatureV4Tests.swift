import AssayModel
import Testing

@testable import ObjectStorage

/// The examples of "Authenticating Requests: Using the Authorization Header" in the Amazon S3 API reference.
@Suite struct SignatureV4Tests {
    private let signer = SignatureV4(
        credentials: Credentials(
            accessKeyID: "AKIAIOSFODNN7EXAMPLE", secret: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
        region: "us-east-1", service: "s3", now: Timestamp(year: 2013, month: 5, day: 24))
    private let host = ("Host", "examplebucket.s3.amazonaws.com")
    private let nothing = SHA256Digest(of: [UInt8]())

    private func signature(_ headers: [(name: String, value: String)]) -> Substring? {
        headers.last { $0.name == "Authorization" }?.value.split(separator: "Signature=").last
    }

    @Test func signsAnObjectsRange() {
        let headers = signer.sign(
            "GET", path: "/test.txt", query: "", headers: [host, ("Range", "bytes=0-9")], payload: nothing)
        #expect(signature(headers) == "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41")
        #expect(headers.contains { $0 == ("x-amz-date", "20130524T000000Z") })
    }

    @Test func signsAnUploadWithADollarInItsKey() {
        let headers = signer.sign(
            "PUT", path: "/" + PercentEncoding.encode("test$file.text", keepingSlashes: true), query: "",
            headers: [host, ("Date", "Fri, 24 May 2013 00:00:00 GMT"), ("x-amz-storage-class", "REDUCED_REDUNDANCY")],
            payload: SHA256Digest(of: "Welcome to Amazon S3.".utf8))
        #expect(signature(headers) == "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd")
    }

    @Test func signsAParameterWithoutAValue() {
        let headers = signer.sign(
            "GET", path: "/", query: PercentEncoding.query([("lifecycle", "")]), headers: [host], payload: nothing)
        #expect(signature(headers) == "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543")
    }

    @Test func signsAListing() {
        let headers = signer.sign(
            "GET", path: "/", query: PercentEncoding.query([("prefix", "J"), ("max-keys", "2")]), headers: [host],
            payload: nothing)
        #expect(signature(headers) == "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7")
    }

    @Test func signsTheSessionTokenToo() {
        let signer = SignatureV4(
            credentials: Credentials(accessKeyID: "AKID", secret: "secret", sessionToken: "token"),
            region: "us-east-1", service: "s3", now: Timestamp(seconds: 0))
        let headers = signer.sign("GET", path: "/", query: "", headers: [host], payload: nothing)
        #expect(headers.contains { $0 == ("x-amz-security-token", "token") })
        #expect(headers.last?.value.contains(";x-amz-security-token,") == true)
    }

    @Test func encodesAllButUnreservedBytesOnce() {
        #expect(PercentEncoding.encode("a b+c%20/é~*'@", keepingSlashes: true) == "a%20b%2Bc%2520/%C3%A9~%2A%27%40")
        #expect(PercentEncoding.encode("/?#&=") == "%2F%3F%23%26%3D")
        #expect(PercentEncoding.query([("b", "/ "), ("a", "")]) == "a=&b=%2F%20")
    }

    @Test func decodesWhatListingsEncode() {
        #expect(PercentEncoding.decode("a+b%2Bc%20d%C3%A9") == "a b+c dé")
        for broken in ["%", "%4", "%zz", "%ff"] { #expect(PercentEncoding.decode(broken) == nil) }
    }

    @Test func addressesTheBucketAsItsNameAndEndpointAllow() throws {
        func url(
            _ bucket: String, _ endpoint: String?, _ addressing: S3Store.Addressing = .automatic,
            key: String = "//a/../b"
        ) throws -> String {
            let place = try S3Endpoint(bucket: bucket, region: "eu-west-1", endpoint: endpoint, addressing: addressing)
            return place.url(path: place.path(key), query: "")
        }
        #expect(try url("data", nil) == "https://data.s3.eu-west-1.amazonaws.com///a/../b")
        #expect(try url("my.data", nil) == "https://s3.eu-west-1.amazonaws.com/my.data///a/../b")
        #expect(try url("data", "http://127.0.0.1:9000/") == "http://127.0.0.1:9000/data///a/../b")
        #expect(try url("data", "https://s3.example.org:443/s3", key: "k") == "https://s3.example.org/s3/data/k")
        #expect(try url("data", "https://example.org", .virtualHost, key: "k") == "https://data.example.org/k")
        #expect(try url("data", nil, .path, key: "k") == "https://s3.eu-west-1.amazonaws.com/data/k")
        for bad in ["a", "a/b", "a b c", "..."] {
            #expect(throws: ObjectStorageError.self) { try url(bad, nil) }
        }
        for bad in ["ftp://example.org", "https://user:word@example.org", "example.org", "http://", "http://a?b=c"] {
            #expect(throws: ObjectStorageError.self) { try url("data", bad) }
        }
    }
}
