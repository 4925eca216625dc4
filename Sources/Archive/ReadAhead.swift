import AssayModel

/// Bytes of the object that were read.
struct Piece {
    let range: ByteRange
    let block: ByteBlock
}

/// Reads ranges in order, with the next ones in flight while the last one is used.
final class ReadAhead {
    private let source: any ByteSource
    private var plan: any IteratorProtocol<ByteRange>
    private let depth: Int
    private var inFlight: [(range: ByteRange, task: Task<ByteBlock, any Error>)] = []

    /// - Parameter depth: how many reads may be in flight while a piece is used; with 0 none is.
    init(of source: any ByteSource, plan: any IteratorProtocol<ByteRange>, depth: Int) {
        self.source = source
        self.plan = plan
        self.depth = depth
    }

    deinit {
        for read in inFlight { read.task.cancel() }
    }

    /// The next piece; nil at the plan's end.
    nonisolated(nonsending) func next() async throws(ArchiveError) -> Piece? {
        start(upTo: max(1, depth))
        guard let (range, task) = inFlight.first else { return nil }
        do {
            let block = try await withTaskCancellationHandler {
                try await task.value
            } onCancel: {
                task.cancel()
            }
            inFlight.removeFirst()
            start(upTo: depth)
            return Piece(range: range, block: block)
        } catch {
            throw .from(error, else: ArchiveError.source)
        }
    }

    private func start(upTo count: Int) {
        while inFlight.count < count, let range = plan.next() {
            inFlight.append((range, Task { [source] in try await source.readExactly(range) }))
        }
    }
}
