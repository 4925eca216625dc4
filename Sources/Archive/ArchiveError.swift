/// Why an archive as a whole could not be read. What is wrong with a single entry is an `EntryError`.
public enum ArchiveError: Error, Sendable {
    /// The object is too small to be a zip archive.
    case notAnArchive(size: Int)
    /// No end-of-central-directory record ends the object.
    case endRecordMissing
    /// The end record contradicts itself, the zip64 record, or the object's size.
    case endRecordInvalid(EndRecordProblem)
    /// The archive is one part of several.
    case spanned
    /// The central directory is larger than `ArchiveLimits.directorySize`.
    case directoryTooLarge(size: Int, limit: Int)
    /// The archive lists more than `ArchiveLimits.entryCount` entries.
    case tooManyEntries(count: Int, limit: Int)
    /// The directory is no chain of file headers; the offset is counted from its first byte.
    case directoryInvalid(offset: Int)
    /// The end record counts other entries than the directory holds.
    case entryCountDisagrees(stated: Int, found: Int)
    /// An `EntryReader` found its entry damaged.
    case entry(EntryError)
    /// The object could not be read.
    case source(any Error)
    /// What took the entries gave up.
    case consumer(any Error)
    /// The task was cancelled.
    case cancelled
}

/// What is wrong with the record that ends an archive.
public enum EndRecordProblem: String, Hashable, Sendable {
    case directoryOutsideArchive = "the central directory would lie outside the object"
    case zip64RecordMissing = "the zip64 end record is not where its locator says"
    case zip64Disagrees = "the zip64 end record and the end record disagree"
    case numberTooLarge = "a number in it is beyond any possible size"
}

extension ArchiveError {
    /// A name for machines that never changes, for reports and the catalog.
    public var code: String {
        switch self {
        case .notAnArchive: "not-an-archive"
        case .endRecordMissing: "end-record-missing"
        case .endRecordInvalid: "end-record-invalid"
        case .spanned: "spanned"
        case .directoryTooLarge: "directory-too-large"
        case .tooManyEntries: "too-many-entries"
        case .directoryInvalid: "directory-invalid"
        case .entryCountDisagrees: "entry-count-disagrees"
        case .entry(let error): error.code
        case .source: "source-failed"
        case .consumer: "consumer-failed"
        case .cancelled: "cancelled"
        }
    }
}

extension ArchiveError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .notAnArchive(let size):
            "The object is no zip archive: it has \(size) bytes, and the smallest archive has 22."
        case .endRecordMissing:
            "The object does not end as a zip archive does: it is truncated (upload it again) or is no zip archive."
        case .endRecordInvalid(let problem):
            "The archive's end record is wrong: \(problem.rawValue). Make the archive again."
        case .spanned:
            "The archive is one part of an archive split over several files. Join the parts into one archive."
        case .directoryTooLarge(let size, let limit):
            "The archive's directory has \(size) bytes, more than the limit of \(limit). Raise the limit or split it."
        case .tooManyEntries(let count, let limit):
            "The archive lists \(count) entries, more than the limit of \(limit). Raise the limit or split the archive."
        case .directoryInvalid(let offset):
            "The archive's directory is damaged at its byte \(offset). Make the archive again."
        case .entryCountDisagrees(let stated, let found):
            "The archive says it has \(stated) entries, but its directory lists \(found). Make the archive again."
        case .entry(let error):
            error.description
        case .source(let error):
            "The archive could not be read from its store: \(error)"
        case .consumer(let error):
            "Reading the archive was given up: \(error)"
        case .cancelled:
            "Reading the archive was cancelled."
        }
    }

    /// What it means that reading from the source, or handing over to the consumer, threw `error`.
    static func from(_ error: any Error, else kind: (any Error) -> ArchiveError) -> ArchiveError {
        Task.isCancelled || error is CancellationError ? .cancelled : kind(error)
    }

    /// Runs `body`, whose error concerns one entry only.
    static func forEntry<R>(_ body: () throws(EntryError) -> R) throws(ArchiveError) -> R {
        do { return try body() } catch { throw .entry(error) }
    }
}
