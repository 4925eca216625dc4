import AssayModel
import AssayTestSupport
import DigestCatalog
import Indexing
import Provenance
import Signing
import Sigstore
import Synchronization
import Testing

@Suite struct AttesterTests {
    /// Statuses of all attestations of the artifact with these contents.
    private func statuses(_ workshop: Workshop, _ text: String) throws -> [Attestation.Status] {
        try workshop.catalog.attestations(of: SHA256Digest(of: text.utf8)).map(\.status)
    }

    @Test func attestsADigestOnceWhereverItLies() async throws {
        let workshop = try Workshop()
        try await workshop.put("a.zip", ["x": "same", "y": "same", "z": "other"])
        try await workshop.put("b.zip", ["q": "same"])
        try await workshop.put("loose", Array("same".utf8))
        try await workshop.index()
        let clerk = try Clerk()
        let report = try await clerk.attest(workshop)
        #expect(report.statements == 2)
        #expect(report.artifacts == 2)
        #expect(clerk.calls == 2)
        #expect(Set(try workshop.tree().values.filter { $0.artifact?.size == 4 }.map { $0.bundle?.id }).count == 1)
        #expect(try workshop.tree().values.allSatisfy { $0.bundle != nil })
        #expect(try await clerk.attest(workshop).statements == 0)
        #expect(clerk.calls == 2, "a second run signs nothing")
    }

