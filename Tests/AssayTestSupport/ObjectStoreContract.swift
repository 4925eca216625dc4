import AssayModel
public import ObjectStorage

/// What every `ObjectStore` promises, each promise a check for any implementation.
public enum ObjectStoreContract: String, CaseIterable, Sendable {
    case headTellsWhatWasPut
    case readsAnyRange
    case readsNothingForAnEmptyRange
    case refusesToReadBeyondTheEnd
    case storesEmptyObjects
    case refusesAnotherVersion
    case replacesWhole
    case reportsAbsence
    case listsInTheOrderOfBytes
    case listsOnlyThePrefix
    case listsPageByPage
    case listingAgreesWithHead
    case keepsUnusualKeys

    /// A promise that was not kept.
    public struct Violation: Error, CustomStringConvertible {
        public let description: String
    }

    /// Checks the promise on an empty store.
    public func verify(_ store: any ObjectStore) async throws {
        switch self {
        case .headTellsWhatWasPut:
            let put = try await store.put("a.bin", "0123456789")
            let head = try await store.head(ObjectKey("a.bin"))
            try expect(head.size == 10 && put.size == 10, "the size is \(head.size)")
            try expect(head.version == put.version, "put said \(put.version), head says \(head.version)")
            try expect(!head.version.etag.isEmpty && !head.version.etag.contains("\""), "the ETag is quoted or empty")
            try expect(head.modified.seconds > 1_600_000_000, "the time is \(head.modified)")
        case .readsAnyRange:
            let object = try await store.put("a.bin", "0123456789")
            for (range, expected) in [(0..<10, "0123456789"), (0..<1, "0"), (9..<10, "9"), (3..<7, "3456")] {
                let got = try await store.text(object, range)
                try expect(got == expected, "\(range) is \(got)")
            }
        case .readsNothingForAnEmptyRange:
            let object = try await store.put("a.bin", "0123456789")
            for offset in [0, 5, 10] {
                try await expectAsync(try await store.text(object, offset..<offset) == "", "an empty range has bytes")
            }
        case .refusesToReadBeyondTheEnd:
            let object = try await store.put("a.bin", "0123456789")
            for range in [5..<11, 10..<11, 100..<200] {
                try await expectFailure(of: range) {
                    try await store.text(object, range)
                } as: {
                    if case .shortRead(object.key, range.count, _) = $0 { true } else { false }
                }
            }
        case .storesEmptyObjects:
            _ = try await store.put("empty", "")
            try await expectAsync(try await store.head(ObjectKey("empty")).size == 0, "an empty object has a size")
        case .refusesAnotherVersion:
            let old = try await store.put("a.bin", "first content")
            let new = try await store.put("a.bin", "other content!")
            try expect(old.version != new.version, "two contents have one version")
            if old.version.id == nil {
                try await expectFailure(of: "the old version") {
                    try await store.text(old, 0..<5)
                } as: {
                    $0 == .changed(old.key)
                }
            }
            try await expectAsync(try await store.text(new, 0..<5) == "other", "the new version is not readable")
        case .replacesWhole:
            _ = try await store.put("a.bin", "a long first content")
            let new = try await store.put("a.bin", "short")
            try await expectAsync(try await store.head(new.key).size == 5, "something of the old object is left")
            try await expectAsync(try await store.text(new, 0..<5) == "short", "the content is not the new one")
        case .reportsAbsence:
            let key = ObjectKey("absent")
            try await expectFailure(of: "head") {
                try await store.head(key)
            } as: {
                $0 == .notFound(key)
            }
            let version = ObjectVersion(etag: "0123456789abcdef")
            guard let range = ByteRange(offset: 0, length: 1) else { return }
            try await expectFailure(of: "read") {
                try await store.read(key, version: version, range: range)
            } as: {
                $0 == .notFound(key)
            }
            try await expectAsync(
                try await store.list(prefix: "", from: nil, limit: 10).objects.isEmpty, "the store is not empty")
        case .listsInTheOrderOfBytes:
            let names = ["B", "a", "ab", "b/c", "b0", "b1/x", "z", "é"]
            for name in names.reversed() { _ = try await store.put(name, name) }
            let listed = try await store.all().map(\.key.name)
            try expect(listed == names, "the order is \(listed)")
        case .listsOnlyThePrefix:
            for name in ["dir/one", "dir/two", "dir2/three", "di", "e"] { _ = try await store.put(name, "x") }
            for (prefix, expected) in [
                ("dir/", ["dir/one", "dir/two"]), ("dir", ["dir/one", "dir/two", "dir2/three"]), ("x", []),
                ("dir/o", ["dir/one"]),
            ] {
                let listed = try await store.all(prefix).map(\.key.name)
                try expect(listed == expected, "below '\(prefix)' lies \(listed)")
            }
        case .listsPageByPage:
            let names = (10..<33).map { "page/\($0 % 3)/\($0)" }.sorted()
            for name in names { _ = try await store.put(name, "x") }
            for limit in [1, 4, 23, 100] {
                let listed = try await store.all("page/", limit: limit).map(\.key.name)
                try expect(listed == names, "in pages of \(limit) come \(listed)")
            }
        case .listingAgreesWithHead:
            _ = try await store.put("dir/a.bin", "content")
            let listed = try await store.all()
            let head = try await store.head(ObjectKey("dir/a.bin"))
            try expect(listed.map(\.version.etag) == [head.version.etag], "the ETags differ")
            try expect(listed.map(\.size) == [7], "the sizes differ")
            try expect(listed.map(\.modified) == [head.modified], "the times differ: \(listed), \(head)")
            guard let object = listed.first else { return }
            try await expectAsync(try await store.text(object, 0..<7) == "content", "a listed version cannot be read")
        case .keepsUnusualKeys:
            for name in Self.unusualNames {
                let object = try await store.put(name, name)
                try await expectAsync(
                    try await store.text(object, 0..<object.size) == name, "'\(name)' does not hold what was put")
                try await expectAsync(
                    try await store.head(ObjectKey(name)).size == name.utf8.count, "'\(name)' has another size")
            }
            let listed = Set(try await store.all().map(\.key))
            let expected = Set(Self.unusualNames.map { ObjectKey($0) })
            try expect(listed == expected, "listed wrongly: \(listed.symmetricDifference(expected))")
        }
    }

