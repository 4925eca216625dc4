/// Why one entry of an archive is refused; the others are not concerned.
public enum EntryError: Error, Hashable, Sendable {
    // The name.
    case nameEmpty, nameAbsolute, nameTraversal, nameHasNUL, nameTooLong, nameTooDeep, componentTooLong, nameNotUTF8

    // What the directory says.
    case encrypted
    case unsupportedMethod(CompressionMethod)
    case onOtherDisk
    case extraFieldMalformed
    case numberTooLarge
    case specialFile
    case directoryWithData
    case duplicateName
    /// Its data shares bytes with another entry; all that share are refused, since none can be told to be honest.
    case overlapping
    /// Its data would lie beyond the central directory or the archive's end.
    case outsideArchive

    // The limits.
    case tooLarge, totalTooLarge, expandsTooMuch

    // What stands before and after the data.
    case localHeaderMissing
    case localHeaderDisagrees(LocalHeaderField)
    case descriptorDisagrees

    // The data.
    case dataDamaged(CompressionMethod)
    case dataEndsEarly
    case dataEndsLate
    case sizeDisagrees
    case checksumDisagrees
    case decoderMemoryExceeded

    // The target of a symbolic link.
    case linkEscapes, linkAbsolute, linkMalformed, linkTooLong
}

/// What a local file header can say otherwise than the central directory.
public enum LocalHeaderField: String, Hashable, Sendable {
    case name, method, encryption, checksum, size
    case compressedSize = "compressed size"
}

extension EntryError {
    /// A name for machines that never changes, for reports and the catalog.
    public var code: String { texts.code }

    private var texts: (code: String, sentence: String) {
        switch self {
        case .nameEmpty: ("name-empty", "it has no name")
        case .nameAbsolute: ("name-absolute", "its name is an absolute path; archive relative paths")
        case .nameTraversal: ("name-traversal", "its name leads out of the archive by “..”")
        case .nameHasNUL: ("name-nul", "its name contains a NUL byte")
        case .nameTooLong: ("name-too-long", "its path is too long to be a file's; shorten it")
        case .nameTooDeep: ("name-too-deep", "its path leads through too many folders; flatten it")
        case .componentTooLong: ("component-too-long", "a part of its path is too long to be a file's name; shorten it")
        case .nameNotUTF8: ("name-not-utf8", "its name is marked as UTF-8 and is not")
        case .encrypted: ("encrypted", "it is encrypted; archive it without a password")
        case .unsupportedMethod(let method):
            ("unsupported-method", "its compression (\(method)) is not supported; use deflate, zstd, bzip2 or xz")
        case .onOtherDisk: ("on-other-disk", "it lies in another part of a split archive")
        case .extraFieldMalformed: ("extra-field-malformed", "its extra fields are malformed")
        case .numberTooLarge: ("number-too-large", "it claims a size or place beyond any possible one")
        case .specialFile: ("special-file", "it is a device, pipe or socket")
        case .directoryWithData: ("directory-with-data", "it is a directory, yet claims to have contents")
        case .duplicateName: ("duplicate-name", "a later entry has the same name and replaces it")
        case .overlapping: ("overlapping", "it shares bytes with another entry; the archive is malicious or damaged")
        case .outsideArchive: ("outside-archive", "its data would lie outside the archive; the archive is damaged")
        case .tooLarge: ("too-large", "it expands beyond the largest size allowed for an entry")
        case .totalTooLarge: ("total-too-large", "with it the archive expands beyond the largest size allowed")
        case .expandsTooMuch: ("expands-too-much", "it expands by more than the allowed ratio, as bombs do")
        case .localHeaderMissing: ("local-header-missing", "no file header stands where the directory says")
        case .localHeaderDisagrees(let field):
            ("local-header-disagrees", "its header and the archive's directory disagree on its \(field.rawValue)")
        case .descriptorDisagrees:
            ("descriptor-disagrees", "the record after its data and the archive's directory disagree")
        case .dataDamaged(let method): ("data-damaged", "its data is not valid \(method)")
        case .dataEndsEarly: ("data-ends-early", "its compressed data ends in the middle")
        case .dataEndsLate: ("data-ends-late", "other bytes follow the end of its compressed data")
        case .sizeDisagrees: ("size-disagrees", "it does not expand to the size that the directory says")
        case .checksumDisagrees: ("checksum-disagrees", "its contents do not have the CRC-32 that the directory says")
        case .decoderMemoryExceeded: ("decoder-memory", "expanding it takes more memory than allowed")
        case .linkEscapes: ("link-escapes", "it is a symbolic link that leads out of the archive")
        case .linkAbsolute: ("link-absolute", "it is a symbolic link to an absolute path")
        case .linkMalformed: ("link-malformed", "it is a symbolic link whose target is no path")
        case .linkTooLong: ("link-too-long", "it is a symbolic link whose target is too long")
        }
    }
}

extension EntryError: CustomStringConvertible {
    public var description: String { "The entry is refused: \(texts.sentence)." }
}