    @Test func theBundleVerifiesAndTheStatementTellsWhatWasSeen() async throws {
        let workshop = try Workshop()
        try await workshop.put("builds/7 +.zip", ["dist/app.txt": "contents"])
        try await workshop.put("loose/tool", Array("tool".utf8))
        try await workshop.index()
        let clerk = try Clerk()
        try await clerk.attest(workshop)
        for (text, name, uri, entry) in [
            ("contents", "dist/app.txt", "s3://bucket/builds/7%20%2B.zip", "dist/app.txt"),
            ("tool", "tool", "s3://bucket/loose/tool", nil as String?),
        ] {
            let attestation = try #require(
                try workshop.catalog.attestations(of: SHA256Digest(of: text.utf8)).first)
            let bytes = try #require(try workshop.catalog.bundle(ofAttestation: attestation.id))
            let bundle = try SigstoreBundle(parsing: Array(bytes))
            let policy = VerificationPolicy.key(
                clerk.key.publicKey, expecting: .statement(predicateType: PredicateType.slsaProvenanceV1)
            ).insecureIgnoringTransparencyLog().insecureIgnoringTime()
            let verifier = Verifier(root: .empty)
            let verified = try verifier.verify(
                bundle, artifact: ArtifactIdentity(bytes: Array(text.utf8)), policy: policy)
            #expect(verified.subject?.name == name)
            let predicate = try #require(verified.statement).predicate
            let dependency = predicate["buildDefinition"]?["resolvedDependencies"]?.array?.first
            #expect(dependency?["uri"]?.string == uri)
            #expect(predicate["buildDefinition"]?["externalParameters"]?["entry"]?.string == entry)
            #expect(predicate["runDetails"]?["builder"]?["id"]?.string == Observation.Observer.defaultID)
            #expect(attestation.predicateType == PredicateType.slsaProvenanceV1)
            #expect(attestation.expires == Timestamp(seconds: now.seconds + twoYears))
            #expect(throws: SigstoreError.self) {
                try verifier.verify(
                    bundle, artifact: ArtifactIdentity(bytes: Array("Contents".utf8)), policy: policy)
            }
        }
    }

    @Test func anArchiveOfManyHasAStatementForEach1024() async throws {
        let workshop = try Workshop()
        let entries = (0..<2500).map { ZipBuilder.Entry("f/\($0)", Array("content \($0)".utf8)) }
        try await workshop.put("many.zip", ZipBuilder(entries).build())
        try await workshop.put("more.zip", ["x": "content 3", "y": "own"])
        try await workshop.put("loose", [1])
        try await workshop.index(jobs: 1)
        let clerk = try Clerk()
        let report = try await clerk.attest(workshop, scope: .archive)
        #expect(report.artifacts == 2502)
        #expect(report.failed == 0)
        let sizes = try clerk.statements().map(\.subjects.count)
        #expect(sizes.sorted() == [1, 1, 452, 1024, 1024])
        let uris = try clerk.statements().map { statement in
            statement.predicate["buildDefinition"]?["resolvedDependencies"]?.array?.first?["uri"]?.string ?? ""
        }
        #expect(uris.sorted() == ["loose", "many.zip", "many.zip", "many.zip", "more.zip"].map { "s3://bucket/" + $0 })
        #expect(
            try clerk.statements().allSatisfy {
                $0.predicate["buildDefinition"]?["externalParameters"]?["entry"] == nil
            })
        #expect(try workshop.tree().values.allSatisfy { $0.bundle != nil })
        #expect(try await clerk.attest(workshop, scope: .archive).statements == 0)
    }

    @Test func whatFailsOnceInARunIsTriedOnceInThatRun() async throws {
        let workshop = try Workshop()
        let entries = (0..<700).map { ZipBuilder.Entry("f/\($0)", Array("content \($0)".utf8)) }
        try await workshop.put("a.zip", ZipBuilder(entries).build())
        try await workshop.put("b.zip", ZipBuilder(entries + [ZipBuilder.Entry("own", "own")]).build())
        try await workshop.index(jobs: 1)
        let clerk = try Clerk { $0.subjects.count > 1 }
        let report = try await clerk.attest(workshop, scope: .archive)
        #expect(report.failed == 700)
        #expect(report.artifacts == 1)
        #expect(clerk.calls == 2)
    }

    @Test(arguments: Attester.Scope.allCases) func aFailureIsRecordedAndTriedAgain(scope: Attester.Scope) async throws {
        let workshop = try Workshop()
        for name in ["a", "b", "c"] { try await workshop.put("\(name).zip", [name: "of \(name)"]) }
        try await workshop.index()
        let locked = try Clerk { $0.subjects.contains { $0.name == "b" } }
        let log = Log<AttestEvent>()
        for _ in 0..<2 {
            _ = try await locked.attester(of: workshop.catalog, scope: scope).run { log.add($0) }
        }
        #expect(locked.calls == 4, "the two that succeeded are not signed again")
        #expect(try statuses(workshop, "of a") == [.success])
        #expect(try statuses(workshop, "of b") == [.error])
        #expect(try statuses(workshop, "of c") == [.success])
        let failures = log.events.compactMap { event -> String? in
            if case .failed(let digest, let reason) = event { return "\(digest) \(reason)" }
            return nil
        }
        #expect(failures.count == 2)
        #expect(failures.allSatisfy { $0.hasPrefix("\(SHA256Digest(of: "of b".utf8))") })
        let problem = try #require(try workshop.catalog.problems(limit: 9).first)
        #expect(problem.kind == .attestation)
        #expect(problem.reason.contains("the key is locked away"))
        #expect(try workshop.tree()["b/b"]?.bundle == nil)

        let report = try await Clerk().attest(workshop, scope: scope)
        #expect(report.artifacts == 1)
        #expect(try statuses(workshop, "of b") == [.success], "the failure is replaced")
        #expect(try workshop.catalog.problems(limit: 9).isEmpty)
    }

    @Test(arguments: Attester.Scope.allCases) func nothingIsSignedTwiceAfterACancelledRun(scope: Attester.Scope)
        async throws
    {
        let workshop = try Workshop()
        let count = 600
        for number in 0..<count { try await workshop.put("f/\(number)", Array("content \(number)".utf8)) }
        try await workshop.index()
        let canceller = Mutex<(@Sendable () -> Void)?>(nil)
        let clerk = try Clerk(beforeCall: { call in if call == 300 { canceller.withLock { $0 }?() } })
        let gate = AsyncStream<Void>.makeStream()
        let task = Task {
            for await _ in gate.stream { break }
            return try await clerk.attest(workshop, scope: scope)
        }
        canceller.withLock { $0 = { task.cancel() } }
        gate.continuation.finish()
        let result = await task.result
        #expect {
            try result.get()
        } throws: { error in
            if case IndexingError.cancelled = error { true } else { false }
        }
        #expect(clerk.calls < count)
        let report = try await clerk.attest(workshop, scope: scope)
        #expect(report.artifacts > 0)
        #expect(clerk.calls == count)
        let status = try workshop.catalog.status(now: now)
        #expect(status.attested == count)
    }

    @Test func anExpiredAttestationIsRenewedAndOnlyThat() async throws {
        let workshop = try Workshop()
        try await workshop.put("old", [1])
        try await workshop.index()
        let clerk = try Clerk()
        try await clerk.attest(workshop)
        try await workshop.put("new", [2])
        try await workshop.index()
        let later = Timestamp(seconds: now.seconds + twoYears - 1)
        #expect(try await clerk.attest(workshop, at: later).artifacts == 1)
        let expired = Timestamp(seconds: now.seconds + twoYears)
        #expect(try await clerk.attest(workshop, at: expired).artifacts == 1)
        #expect(clerk.calls == 3)
        #expect(try workshop.catalog.attestations(of: SHA256Digest(of: [1])).count == 2)
        let shown = try #require(try workshop.tree()["old"]?.bundle)
        #expect(shown.created == expired, "the newest bundle is the one that is shown")
        #expect(try await clerk.attest(workshop, at: expired).artifacts == 0)
    }

    @Test func whatIsInNoStoreIsNotAttested() async throws {
        let workshop = try Workshop()
        try await workshop.put("a.zip", ["x": "1"])
        try await workshop.put("b.zip", ["y": "2"])
        try await workshop.index()
        workshop.bucket.remove(ObjectKey("a.zip"))
        try await workshop.index()
        let clerk = try Clerk()
        #expect(try await clerk.attest(workshop).artifacts == 1)
        #expect(try statuses(workshop, "1").isEmpty)
    }

    @Test func onlyOneRunAtATimeAttests() async throws {
        let workshop = try Workshop()
        let claim = try workshop.catalog.claim(role: "attest")
        let clerk = try Clerk()
        await #expect {
            try await clerk.attest(workshop)
        } throws: { error in
            if case IndexingError.catalog(.held) = error { true } else { false }
        }
        withExtendedLifetime(claim) {}
    }
}