    /// Keys that need care on the way; all are also names of files.
    static let unusualNames = [
        "a b.zip", "a+b.zip", "100%.zip", "a%20b.zip", "über/straße.zip", "e\u{301}.zip", "日本語.zip", "what?.zip",
        "no#1.zip", "a&b=c.zip", "~tilde*'star@home!.zip", "(par),;:[x]{y}.zip", "\"quoted\" <b>.zip", "$dollar^`|.zip",
        " leading", "trailing ", ".hidden", "...",
    ]

    private func expectAsync(
        _ condition: @autoclosure () async throws -> Bool, _ message: @autoclosure () -> String
    ) async throws {
        guard try await condition() else { throw Violation(description: "\(rawValue): \(message())") }
    }

    private func expect(_ condition: Bool, _ message: @autoclosure () -> String) throws {
        guard condition else { throw Violation(description: "\(rawValue): \(message())") }
    }

    private func expectFailure<R>(
        of what: Any, _ request: () async throws -> R, as isExpected: (ObjectStorageError) -> Bool
    ) async throws {
        do {
            _ = try await request()
        } catch let error as ObjectStorageError {
            return try expect(isExpected(error), "\(what) fails with another error: \(error)")
        }
        throw Violation(description: "\(rawValue): \(what) does not fail")
    }
}

extension ObjectStore {
    /// Stores a text.
    @discardableResult
    public func put(_ name: String, _ text: String) async throws(ObjectStorageError) -> StoredObject {
        try await put(ObjectKey(name), ByteBlock(text.utf8))
    }

    /// All objects below a prefix, page by page.
    public func all(_ prefix: String = "", limit: Int = 1000) async throws(ObjectStorageError) -> [StoredObject] {
        var objects: [StoredObject] = []
        var token: String?
        repeat {
            let page = try await list(prefix: prefix, from: token, limit: limit)
            objects += page.objects
            token = page.next
        } while token != nil
        return objects
    }

    /// A range of an object as text.
    public func text(_ object: StoredObject, _ range: Range<Int>) async throws(ObjectStorageError) -> String {
        guard let range = ByteRange(from: range.lowerBound, to: range.upperBound) else {
            throw .configuration("\(range) is no range of bytes.")
        }
        let block = try await read(object.key, version: object.version, range: range)
        return block.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
    }
}
