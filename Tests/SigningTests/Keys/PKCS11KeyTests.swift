import AssayTestSupport
import Foundation
import Signing
import Sigstore
import Testing

@Suite(
    .timeLimit(.minutes(2)),
    .enabled(
        if: Requirement.softHSM.mayRun,
        "SoftHSM is not there: apt-get install softhsm2 libengine-pkcs11-openssl"))
struct PKCS11KeyTests {
    private let message = Array("a message".utf8)

    /// A token of its own with one key in it, and the environment that leads there.
    private func environment(_ key: TestKey, pin: String) throws -> [String: String] {
        let folder = key.folder
        let tokens = folder.path + "/tokens"
        try FileManager.default.createDirectory(atPath: tokens, withIntermediateDirectories: false)
        try folder.write("directories.tokendir = \(tokens)\nlog.level = ERROR\n".utf8, to: "softhsm2.conf")
        try folder.write(pin.utf8, to: "pin")
        let variables = ["SOFTHSM2_CONF": folder.path + "/softhsm2.conf"]
        let tool = try Requirement.softHSM.find()
        try Tool.output(
            of: tool, ["--init-token", "--free", "--label", "release", "--so-pin", "12345678", "--pin", "87654321"],
            environment: variables)
        try Tool.output(
            of: tool,
            ["--import", key.path, "--token", "release", "--label", "signing", "--id", "01", "--pin", "87654321"],
            environment: variables)
        return variables.merging([
            "PATH": "/usr/bin:/bin", "PKCS11_MODULE_PATH": "/usr/lib/softhsm/libsofthsm2.so",
        ]) { $1 }
    }

    private func reference(_ key: TestKey) throws -> KeyReference {
        try KeyReference("pkcs11:token=release;object=signing;pin-source=file:\(key.folder.path)/pin")
    }

    @Test(arguments: [TestKey.Kind.p256, .p384, .rsa]) func signsWithAKeyThatStaysInItsToken(kind: TestKey.Kind)
        async throws
    {
        let key = try TestKey(kind)
        let source = try await reference(key).open(environment: environment(key, pin: "87654321"))
        #expect(source.publicKey.der == (try key.publicKey().der))
        #expect(source.publicKey.verifies(try await source.signature(over: message), of: message))
    }

    @Test func aWrongPINIsAFailureThatDoesNotShowIt() async throws {
        let key = try TestKey()
        let environment = try environment(key, pin: "55555555")
        let (reference, publicKey) = (try reference(key), try key.publicKey())
        do throws(SigningError) {
            _ = try await reference.open(environment: environment, publicKey: publicKey).signature(over: message)
            Issue.record("It signed.")
        } catch {
            guard case .service = error else { throw error }
            #expect(!"\(error)".contains("55555555"))
        }
    }
}
