import AssayModel

extension Observation {
    /// The types of what `statement(about:)` makes.
    public static let statementType = "https://in-toto.io/Statement/v1"
    public static let predicateType = "https://slsa.dev/provenance/v1"

    /// An in-toto Statement v1 with SLSA provenance v1 about the artifacts, as JSON text. The same observation and
    /// artifacts, in any order, always give the same bytes.
    ///
    /// - Parameter limit: the most artifacts; above `defaultSubjectLimit` other verifiers refuse the statement.
    /// - Throws: what about the artifacts or the settings does not make a statement.
    public func statement(
        about subjects: [Subject], limit: Int = defaultSubjectLimit
    ) throws(ProvenanceError) -> [UInt8] {
        let unique = try check(subjects, limit: limit)
        try checkIdentifier(observer.id, setting: "builder id")
        try checkIdentifier(observer.buildType, setting: "build type")
        guard let startedOn = started.rfc3339 else { throw .unwritableTime(setting: "start of the observation") }
        guard let finishedOn = finished.rfc3339 else { throw .unwritableTime(setting: "end of the observation") }
        guard started <= finished else { throw .endsBeforeStart }
        return JSONText.object([
            "_type": .string(Self.statementType),
            "subject": .array(
                unique.map {
                    .object(["name": .string($0.name), "digest": .object(["sha256": .string($0.digest.hex)])])
                }),
            "predicateType": .string(Self.predicateType),
            "predicate": .object([
                "buildDefinition": .object([
                    "buildType": .string(observer.buildType),
                    "externalParameters": externalParameters,
                    "internalParameters": internalParameters,
                    "resolvedDependencies": .array([dependency]),
                ]),
                "runDetails": .object([
                    "builder": .object([
                        "id": .string(observer.id), "version": .object(["assay": .string(observer.version)]),
                    ]),
                    "metadata": .object(["startedOn": .string(startedOn), "finishedOn": .string(finishedOn)]),
                ]),
            ]),
        ]).bytes
    }

    private func check(_ subjects: [Subject], limit: Int) throws(ProvenanceError) -> [Subject] {
        guard !subjects.isEmpty else { throw .noSubjects }
        if let unnamed = subjects.firstIndex(where: \.name.isEmpty) { throw .unnamedSubject(index: unnamed) }
        let sorted = subjects.sorted { first, second in
            if first.name.utf8.elementsEqual(second.name.utf8) { return first.digest < second.digest }
            return first.name.utf8.lexicographicallyPrecedes(second.name.utf8)
        }
        var unique: [Subject] = []
        for subject in sorted {
            if let last = unique.last, last.digest == subject.digest, last.name.utf8.elementsEqual(subject.name.utf8) {
                continue
            }
            unique.append(subject)
        }
        guard unique.count <= limit else { throw .tooManySubjects(found: unique.count, limit: limit) }
        return unique
    }

    /// in-toto's TypeURI: an absolute URI (RFC 3986, 4.3).
    private func checkIdentifier(_ text: String, setting: String) throws(ProvenanceError) {
        let scheme = text.utf8.prefix { $0 != UInt8(ascii: ":") }
        let rest = text.utf8.dropFirst(scheme.count + 1)
        let isScheme = scheme.first.map(\.isLetter) == true && scheme.allSatisfy(\.isSchemeCharacter)
        let isURI = isScheme && !rest.isEmpty && rest.allSatisfy { $0.isURICharacter && $0 != UInt8(ascii: "#") }
        guard isURI, URLScrubber.scrub(text) == text else {
            throw .notAnIdentifier(setting: setting, text: URLScrubber.scrub(text))
        }
    }

    /// What was asked for: which object, and which entry of it.
    private var externalParameters: JSONText {
        .object([
            "source": .string(URLScrubber.scrub(object.store)),
            "key": .string(object.key.name),
            "entry": entryPath.map { .string($0) },
        ])
    }

    /// What was found out on the way, and nobody gave.
    private var internalParameters: JSONText {
        .object([
            "tool": .object(["name": .string("assay"), "version": .string(observer.version)]),
            "gitlab": gitLabKey.map { key in
                var members: [String: JSONText?] = [
                    "date": .string(key.date.description),
                    "jobId": .integer(key.jobID),
                    "artifactId": key.artifactID.map { .integer($0) },
                    "file": .string(key.fileName),
                ]
                switch key.project {
                case .id(let id): members["projectId"] = .integer(id)
                case .hashed(let hash):
                    members["projectIdSha256"] = .string(hash.hex)
                    if let id = gitLabProjectID, key.isProject(id) { members["projectId"] = .integer(id) }
                }
                return .object(members)
            },
        ])
    }

    /// The object, at the version that was read (in-toto ResourceDescriptor v1).
    private var dependency: JSONText {
        .object([
            "uri": .string(object.uri),
            "digest": object.digest.map { .object(["sha256": .string($0.hex)]) },
            "annotations": .object([
                "etag": .string(object.version.etag),
                "versionId": object.version.id.map { .string($0) },
                "size": .integer(object.size),
                // A store may tell any time; one that cannot be written is not worth an error.
                "modified": object.modified.rfc3339.map { .string($0) },
            ]),
        ])
    }
}

extension Observation.Object {
    /// The object's URI: the store's root without query, and the key's bytes percent-encoded but for its slashes.
    public var uri: String {
        var root = URLScrubber.location(of: store)
        while root.hasSuffix("/"), !root.hasSuffix("://") { root.removeLast() }
        return root + "/" + key.name.utf8.map(\.percentEncoded).joined()
    }
}

extension Timestamp {
    /// RFC 3339, which has years of four digits only.
    fileprivate var rfc3339: String? {
        (Timestamp(year: 0, month: 1, day: 1)..<Timestamp(year: 10_000, month: 1, day: 1)).contains(self)
            ? description : nil
    }
}

extension UInt8 {
    fileprivate var isLetter: Bool {
        let lower = self | 0x20
        return lower >= UInt8(ascii: "a") && lower <= UInt8(ascii: "z")
    }

    private var isDigit: Bool { self >= UInt8(ascii: "0") && self <= UInt8(ascii: "9") }

    fileprivate var isSchemeCharacter: Bool { isLetter || isDigit || "+-.".utf8.contains(self) }

    fileprivate var isURICharacter: Bool {
        isLetter || isDigit || "-._~:/?#[]@!$&'()*+,;=%".utf8.contains(self)
    }

    /// Unreserved characters (RFC 3986, 2.3) and the slash as they are, others as `%XX`.
    fileprivate var percentEncoded: String {
        if isLetter || isDigit || "-._~/".utf8.contains(self) { return String(Unicode.Scalar(self)) }
        let digits = String(self, radix: 16, uppercase: true)
        return "%" + (digits.count == 1 ? "0" : "") + digits
    }
}
