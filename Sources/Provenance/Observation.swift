public import AssayModel

/// What Assay can honestly say of an artifact that it did not build: that it was in this store, under this key and
/// version, at this time.
public struct Observation: Sendable {
    /// An artifact: its name, and what identifies it.
    public struct Subject: Hashable, Sendable {
        public let name: String
        public let digest: SHA256Digest

        public init(name: String, digest: SHA256Digest) {
            self.name = name
            self.digest = digest
        }
    }

    /// The object that the artifacts were seen in: an archive, or a loose object that is the artifact.
    public struct Object: Hashable, Sendable {
        /// The store's root, such as `s3://bucket` or `file:///srv/artifacts`: with a slash and the key behind it, it
        /// is the object's URI. Secrets in it are scrubbed.
        public var store: String
        public var key: ObjectKey
        public var version: ObjectVersion
        /// In bytes.
        public var size: Int
        public var modified: Timestamp
        /// Of the whole object, if it is known: archives are not hashed as a whole.
        public var digest: SHA256Digest?

        public init(
            store: String, key: ObjectKey, version: ObjectVersion, size: Int, modified: Timestamp,
            digest: SHA256Digest? = nil
        ) {
            self.store = store
            self.key = key
            self.version = version
            self.size = size
            self.modified = modified
            self.digest = digest
        }
    }

    /// Who observed. These are Assay's own identifiers, or the operator's; never another builder's.
    public struct Observer: Hashable, Sendable {
        public static let defaultID = "urn:assay:builder"
        public static let defaultBuildType = "urn:assay:build-type:observed-in-store:v1"

        public var id: String
        public var buildType: String
        /// Assay's version.
        public var version: String

        public init(version: String, id: String = defaultID, buildType: String = defaultBuildType) {
            self.id = id
            self.buildType = buildType
            self.version = version
        }
    }

    public var object: Object
    /// Where in the archive the artifact is; nil for a loose object, and for a statement about a whole archive.
    public var entryPath: String?
    /// When the object was first seen and when reading it was finished.
    public var started: Timestamp
    public var finished: Timestamp
    public var observer: Observer
    /// What the key tells, where GitLab wrote it.
    public var gitLabKey: GitLabKey?
    /// The project's id, if configuration tells it; it is written only if it is the key's.
    public var gitLabProjectID: Int?

    /// An observation of `object`, with what its key tells.
    public init(
        object: Object, entryPath: String? = nil, started: Timestamp, finished: Timestamp? = nil, observer: Observer,
        gitLabProjectID: Int? = nil
    ) {
        self.object = object
        self.entryPath = entryPath
        self.started = started
        self.finished = finished ?? started
        self.observer = observer
        gitLabKey = GitLabKey.parse(object.key)
        self.gitLabProjectID = gitLabProjectID
    }

    /// The most subjects that other verifiers take in one statement.
    public static let defaultSubjectLimit = 1024
}
