public import Archive
public import AssayModel
public import DigestCatalog
public import ObjectStorage
import Synchronization

/// Reads a source into the catalog: lists it, reads what is new or changed, once, and records the digest of every
/// artifact in it.
///
/// Interrupted anywhere, the next run goes on: what was committed stays, what was not is read again.
public struct Indexer: Sendable {
    public struct Options: Sendable {
        /// How many objects are read at the same time.
        public var jobs: Int
        /// How many bytes of one object may be in memory.
        public var window: Int
        public var limits: ArchiveLimits

        public init(jobs: Int, window: Int, limits: ArchiveLimits) {
            self.jobs = max(1, jobs)
            self.window = window
            self.limits = limits
        }
    }

    public typealias Observer = @Sendable (IndexEvent) -> Void

    private let catalog: Catalog
    private let source: Source
    private let store: any ObjectStore
    private let prefix: String
    private let options: Options
    private let now: @Sendable () -> Timestamp
    private static let pageSize = 1000
    private static let attempts = 3

    /// - Parameters:
    ///   - prefix: what all keys of the source start with.
    ///   - now: the time, as it is recorded.
    public init(
        catalog: Catalog, source: Source, store: any ObjectStore, prefix: String, options: Options,
        now: @escaping @Sendable () -> Timestamp
    ) {
        self.catalog = catalog
        self.source = source
        self.store = store
        self.prefix = prefix
        self.options = options
        self.now = now
    }

    /// Brings the catalog up to date with the source.
    ///
    /// - Throws: `IndexingError` if the source cannot be listed, the catalog fails, or the task is cancelled. Objects
    ///   that cannot be read are counted in the report, and do not end the run.
    public func run(_ observer: @escaping Observer) async throws(IndexingError) -> IndexReport {
        let total = Mutex(IndexReport())
        do {
            let claim = try catalog.claim(role: "index")
            defer { withExtendedLifetime(claim) {} }
            try catalog.removeUncommitted()
            let scan = try catalog.scan(source)
            var token: String?
            repeat {
                try Task.checkCancellation()
                let page = try await store.list(prefix: prefix, from: token, limit: Self.pageSize)
                let (objects, problems) = Self.sorted(page)
                let pending = try scan.observe(objects)
                observer(.listed(scan.summary))
                for problem in problems { observer(.skipped(problem)) }
                total.withLock { $0.skipped += problems.count }
                try await index(pending, observer) { part in total.withLock { $0.add(part) } }
                token = page.next
            } while token != nil
            let summary = try scan.finish(now: now())
            return total.withLock {
                $0.scan = summary
                return $0
            }
        } catch let error as CatalogError {
            throw .catalog(error)
        } catch ObjectStorageError.cancelled {
            throw .cancelled
        } catch let error as ObjectStorageError {
            throw .source(error)
        } catch {
            // What else may go wrong concerns one object, and is in the report.
            throw .cancelled
        }
    }

    /// What of a page is to be taken in, and what cannot be.
    private static func sorted(_ page: ObjectPage) -> (objects: [StoredObject], problems: [ListingProblem]) {
        var problems = page.problems
        let objects = page.objects.filter { object in
            if isFolderMarker(object) { return false }
            guard object.key.name.utf8.contains(0) else { return true }
            let name = object.key.name.replacing("\0", with: "\u{2400}")
            problems.append(ListingProblem(name: name, reason: "has a NUL in its key, which no file's name can hold"))
            return false
        }
        return (objects, problems)
    }

    /// Consoles make empty objects whose keys end in a slash, to show folders that hold nothing.
    private static func isFolderMarker(_ object: StoredObject) -> Bool {
        object.size == 0 && object.key.name.utf8.last == UInt8(ascii: "/")
    }

