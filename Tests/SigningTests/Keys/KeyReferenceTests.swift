import AssayTestSupport
import Signing
import Testing

@Suite struct KeyReferenceTests {
    @Test(arguments: [
        ("key.pem", KeyReference.file("key.pem")), ("/a:b/key.pem", .file("/a:b/key.pem")),
        ("hashivault://release", .vault(name: "release", product: .hashiCorp)),
        ("openbao://release", .vault(name: "release", product: .openBao)),
        ("awskms:///alias/release", .awsKMS(endpoint: nil, key: "alias/release")),
        (
            "awskms:///arn:aws:kms:eu-west-1:111122223333:key/1234abcd",
            .awsKMS(endpoint: nil, key: "arn:aws:kms:eu-west-1:111122223333:key/1234abcd")
        ),
        ("awskms://localhost:4566/alias/a", .awsKMS(endpoint: "localhost:4566", key: "alias/a")),
        ("pkcs11:token=a;object=b", .pkcs11(uri: "pkcs11:token=a;object=b")),
        ("command:sign --with it", .command("sign --with it")),
    ])
    func saysWhereAKeyIs(text: String, expected: KeyReference) throws {
        #expect(try KeyReference(text) == expected)
    }

    @Test(arguments: [
        "", "awskms://", "awskms:///", "command: ", "gcpkms://x", "pkcs11:object=a;pin-value=1234", "k8s://a/b",
    ])
    func whatNamesNoKeyIsRefusedWithAnExample(text: String) {
        let error = #expect(throws: SigningError.self) { try KeyReference(text) }
        guard case .configuration = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(!"\(String(describing: error))".contains("1234"))
    }

    @Test(arguments: [
        ("hashivault://a", [:], "VAULT_ADDR"), ("openbao://a", [:], "BAO_ADDR"),
        ("hashivault://a", ["VAULT_ADDR": "http://127.0.0.1:1", "HOME": "/nonexistent"], "VAULT_TOKEN"),
        ("hashivault://a", ["VAULT_ADDR": "ftp://x", "VAULT_TOKEN": "t0kenintest"], "http"),
        ("hashivault://a/b", ["VAULT_ADDR": "http://127.0.0.1:1", "VAULT_TOKEN": "t0kenintest"], "name"),
        ("awskms:///alias/a", ["AWS_EC2_METADATA_DISABLED": "true"], "AWS_REGION"),
        (
            "awskms:///alias/a",
            ["AWS_EC2_METADATA_DISABLED": "true", "AWS_REGION": "eu-west-1", "HOME": "/nonexistent"],
            "credentials"
        ),
        ("awskms:///alias/a", ["AWS_REGION": "x/y"], "region"),
    ])
    func whatIsMissingIsNamed(text: String, environment: [String: String], words: String) async throws {
        let reference = try KeyReference(text)
        let error = await #expect(throws: SigningError.self) { try await reference.open(environment: environment) }
        #expect("\(String(describing: error))".contains(words))
        #expect(!"\(String(describing: error))".contains("t0kenintest"))
    }
}
