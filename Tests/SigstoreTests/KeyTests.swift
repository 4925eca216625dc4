import AssayTestSupport
import Foundation
import Testing

@testable import Sigstore

@Suite struct KeyTests {
    static func secret(_ text: String) -> SecretBytes { SecretBytes(text.utf8) }

    static func error(_ body: () throws -> Void) -> SigstoreError? {
        do {
            try body()
            return nil
        } catch { return error as? SigstoreError }
    }

    @Test func aKeyComesBackFromItsFile() throws {
        let key = try SigningKey.generate()
        for passphrase in [nil, Self.secret("correct horse")] {
            let again = try SigningKey(pem: key.pem(passphrase: passphrase), passphrase: passphrase)
            #expect(again.publicKey.der == key.publicKey.der)
            #expect(try key.publicKey.verifies(again.sign([1, 2, 3]), of: [1, 2, 3]))
        }
        #expect(try PublicKey(pem: Array(key.publicKey.pem().utf8)).hint == key.publicKey.hint)
    }

    @Test func everyFaultOfAKeyHasItsName() throws {
        let key = try SigningKey.generate()
        let encrypted = try key.pem(passphrase: Self.secret("right"))
        let publicPEM = Self.secret(try key.publicKey.pem())
        func fault(_ pem: SecretBytes, _ passphrase: SecretBytes? = nil) -> SigstoreError? {
            Self.error { _ = try SigningKey(pem: pem, passphrase: passphrase) }
        }
        #expect(fault(encrypted) == .key(.passphraseNeeded))
        #expect(fault(encrypted, Self.secret("wrong")) == .key(.wrongPassphrase))
        #expect(fault(encrypted, Self.secret("")) == .key(.wrongPassphrase))
        #expect(fault(publicPEM) == .key(.publicKeyOnly))
        #expect(fault(Self.secret("hello")) == .key(.notAKey(found: nil)))
        #expect(fault(Self.secret("")) == .key(.notAKey(found: nil)))
        #expect(fault(Self.secret(Self.block("CERTIFICATE"))) == .key(.notAKey(found: "CERTIFICATE")))
        #expect(fault(Self.secret(Self.block("PRIVATE KEY"))) == .key(.damaged))
        #expect(fault(Self.secret(Self.block("ENCRYPTED PRIVATE KEY")), Self.secret("x")) == .key(.damaged))
        for label in ["ENCRYPTED SIGSTORE PRIVATE KEY", "ENCRYPTED COSIGN PRIVATE KEY"] {
            #expect(fault(Self.secret(Self.block(label)), Self.secret("x")) == .key(.cosignEncrypted))
        }
        #expect(
            fault(Self.secret(String(repeating: "x", count: 70_000)))
                == .limitExceeded(what: "bytes of a key", limit: 65_536))
        #expect(Self.error { _ = try key.pem(passphrase: Self.secret("")) } == .key(.emptyPassphrase))
        let privatePEM = try key.pem().withUnsafeBytes { Array($0) }
        #expect(Self.error { _ = try PublicKey(pem: privatePEM) } == .key(.privateKeyGiven))
        #expect(Self.error { _ = try PublicKey(pem: Array(Self.block("PUBLIC KEY").utf8)) } == .key(.damaged))
        #expect(Self.error { _ = try PublicKey(der: key.publicKey.der + [0]) } == .key(.damaged))
    }

    static func block(_ label: String) -> String { "-----BEGIN \(label)-----\nAAAA\n-----END \(label)-----\n" }

    @Test func signaturesAreOfTheKeyAndTheMessage() throws {
        let (key, other) = (try SigningKey.generate(), try SigningKey.generate())
        let signature = try key.sign([1])
        #expect(key.publicKey.verifies(signature, of: [1]))
        #expect(!key.publicKey.verifies(signature, of: [2]))
        #expect(!other.publicKey.verifies(signature, of: [1]))
        #expect(!key.publicKey.verifies([], of: [1]))
        #expect(!key.publicKey.verifies(signature + [0], of: [1]))
    }

    @Test func manyThreadsSignWithOneKey() async throws {
        let key = try SigningKey.generate()
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for task in 0..<8 {
                group.addTask {
                    for round in 0..<50 {
                        let message = Array("\(task) \(round)".utf8)
                        guard key.publicKey.verifies(try key.sign(message), of: message) else { return false }
                    }
                    return true
                }
            }
            for try await verified in group { #expect(verified) }
        }
    }

    @Test func secretsTakenOverLeaveNothingBehind() {
        var bytes: [UInt8] = [1, 2, 3]
        let secret = SecretBytes(wiping: &bytes)
        #expect(bytes.isEmpty)
        #expect(secret.withUnsafeBytes { Array($0) } == [1, 2, 3])
    }
}

@Suite(.enabled(if: SigstoreJudge.openssl.isRequired, "openssl is not installed"))
struct OpenSSLKeyTests {
    private func openssl(_ arguments: String, in folder: TemporaryFolder) throws {
        let outcome = try SigstoreJudge.openssl.run(arguments.split(separator: " ").map(String.init), in: folder.url)
        try #require(outcome.status == 0, "\(outcome.output)")
    }

