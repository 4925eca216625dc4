import Sigstore
import Synchronization
import Testing

@testable import Signing

/// A witness that appends its number as a timestamp, or fails.
private final class Scripted: Witness {
    let url: String
    private let mark: UInt8
    private let failure: SigningError?
    let asked = Mutex(0)

    init(_ mark: UInt8, failing failure: SigningError? = nil) {
        self.mark = mark
        self.failure = failure
        url = "https://witness-\(mark).example.com"
    }

    func witness(_ bundle: SigstoreBundle) async throws(SigningError) -> SigstoreBundle {
        asked.withLock { $0 += 1 }
        if let failure { throw failure }
        var bundle = bundle
        bundle.timestamps.append([mark])
        return bundle
    }
}

extension WitnessPlan {
    /// The bundle with all the evidence that the plan asks for.
    func witness(_ bundle: SigstoreBundle) async throws(SigningError) -> SigstoreBundle {
        var bundle = bundle
        for half in [timestamps, log] {
            if let half { bundle = try await half.witness(bundle) }
        }
        return bundle
    }
}

@Suite struct WitnessPlanTests {
    private let bundle = SigstoreBundle(
        signer: .publicKey(hint: "x"), content: .envelope(Envelope(payload: [], payloadType: "t", signatures: [])))

    private static func down(_ url: String, mayPass: Bool = true) -> SigningError {
        .service(operation: "work", url: url, status: 503, reason: "down", mayPass: mayPass)
    }

    private func marks(_ logs: [Scripted], _ selector: SigningConfig.Selector) async throws -> [[UInt8]] {
        let plan = try WitnessPlan(timestampAuthorities: [Scripted(9)], logs: logs, logSelector: selector)
        return try await plan.witness(bundle).timestamps
    }

    @Test func asksTimestampAuthoritiesFirst() async throws {
        #expect(try await marks([Scripted(1), Scripted(2)], .all) == [[9], [1], [2]])
    }

    @Test func goesOnWithTheNextIfAnyWillDo() async throws {
        #expect(try await marks([Scripted(1, failing: Self.down("a")), Scripted(2), Scripted(3)], .any) == [[9], [2]])
        let liar = SigningError.untrue(operation: "work", url: "a", reason: "a lie")
        #expect(try await marks([Scripted(1, failing: liar), Scripted(2)], .any) == [[9], [2]])
    }

    @Test func needsAsManyAsAreAskedFor() async throws {
        let logs = [Scripted(1), Scripted(2, failing: Self.down("b")), Scripted(3), Scripted(4)]
        #expect(try await marks(logs, .exactly(2)) == [[9], [1], [3]])
        await #expect(throws: Self.down("b")) { _ = try await marks(logs, .all) }
        let more = [
            Scripted(1, failing: Self.down("a", mayPass: false)), Scripted(2, failing: Self.down("b")), Scripted(3),
        ]
        await #expect(throws: Self.down("a", mayPass: false)) { _ = try await marks(more, .all) }
        await #expect(throws: Self.down("b")) { _ = try await marks(more, .exactly(2)) }
    }

    @Test func endsAtOnceIfNoOtherWitnessCouldHelp() async throws {
        for failure in [SigningError.cancelled, .configuration(reason: "wrong", advice: "mend it")] {
            let second = Scripted(2)
            await #expect(throws: failure) { _ = try await marks([Scripted(1, failing: failure), second], .any) }
            #expect(second.asked.withLock { $0 } == 0)
        }
    }

    @Test func knowsWhetherSomebodyVouchesForTheTime() throws {
        let logs = try [1, 2].map { try WitnessPlan.log(url: "https://log.example.com", version: $0, root: .empty) }
        func givesTime(_ authorities: [any Witness], _ logs: [any Witness]) throws -> Bool {
            try WitnessPlan(timestampAuthorities: authorities, logs: logs, logSelector: .any).givesTime
        }
        #expect(try givesTime([], [logs[0]]))
        #expect(try givesTime([Scripted(1)], [logs[1]]))
        #expect(try !givesTime([], [logs[1]]))
        // Any of them may be the one that answers.
        #expect(try !givesTime([], logs))
        #expect(try !givesTime([], []))
    }

    @Test func doesNotWaitForAServiceThatIsDownEachTime() async throws {
        let first = Scripted(1, failing: Self.down("a"))
        let plan = try WitnessPlan(timestampAuthorities: [], logs: [first, Scripted(2)], logSelector: .any)
        for _ in 0..<5 { #expect(try await plan.witness(bundle).timestamps == [[2]]) }
        #expect(first.asked.withLock { $0 } == 1)
    }
}
