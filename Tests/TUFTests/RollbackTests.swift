import Testing

@testable import TUF

/// Sections 5.4.3 and 5.5.5 of the specification: what was known once is not undone.
struct RollbackTests {
    @Test func anOlderTimestampIsRefused() async throws {
        let repository = try TestRepository()
        repository.timestamp.version = 2
        try repository.publish()
        try await repository.refresh()
        repository.timestamp.version = 1
        try repository.publishBelowRoot()
        await #expect(throws: TUFError.version(file: "timestamp.json", expected: "2 or later", found: 1)) {
            try await repository.refresh()
        }
        #expect(repository.cachedVersion("timestamp") == 2)
    }

    @Test func aTimestampThatNamesAnOlderSnapshotIsRefused() async throws {
        let repository = try TestRepository()
        repository.snapshot.version = 2
        try repository.publish()
        try await repository.refresh()
        repository.snapshot.version = 1
        repository.timestamp.version = 2
        try repository.publishBelowRoot()
        await #expect(
            throws: TUFError.version(file: "snapshot.json in timestamp.json", expected: "2 or later", found: 1)
        ) { try await repository.refresh() }
    }

    @Test func aTimestampOfTheSameVersionChangesNothing() async throws {
        let repository = try TestRepository()
        try repository.publish()
        try await repository.refresh()
        let before = try repository.folder.read("timestamp.json")
        repository.snapshot.version = 2
        try repository.publishBelowRoot()
        #expect(try await repository.refresh() == [1, 1, 1, 1])
        #expect(try repository.folder.read("timestamp.json") == before)
    }

    @Test(arguments: [true, false])
    func aSnapshotThatNamesOlderTargetsIsRefused(describing: Bool) async throws {
        let repository = try TestRepository()
        repository.describes = describing
        repository.targets.version = 2
        try repository.publish()
        try await repository.refresh()
        repository.targets.version = 1
        repository.snapshot.version = 2
        repository.timestamp.version = 2
        try repository.publishBelowRoot()
        await #expect(
            throws: TUFError.version(file: "targets.json in snapshot.json", expected: "2 or later", found: 1)
        ) { try await repository.refresh() }
        #expect(repository.cachedVersion("snapshot") == 1)
    }

    @Test func aSnapshotThatNoLongerNamesARoleIsRefused() async throws {
        let repository = try TestRepository()
        repository.delegated = [.init(name: "team", role: .init(keys: [try TestKey()]))]
        try repository.publish()
        try await repository.refresh()
        repository.delegated = []
        repository.advance()
        try repository.publishBelowRoot()
        await #expect(throws: TUFError.vanished(file: "team.json")) { try await repository.refresh() }
    }
}
