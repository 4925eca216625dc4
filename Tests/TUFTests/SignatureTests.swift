import Testing

@testable import TUF

/// Sections 4.1 and 4.2 of the specification: who signed, and what.
struct SignatureTests {
    @Test func aThresholdIsMetByAsManyDifferentKeys() async throws {
        let repository = try TestRepository()
        let keys = [try TestKey(), try TestKey(.ed25519), try TestKey(.rsaPSS)]
        repository.targets.keys = keys
        repository.targets.threshold = 2
        repository.targets.signers = [keys[0]]
        try repository.publish()
        await #expect(throws: TUFError.signatures(file: "targets.json", signers: "the root", expected: 2, found: 1)) {
            try await repository.refresh()
        }
        repository.targets.signers = [keys[0], keys[2]]
        repository.advance()
        try repository.publish()
        #expect(try await repository.refresh() == [1, 2, 2, 2])
    }

    @Test func oneKeyUnderTwoIdentifiersCountsOnce() async throws {
        let repository = try TestRepository()
        let key = try TestKey()
        repository.timestamp.keys = [key, TestKey(key, identifier: "another name")]
        repository.timestamp.threshold = 2
        try repository.publish()
        await #expect(throws: TUFError.signatures(file: "timestamp.json", signers: "the root", expected: 2, found: 1)) {
            try await repository.refresh()
        }
    }

    @Test func anIdentifierThatSignsTwiceIsRefused() async throws {
        let repository = try TestRepository()
        repository.timestamp.signers = repository.timestamp.keys + repository.timestamp.keys
        try repository.publish()
        await #expect(
            throws: TUFError.malformed(file: "timestamp.json", field: "signatures.keyid", problem: "is there twice")
        ) { try await repository.refresh() }
    }

    @Test func aRoleThatNamesAKeyTwiceIsRefused() throws {
        let repository = try TestRepository()
        repository.timestamp.keys += repository.timestamp.keys
        try repository.publish()
        #expect(
            throws: TUFError.malformed(
                file: "root.json", field: "roles.timestamp.keyids", problem: "names a key twice")
        ) { try repository.updater() }
    }

    @Test func keysOfUnknownSchemesAndDamagedOnesDoNotCount() async throws {
        let repository = try TestRepository()
        let good = repository.snapshot.keys
        let strange = [try TestKey(), try TestKey(.ed25519), try TestKey()]
        repository.snapshot.keys = good + strange
        repository.root.edit = { signed in
            guard var keys = signed["keys"] as? [String: Any],
                var first = keys[strange[0].identifier] as? [String: Any],
                var third = keys[strange[2].identifier] as? [String: Any]
            else { return }
            first["scheme"] = "sphincs-shake-128s"
            third["keyval"] = ["public": "no key"]
            keys[strange[0].identifier] = first
            keys[strange[1].identifier] =
                [
                    "keytype": "ed25519", "scheme": "ed25519", "keyval": ["public": "00ff"],
                ] as [String: Any]
            keys[strange[2].identifier] = third
            signed["keys"] = keys
        }
        repository.snapshot.threshold = 2
        try repository.publish()
        await #expect(throws: TUFError.signatures(file: "snapshot.json", signers: "the root", expected: 2, found: 1)) {
            try await repository.refresh()
        }
        repository.snapshot.threshold = 1
        let again = try TestRepository()
        again.root = repository.root
        again.timestamp = repository.timestamp
        again.snapshot = repository.snapshot
        again.targets = repository.targets
        try again.publish()
        #expect(try await again.refresh() == [1, 1, 1, 1])
    }

    @Test func aSignatureByAnotherSchemeThanTheKeysDoesNotCount() async throws {
        let repository = try TestRepository(.rsaPSS)
        try repository.publish()
        let pkcs1 = try TestKey(.rsaPKCS1)
        repository.timestamp.keys = [pkcs1]
        repository.root.edit = { signed in
            guard var keys = signed["keys"] as? [String: Any], var key = keys[pkcs1.identifier] as? [String: Any]
            else { return }
            key["scheme"] = "rsassa-pss-sha256"
            keys[pkcs1.identifier] = key
            signed["keys"] = keys
        }
        repository.root.version = 2
        try repository.publish()
        await #expect(throws: TUFError.signatures(file: "timestamp.json", signers: "the root", expected: 1, found: 0)) {
            try await repository.refresh()
        }
    }

    @Test func whatNobodyKnowsIsSignedToo() async throws {
        let repository = try TestRepository()
        repository.timestamp.edit = { $0["x-note"] = ["ünïcode \"and\" \\ 𝄞\n", 1, true] as [Any] }
        try repository.publish()
        #expect(try await repository.refresh() == [1, 1, 1, 1])
        repository.timestamp.version = 2
        repository.timestamp.damage = { file in
            guard var signed = file["signed"] as? [String: Any] else { return }
            signed["x-note"] = "something else"
            file["signed"] = signed
        }
        try repository.publishBelowRoot()
        await #expect(throws: TUFError.signatures(file: "timestamp.json", signers: "the root", expected: 1, found: 0)) {
            try await repository.refresh()
        }
    }

    @Test func numbersWithFractionsHaveNoCanonicalForm() async throws {
        let repository = try TestRepository()
        try repository.publish()
        repository.timestamp.damage = { file in
            guard var signed = file["signed"] as? [String: Any] else { return }
            signed["x-note"] = 1.5
            file["signed"] = signed
        }
        try repository.publishBelowRoot()
        await #expect(
            throws: TUFError.malformed(
                file: "timestamp.json", field: "signed", problem: "holds a number that is not an integer")
        ) { try await repository.refresh() }
    }

    @Test func metadataOfAnotherRoleIsRefused() async throws {
        let repository = try TestRepository()
        try repository.publish()
        repository.mirror["timestamp.json"] = repository.mirror["1.snapshot.json"]
        await #expect(
            throws: TUFError.malformed(
                file: "timestamp.json", field: "_type", problem: "is 'snapshot' instead of 'timestamp'")
        ) { try await repository.refresh() }
    }

    @Test func metadataOfAnotherSpecificationIsRefused() async throws {
        let repository = try TestRepository()
        repository.timestamp.edit = { $0["spec_version"] = "2.0.0" }
        try repository.publish()
        await #expect(throws: TUFError.self) { try await repository.refresh() }
    }
}
