import AssayTestSupport
import Foundation
import Signing
import Sigstore
import Testing

@Suite(.timeLimit(.minutes(3))) struct CommandKeyTests {
    private let message = Array("a message".utf8)
    private let environment = ["PATH": "/usr/bin:/bin", "PASSWORD": "s3cretpassword"]

    private func command(_ key: TestKey, _ more: String = "") -> String {
        let options =
            switch key.kind {
            case .p256, .p384: ""
            case .rsa: " -pkeyopt digest:sha256"
            case .ed25519: " -rawin -in /dev/fd/0"
            }
        // Ed25519 wants a file, whose size it can tell.
        let input = key.kind == .ed25519 ? "cat >\(key.folder.path)/in; exec <\(key.folder.path)/in; " : ""
        return "\(input)openssl pkeyutl -sign -inkey \(key.path)\(options)\(more)"
    }

    @Test(arguments: TestKey.Kind.allCases) func aProgramSignsWithAKeyThatItAloneHas(kind: TestKey.Kind) async throws {
        let key = try TestKey(kind)
        let source = try await CommandKey(
            command: command(key), publicKey: key.publicKey(), environment: environment)
        let signature = try await source.signature(over: message)
        #expect(try key.publicKey().verifies(signature, of: message))
    }

    @Test func theSignatureMayBeInBase64AndTheProgramMayTellItsKey() async throws {
        let key = try TestKey()
        let line = """
            case $ASSAY_KEY_ACTION-$ASSAY_KEY_HASH in
            public-key-) cat \(key.publicPath) ;;
            sign-sha256) \(command(key)) | base64 ;;
            *) exit 9 ;;
            esac
            """
        let source = try await CommandKey(command: line, environment: environment)
        #expect(source.publicKey.der == (try key.publicKey().der))
        #expect(source.publicKey.verifies(try await source.signature(over: message), of: message))
    }

    @Test(arguments: ["echo nonsense", "true", "head -c 70 /dev/zero"])
    func whatIsNoSignatureIsNotUsed(line: String) async throws {
        let key = try TestKey()
        let source = try await CommandKey(command: line, publicKey: key.publicKey(), environment: environment)
        let error = await error { () throws(SigningError) in try await source.signature(over: message) }
        guard case .untrue = error else { throw try #require(error) }
    }

    @Test func theSignatureOfAnotherKeyIsNotUsed() async throws {
        let source = try await CommandKey(
            command: command(try TestKey()), publicKey: try TestKey().publicKey(), environment: environment)
        let error = await error { () throws(SigningError) in try await source.signature(over: message) }
        // The other key's file is gone with the test's last use of it, or its signature is refused: never a signature.
        #expect(error != nil)
    }

    @Test(arguments: [
        ("echo $PASSWORD; exit 5", "status 5"), ("exec sleep 600", "1 s"), ("yes $PASSWORD", "262144 bytes"),
    ])
    func aProgramThatFailsIsReportedWithoutWhatItPrinted(line: String, words: String) async throws {
        var limits = IdentityLimits()
        limits.programSeconds = 1
        let key = try TestKey()
        let source = try await CommandKey(
            command: line, publicKey: key.publicKey(), environment: environment, limits: limits)
        let found = await error { () throws(SigningError) in try await source.signature(over: message) }
        guard case .service(_, _, nil, let reason, _) = found else { throw try #require(found) }
        #expect(reason.contains(words) || words.hasSuffix("bytes") && reason.contains("1 s"))
        #expect(!"\(String(describing: found))".contains("s3cretpassword"))
    }

    @Test func noMoreThanSoManyProgramsRunAtOnce() async throws {
        let key = try TestKey()
        var limits = IdentityLimits()
        limits.concurrentPrograms = 3
        // Each leaves a mark while it runs, and fails if there are more than three.
        let folder = try TemporaryFolder()
        let line = """
            : >"\(folder.path)/$$"; count=$(ls "\(folder.path)" | wc -l)
            \(command(key)); status=$?
            rm "\(folder.path)/$$"; [ $count -le 3 ] && exit $status; exit 77
            """
        let source = try await CommandKey(
            command: line, publicKey: key.publicKey(), environment: environment, limits: limits)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<20 { group.addTask { _ = try await source.signature(over: message) } }
            try await group.waitForAll()
        }
    }

    @Test func cancellationEndsTheProgramAndThoseThatWaitForTheirTurn() async throws {
        let key = try TestKey()
        var limits = IdentityLimits()
        limits.concurrentPrograms = 1
        let source = try await CommandKey(
            command: "sleep 600", publicKey: key.publicKey(), environment: environment, limits: limits)
        let tasks = (0..<5).map { _ in Task { try await source.signature(over: message) } }
        for task in tasks { task.cancel() }
        for task in tasks { await #expect(throws: SigningError.cancelled) { try await task.value } }
    }

    private func error(_ body: () async throws(SigningError) -> [UInt8]) async -> SigningError? {
        do throws(SigningError) {
            _ = try await body()
            return nil
        } catch {
            return error
        }
    }
}