    @Test(arguments: [
        "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out key.pem",
        "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -aes-256-cbc -pass pass:word -out key.pem",
        "ecparam -name prime256v1 -genkey -out key.pem",
        "ecparam -name prime256v1 -genkey -noout -out key.pem",
    ])
    func keysOfOpensslLoad(_ command: String) throws {
        let folder = try TemporaryFolder()
        try openssl(command, in: folder)
        let key = try SigningKey(pem: SecretBytes(folder.read("key.pem")), passphrase: KeyTests.secret("word"))
        try openssl("pkey -in key.pem -passin pass:word -pubout -out pub.pem", in: folder)
        #expect(try PublicKey(pem: folder.read("pub.pem")).der == key.publicKey.der)
    }

    @Test(arguments: ["-scrypt", "-v2 aes-128-cbc", "-v2 aes-256-cbc -v2prf hmacWithSHA512"])
    func everyEncryptionOfPKCS8Loads(_ options: String) throws {
        let folder = try TemporaryFolder()
        try folder.write(SigningKey.generate().pem().withUnsafeBytes { Array($0) }, to: "plain.pem")
        try openssl("pkcs8 -topk8 \(options) -in plain.pem -passout pass:word -out key.pem", in: folder)
        let pem = SecretBytes(try folder.read("key.pem"))
        #expect(throws: Never.self) { try SigningKey(pem: pem, passphrase: KeyTests.secret("word")) }
        #expect(throws: SigstoreError.key(.wrongPassphrase)) {
            try SigningKey(pem: pem, passphrase: KeyTests.secret("other"))
        }
    }

    @Test func theOlderEncryptionOfSEC1Loads() throws {
        let folder = try TemporaryFolder()
        try openssl("ecparam -name prime256v1 -genkey -noout -out plain.pem", in: folder)
        try openssl("ec -in plain.pem -aes128 -passout pass:word -out key.pem", in: folder)
        let pem = SecretBytes(try folder.read("key.pem"))
        #expect(throws: Never.self) { try SigningKey(pem: pem, passphrase: KeyTests.secret("word")) }
        #expect(throws: SigstoreError.key(.passphraseNeeded)) { try SigningKey(pem: pem) }
        #expect(throws: SigstoreError.key(.wrongPassphrase)) {
            try SigningKey(pem: pem, passphrase: KeyTests.secret("other"))
        }
    }

    @Test func opensslReadsOurKeys() throws {
        let folder = try TemporaryFolder()
        let key = try SigningKey.generate()
        try folder.write(key.pem(passphrase: KeyTests.secret("word")).withUnsafeBytes { Array($0) }, to: "key.pem")
        try openssl("pkey -in key.pem -passin pass:word -pubout -out pub.pem", in: folder)
        #expect(try folder.read("pub.pem") == Array(key.publicKey.pem().utf8))
    }

    @Test(arguments: [
        ("EC -pkeyopt ec_paramgen_curve:P-384", "EC P-384"),
        ("EC -pkeyopt ec_paramgen_curve:secp256k1", "EC secp256k1"),
        ("RSA -pkeyopt rsa_keygen_bits:2048", "RSA 2048"), ("ED25519", "Ed25519"),
    ])
    func otherKindsOfKeysAreRefusedForSigningByName(_ algorithm: String, _ name: String) throws {
        let folder = try TemporaryFolder()
        try openssl("genpkey -algorithm \(algorithm) -out key.pem", in: folder)
        let pem = SecretBytes(try folder.read("key.pem"))
        #expect(throws: SigstoreError.key(.unsupported(found: name, expected: "a key on the curve EC P-256"))) {
            try SigningKey(pem: pem)
        }
    }

    @Test(arguments: [
        ("EC -pkeyopt ec_paramgen_curve:P-256", "-sha256"), ("EC -pkeyopt ec_paramgen_curve:P-384", "-sha384"),
        ("EC -pkeyopt ec_paramgen_curve:P-384", "-sha256"), ("EC -pkeyopt ec_paramgen_curve:P-521", "-sha512"),
        ("RSA -pkeyopt rsa_keygen_bits:2048", "-sha256"),
        ("RSA -pkeyopt rsa_keygen_bits:3072", "-sha256 -sigopt rsa_padding_mode:pss"), ("ED25519", "-rawin"),
    ])
    func signaturesOfOpensslVerify(_ algorithm: String, _ options: String) throws {
        let folder = try TemporaryFolder()
        let message = Array("message".utf8)
        try folder.write(message, to: "message")
        try openssl("genpkey -algorithm \(algorithm) -out key.pem", in: folder)
        try openssl("pkey -in key.pem -pubout -out pub.pem", in: folder)
        if options == "-rawin" {
            try openssl("pkeyutl -sign -inkey key.pem -rawin -in message -out sig", in: folder)
        } else {
            try openssl("dgst \(options) -sign key.pem -out sig message", in: folder)
        }
        let key = try PublicKey(pem: folder.read("pub.pem"))
        let signature = try folder.read("sig")
        #expect(key.verifies(signature, of: message))
        #expect(!key.verifies(signature, of: message + [0]))
        guard let hash = DigestAlgorithm.allCases.first(where: { options.hasPrefix("-" + $0.rawValue) }) else { return }
        #expect(key.verifies(signature, ofDigest: try hash.digest(of: message), hash))
        #expect(!key.verifies(signature, ofDigest: try hash.digest(of: []), hash))
    }

    @Test func weakRSAKeysAreRefused() throws {
        let folder = try TemporaryFolder()
        try openssl("genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:1024 -out key.pem", in: folder)
        try openssl("pkey -in key.pem -pubout -out pub.pem", in: folder)
        let pem = try folder.read("pub.pem")
        #expect(KeyTests.error { _ = try PublicKey(pem: pem) }?.description.contains("RSA 1024") == true)
    }
}