    private func index(
        _ pending: [ObjectToIndex], _ observer: @escaping Observer, _ add: @escaping @Sendable (IndexReport) -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: IndexReport.self) { group in
            var waiting = pending.makeIterator()
            var running = 0
            while true {
                while running < options.jobs, let target = waiting.next() {
                    group.addTask { try await index(target, observer) }
                    running += 1
                }
                guard let part = try await group.next() else { break }
                running -= 1
                add(part)
            }
        }
    }

    private func index(_ target: ObjectToIndex, _ observer: @escaping Observer) async throws -> IndexReport {
        let counts = ReadCounts()
        var report: IndexReport
        do {
            report = try await indexNewest(target, counts, observer)
        } catch ObjectStorageError.notFound {
            // Deleted since it was listed: nothing to say; the next listing marks it gone.
            report = IndexReport()
        } catch let error as CatalogError {
            throw error
        } catch is CancellationError {
            throw CancellationError()
        } catch ObjectStorageError.cancelled {
            throw CancellationError()
        } catch {
            observer(.failed(target.object, reason: "\(error)"))
            report = IndexReport()
            report.failed = 1
        }
        report.bytesRead = counts.bytes
        report.requests = counts.requests
        return report
    }

    /// An object may be replaced between its listing and its reading; one that always is has to wait.
    private func indexNewest(
        _ target: ObjectToIndex, _ counts: ReadCounts, _ observer: @escaping Observer
    ) async throws -> IndexReport {
        var target = target
        for _ in 1..<Self.attempts {
            do {
                return try await indexOnce(target, counts, observer)
            } catch ObjectStorageError.changed {
                target = target.at(try await store.head(target.object.key))
            }
        }
        return try await indexOnce(target, counts, observer)
    }

    private func indexOnce(
        _ target: ObjectToIndex, _ counts: ReadCounts, _ observer: @escaping Observer
    ) async throws -> IndexReport {
        let source = ObservedSource(
            source: ObjectSource(target.object, in: store), counts: counts, observer: observer)
        let recorder = catalog.record(target, now: now())
        do {
            var report =
                Catalog.isArchive(target.object.key)
                ? try await indexArchive(target, source, recorder, observer)
                : try await indexLoose(target, source, recorder)
            try recorder.commit()
            report.indexed = 1
            observer(.indexed(target.object, entries: report.entries))
            return report
        } catch let error as ArchiveError {
            switch error {
            case .source(let inner), .consumer(let inner): throw inner
            case .cancelled: throw CancellationError()
            default:
                try recorder.fail(code: error.code, reason: "\(error)")
                observer(.refused(target.object, code: error.code, reason: "\(error)"))
                var report = IndexReport()
                report.refused = 1
                return report
            }
        }
    }

    private func indexArchive(
        _ target: ObjectToIndex, _ source: ObservedSource, _ recorder: ObjectRecorder, _ observer: @escaping Observer
    ) async throws -> IndexReport {
        let directory = try await ArchiveDirectory.read(from: source, limits: options.limits)
        var digester = EntryDigester(recorder: recorder) { observer(.refusedEntry(target.object, $0)) }
        let piece = 8 << 20
        let stream = ArchiveStream(
            of: directory, from: source, pieceSize: piece, readsAhead: max(1, options.window / piece - 2))
        try await stream.read(into: &digester)
        var report = IndexReport()
        report.entries = digester.entries
        report.contentSize = digester.contentSize
        report.refusedEntries = digester.refused
        return report
    }

    private func indexLoose(
        _ target: ObjectToIndex, _ source: ObservedSource, _ recorder: ObjectRecorder
    ) async throws -> IndexReport {
        let digest = try await SHA256Digest(of: source)
        let object = target.object
        try recorder.add(
            IndexedEntry(
                path: object.key.lastComponent, content: .artifact(digest, size: object.size),
                compressedSize: object.size))
        var report = IndexReport()
        report.entries = 1
        report.contentSize = object.size
        return report
    }
}

extension IndexReport {
    fileprivate mutating func add(_ other: IndexReport) {
        indexed += other.indexed
        entries += other.entries
        contentSize += other.contentSize
        refusedEntries += other.refusedEntries
        refused += other.refused
        failed += other.failed
        bytesRead += other.bytesRead
        requests += other.requests
    }
}
