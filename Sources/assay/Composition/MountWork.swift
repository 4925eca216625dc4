import AssayConsole
import Indexing
import Synchronization

/// What goes on beside a mount: indexing, and attesting what indexing brings.
struct MountWork: Sendable {
    let console: Console
    var indexer: Indexer?
    var attester: Attester?

    /// Runs until everything is indexed and attested, or the task is cancelled.
    func run() async {
        let isIndexing = Flag(indexer != nil)
        await withTaskGroup(of: Void.self) { group in
            if let indexer {
                group.addTask {
                    await index(indexer)
                    isIndexing.value.store(false, ordering: .releasing)
                }
            }
            if let attester {
                group.addTask { await attest(attester) { isIndexing.value.load(ordering: .acquiring) } }
            }
        }
    }

    private final class Flag: Sendable {
        let value: Atomic<Bool>
        init(_ value: Bool) { self.value = Atomic(value) }
    }

    private func index(_ indexer: Indexer) async {
        let watcher = IndexWatcher(console)
        console.begin(JobProgress("Indexing", items: "objects"))
        do {
            let report = try await indexer.run(watcher.observe)
            console.endProgress()
            let entries = HumanNumber.count(report.entries, "entry", plural: "entries")
            console.note("Indexed \(HumanNumber.count(report.indexed, "object")): \(entries)")
        } catch {
            console.endProgress()
            if case .cancelled = error { return }
            console.warning("indexing stopped: \(error)")
        }
    }

    /// Attests until indexing has ended and nothing is left.
    private func attest(_ attester: Attester, while isIndexing: @Sendable () -> Bool) async {
        while true {
            let goesOn = isIndexing()
            do {
                let report = try await attester.run { event in
                    switch event {
                    case .failed(let digest, let reason), .pending(let digest, let reason):
                        console.warning("\(digest): \(reason)")
                    case .attested: break
                    }
                }
                if report.artifacts > 0 {
                    console.detail("Attested \(HumanNumber.count(report.artifacts, "artifact"))")
                }
            } catch {
                if case .cancelled = error { return }
                console.warning("attesting stopped: \(error)")
                return
            }
            if !goesOn { return }
            do { try await Task.sleep(for: .seconds(1)) } catch { return }
        }
    }
}
