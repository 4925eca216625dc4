import AssayConsole

/// Does many pieces of work at the same time, and hands out what comes of them in the order of the pieces.
enum OrderedWork {
    /// How many finished results may wait for one before them: a large file shall not hold up the small ones behind
    /// it, and a million of these shall not fill the memory.
    private static let waitingLimit = 1024

    /// Takes pieces from `next` until there are no more, or the task is cancelled, does `work` on up to `jobs` of them
    /// at the same time, and calls `emit` with each result.
    ///
    /// - Parameter isReady: whether `next` answers at once; results do not wait for a piece that is not there yet.
    /// - Throws: what `next` throws, after the work that was begun is done.
    static func run<Piece: Sendable, Result: Sendable>(
        jobs: Int, isReady: () -> Bool, next: () throws(CommandError) -> Piece?,
        work: @escaping @Sendable (Piece) -> Result,
        emit: (Result) -> Void
    ) async throws(CommandError) {
        let problem = await withTaskGroup(of: (number: Int, result: Result).self) { group -> CommandError? in
            var begun = 0
            var emitted = 0
            var isOver = false
            var problem: CommandError?
            var waiting: [Int: Result] = [:]
            while true {
                while !isOver, begun - emitted - waiting.count < jobs, begun - emitted < waitingLimit,
                    begun == emitted || isReady()
                {
                    do throws(CommandError) {
                        guard !Task.isCancelled, let piece = try next() else {
                            isOver = true
                            break
                        }
                        group.addTask { [begun] in (begun, work(piece)) }
                        begun += 1
                    } catch {
                        problem = error
                        isOver = true
                    }
                }
                guard let done = await group.next() else { return problem }
                waiting[done.number] = done.result
                // What was interrupted has no result.
                while !Task.isCancelled, let result = waiting.removeValue(forKey: emitted) {
                    emit(result)
                    emitted += 1
                }
            }
        }
        if let problem { throw problem }
    }
}
