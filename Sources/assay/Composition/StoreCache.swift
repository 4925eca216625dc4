import DigestCatalog
import ObjectStorage
import Synchronization

/// Opens each source's store once.
final class StoreCache: Sendable {
    private let composition: Composition
    private let opened = Mutex<[Int64: any ObjectStore]>([:])

    init(_ composition: Composition) { self.composition = composition }

    func store(of source: Source) throws(ObjectStorageError) -> any ObjectStore {
        if let store = opened.withLock({ $0[source.id] }) { return store }
        let store = try composition.openStore(of: source)
        return opened.withLock { opened in
            if let first = opened[source.id] { return first }
            opened[source.id] = store
            return store
        }
    }
}
