import Testing

@testable import ObjectStorage

@Suite struct StoreLocationTests {
    @Test(arguments: [
        ("s3://bucket", "s3://bucket"), ("s3://bucket/", "s3://bucket"), ("S3://bucket/a/b", "s3://bucket/a/b"),
        ("s3://bucket//lead ing/100%", "s3://bucket//lead ing/100%"), ("/a/./b//c/../d/", "/a/b/d"),
        ("folder", "/work folder/folder"), ("../x", "/x"), ("file:///a%20b/c", "/a b/c"), ("a:b", "/work folder/a:b"),
        ("/", "/"),
    ])
    func hasOneTextForEachPlace(_ text: String, _ canonical: String) throws {
        let location = try StoreLocation(text, workingFolder: "/work folder")
        #expect(location.description == canonical)
        #expect(try StoreLocation(canonical) == location)
    }

    @Test(arguments: ["", "s3://", "s3:///key", "gs://bucket/x", "file://server/folder", "a\0b"])
    func refusesWhatIsNoPlace(_ text: String) {
        #expect(throws: ObjectStorageError.self) { try StoreLocation(text) }
    }

    @Test func takesSettingsFromOptionsBeforeTheEnvironment() throws {
        let environment = [
            "AWS_REGION": "eu-north-1", "AWS_ENDPOINT_URL": "http://a", "AWS_ENDPOINT_URL_S3": "http://b",
            "HOME": "/nonexistent",
        ]
        var options = StoreOptions()
        var found = try StoreLocation.configuration(of: "bucket", environment: environment, options: options)
        #expect(found.region == "eu-north-1" && found.endpoint == "http://b" && found.credentials != nil)
        options.region = "us-west-2"
        options.endpoint = "http://c"
        options.isAnonymous = true
        found = try StoreLocation.configuration(of: "bucket", environment: environment, options: options)
        #expect(found.region == "us-west-2" && found.endpoint == "http://c" && found.credentials == nil)
    }

    @Test func opensAFolder() async throws {
        try await withTemporaryFolder { folder in
            let store = try StoreLocation(folder.path).open(environment: [:])
            #expect(try await store.list(prefix: "", from: nil, limit: 10).objects.isEmpty)
        }
    }
}
