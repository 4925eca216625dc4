import ArtifactView
import ChildProcess
import Foundation
import Synchronization
import Testing

@testable import AssayFUSE

@Suite(.enabled(if: FUSERequirement.isMet, FUSERequirement.message), .timeLimit(.minutes(5)))
struct MountedReadingTests {
    @Test(arguments: [true, false]) func readsGiveTheFilesBytesAtEveryOffsetAndSize(atOnce: Bool) async throws {
        let tree = MemoryTree()
        let bytes = pattern(20_001)
        tree.add("file", bytes: bytes, behaviour: atOnce ? .atOnce : .later)
        tree.add("empty")
        try await withMount(tree) { path, _ throws in
            for offset in [0, 1, 4095, 4096, 4097, 12_288, 19_999, 20_000, 20_001, 30_000] {
                for count in [0, 1, 7, 4096, 4097, 16_384, 65_536] {
                    let expected = bytes[min(offset, 20_001)..<min(offset + count, 20_001)]
                    #expect(try Call.read(path + "/file", offset: offset, count: count) == Array(expected))
                }
            }
            #expect(try Call.read(path + "/empty", count: 10) == [])
        }
    }

    @Test func directReadsAreAnsweredWithoutTheKernelsCache() async throws {
        let tree = MemoryTree()
        let bytes = pattern(100_000)
        tree.add("file", bytes: bytes, behaviour: .later)
        try await withMount(tree) { path, _ throws in
            let file = try Call.checked(open(path + "/file", O_RDONLY | directFlag))
            defer { close(file) }
            for (offset, count) in [(0, 4096), (512, 1024), (99_840, 4096), (98_304, 65_536), (102_400, 512)] {
                let expected = Array(bytes[min(offset, 100_000)..<min(offset + count, 100_000)])
                #expect(try Call.read(file, offset: offset, count: count) == expected)
            }
        }
    }

    @Test func manyReadersOfALargeFileAllGetItsBytes() async throws {
        let tree = MemoryTree()
        let bytes = pattern(3 << 20)
        tree.add("large", bytes: bytes, behaviour: .later)
        try await withMount(tree) { path, _ throws in
            let wrong = Atomic(0)
            DispatchQueue.concurrentPerform(iterations: 16) { reader in
                for step in 0..<48 {
                    let offset = (step * 65_537 + reader * 131_071) % bytes.count
                    let expected = bytes[offset..<min(offset + 70_000, bytes.count)]
                    let got = try? Call.read(path + "/large", offset: offset, count: 70_000)
                    if got != Array(expected) { wrong.add(1, ordering: .relaxed) }
                }
            }
            #expect(wrong.load(ordering: .relaxed) == 0)
        }
    }

    @Test func aReadAgainIsAnsweredByTheKernel() async throws {
        let tree = MemoryTree()
        tree.add("file", bytes: pattern(50_000))
        try await withMount(tree) { path, _ throws in
            let first = try Call.read(path + "/file", count: 50_000)
            let reads = tree.reads
            #expect(reads > 0)
            #expect(try Call.read(path + "/file", count: 50_000) == first)
            #expect(tree.reads == reads)
        }
    }

    @Test func aReadThatWaitsHoldsUpNeitherHitsNorMetadata() async throws {
        let tree = MemoryTree()
        let gate = Gate()
        tree.add("slow", bytes: pattern(5000), behaviour: .waiting(gate))
        tree.add("fast", bytes: pattern(5000))
        try await withMount(tree) { path, _ throws in
            let slow = Atomic(0)
            Thread.detachNewThread {
                let count = (try? Call.read(path + "/slow", count: 5000))?.count ?? -1
                slow.store(count, ordering: .sequentiallyConsistent)
            }
            waitUntil { gate.arrivals > 0 }
            #expect(try Call.read(path + "/fast", count: 5000) == pattern(5000))
            #expect(try Call.status(path + "/slow").st_size == 5000)
            #expect(try Call.names(path).count == 4)
            #expect(slow.load(ordering: .sequentiallyConsistent) == 0)
            gate.open()
            waitUntil { slow.load(ordering: .sequentiallyConsistent) != 0 }
            #expect(slow.load(ordering: .sequentiallyConsistent) == 5000)
        }
    }

    @Test func aShortAnswerIsAnErrorAndNeverZeros() async throws {
        let tree = MemoryTree()
        let lines = Lines()
        tree.add("short", bytes: pattern(8192), behaviour: .short)
        try await withMount(tree, log: lines.append) { path, _ throws in
            #expect(Call.code { _ = try Call.read(path + "/short", count: 8192) } == EIO)
        }
        #expect(lines.all.contains { $0.contains("brought only") })
    }

    @Test(arguments: [
        (ViewError.stale("bucket/a.zip was replaced"), ESTALE), (.damaged("bucket/b.zip differs"), EIO),
        (.unavailable("bucket/c.zip: no answer"), EIO), (.denied("bucket/d.zip"), EACCES), (.cancelled, EINTR),
        (.notFound, ENOENT),
    ])
    func anErrorOfTheViewReachesTheReaderAsItsNumberAndTheOperatorAsItsText(error: ViewError, code: CInt) async throws {
        let tree = MemoryTree()
        let lines = Lines()
        tree.add("file", bytes: pattern(100), behaviour: .failing(error))
        try await withMount(tree, log: lines.append) { path, _ throws in
            #expect(Call.code { _ = try Call.read(path + "/file", count: 100) } == code)
        }
        if let report = error.report {
            #expect(lines.all.contains(report))
        } else {
            #expect(lines.all.isEmpty)
        }
    }

    @Test func aKilledReaderDoesNotWaitForItsBytesAndTheReadIsCancelled() async throws {
        let tree = MemoryTree()
        let gate = Gate()
        tree.add("slow", bytes: pattern(5000), behaviour: .waiting(gate))
        try await withMount(tree) { path, _ throws in
            let reader = try Command(["dd", "if=" + path + "/slow", "of=/dev/null", "iflag=direct"]).start([
                nil, nil, nil,
            ])
            waitUntil { gate.arrivals > 0 }
            kill(reader, SIGTERM)
            #expect(Command.wait(for: reader) == 128 + SIGTERM)
            #expect(gate.cancellations > 0)
        }
    }

    @Test func aSignalThatTheReaderHandlesDoesNotBreakItsRead() async throws {
        let tree = MemoryTree()
        let gate = Gate()
        tree.add("slow", bytes: pattern(5000), behaviour: .waiting(gate))
        try await withMount(tree) { path, _ throws in
            // dd handles SIGUSR1, and prints its statistics.
            let reader = try Command(["dd", "if=" + path + "/slow", "of=/dev/null", "bs=8192", "iflag=direct"])
                .start([nil, nil, nil])
            waitUntil { gate.arrivals > 0 }
            kill(reader, SIGUSR1)
            // A round trip later, the server has heard of the signal.
            for _ in 0..<20 { _ = try Call.names(path) }
            #expect(gate.cancellations == 0)
            gate.open()
            #expect(Command.wait(for: reader) == 0)
        }
    }
}
