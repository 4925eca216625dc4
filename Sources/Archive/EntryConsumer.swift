/// Takes the entries of an archive as a pass over it brings them.
///
/// Each record of the directory comes exactly once: as a file (`begin`, any number of `consume`, then `end` or
/// `refuse`), as a link, as a directory, or as a refusal. First come the refusals of the directory, in its order, then
/// everything else in the order of the data.
public protocol EntryConsumer {
    /// A file begins, whose data in the archive starts at `dataOffset`.
    mutating func begin(_ entry: ArchiveEntry, dataOffset: Int)

    /// The next bytes of the file that was begun. The pointer is not valid afterwards.
    mutating func consume(_ bytes: UnsafeRawBufferPointer)

    /// The file that was begun is whole: its size and checksum are right.
    nonisolated(nonsending) mutating func end() async throws

    /// A symbolic link, whose target stays inside the archive's own tree.
    nonisolated(nonsending) mutating func link(_ entry: ArchiveEntry, target: String) async throws

    /// A directory that the archive lists by itself.
    nonisolated(nonsending) mutating func directory(_ entry: ArchiveEntry) async throws

    /// An entry cannot be had. If it was begun, what came of it is void.
    nonisolated(nonsending) mutating func refuse(_ entry: RefusedEntry) async throws
}
