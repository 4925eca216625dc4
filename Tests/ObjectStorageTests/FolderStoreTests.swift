import AssayModel
import AssayTestSupport
import Foundation
import ObjectStorage
import Testing

@Suite struct FolderStoreTests {
    private func write(_ text: String, _ folder: URL, _ name: String) throws {
        let file = folder.appending(path: name)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
    }

    @Test(arguments: ["../outside", "a/../../outside", "/etc/hostname", "a//b", "a/./b", "", "a\0b", ".assay-put-x"])
    func refusesKeysThatAreNoPlaceInTheFolder(_ name: String) async throws {
        try await withTemporaryFolder { folder in
            let store = try FolderStore(folder.path)
            await #expect(throws: ObjectStorageError.self) { try await store.head(ObjectKey(name)) }
            await #expect(throws: ObjectStorageError.self) { try await store.put(name, "x") }
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
        }
    }

    @Test func followsNoLinksAndReportsThem() async throws {
        try await withTemporaryFolder { outside in
            try write("secret", outside, "secret.txt")
            try await withTemporaryFolder { folder in
                try write("fine", folder, "real.txt")
                let links = FileManager.default
                try links.createSymbolicLink(
                    atPath: folder.path + "/link.txt", withDestinationPath: outside.path + "/secret.txt")
                try links.createSymbolicLink(atPath: folder.path + "/way", withDestinationPath: outside.path)
                #expect(mkfifo(folder.path + "/pipe", 0o600) == 0)
                let store = try FolderStore(folder.path)
                let page = try await store.list(prefix: "", from: nil, limit: 10)
                #expect(page.objects.map(\.key.name) == ["real.txt"])
                #expect(Set(page.problems.map(\.name)) == ["link.txt", "way", "pipe"])
                for name in ["link.txt", "way/secret.txt", "pipe"] {
                    await #expect(throws: ObjectStorageError.self) { try await store.head(ObjectKey(name)) }
                }
                await #expect(throws: ObjectStorageError.self) { try await store.put("way/new.txt", "x") }
                #expect(try links.contentsOfDirectory(atPath: outside.path) == ["secret.txt"])
            }
        }
    }

    @Test func reportsNamesThatAreNotUTF8() async throws {
        try await withTemporaryFolder { folder in
            try write("fine", folder, "fine.txt")
            let path: [CChar] = Array(folder.path.utf8CString.dropLast()) + [0x2f, 0x62, -1, 0]
            let descriptor = open(path, O_CREAT | O_WRONLY, 0o600)
            #expect(descriptor >= 0)
            close(descriptor)
            let page = try await FolderStore(folder.path).list(prefix: "", from: nil, limit: 10)
            #expect(page.objects.map(\.key.name) == ["fine.txt"])
            #expect(page.problems == [ListingProblem(name: "b\u{fffd}", reason: "has a name that is not UTF-8")])
        }
    }

    @Test func listsFoldersWhereTheirKeysBelong() async throws {
        try await withTemporaryFolder { folder in
            let names = ["a!", "a-b", "a.txt", "a/b", "a/b.c/d", "a/b0", "a0", "b/c/d/e"]
            for name in names where name != "a/b" { try write("x", folder, name) }
            try write("x", folder, "a/b")
            let store = try FolderStore(folder.path)
            for limit in 1...9 { #expect(try await store.all(limit: limit).map(\.key.name) == names) }
        }
    }

    @Test func goesOnFromAnyKeyAlsoInANewProcess() async throws {
        try await withTemporaryFolder { folder in
            let names = ["a/1", "a/2", "b", "c/d/1", "c/d/2", "c/e", "d"]
            for name in names { try write("x", folder, name) }
            for (index, name) in names.enumerated() {
                let page = try await FolderStore(folder.path).list(prefix: "", from: name, limit: 100)
                #expect(page.objects.map(\.key.name) == Array(names[(index + 1)...]))
            }
            let between = try await FolderStore(folder.path).list(prefix: "", from: "c/d/1x", limit: 1)
            #expect(between.objects.map(\.key.name) == ["c/d/2"])
        }
    }

    @Test func noticesAFileRewrittenInPlace() async throws {
        try await withTemporaryFolder { folder in
            let store = try FolderStore(folder.path)
            let object = try await store.put("a.bin", "first")
            let handle = try FileHandle(forWritingTo: folder.appending(path: "a.bin"))
            try handle.write(contentsOf: Data("other".utf8))
            try handle.close()
            // Within a tick of the kernel's clock both writes may have one time.
            try FileManager.default.setAttributes(
                [.modificationDate: Date(timeIntervalSince1970: 1)], ofItemAtPath: folder.path + "/a.bin")
            await #expect(throws: ObjectStorageError.changed(object.key)) { try await store.text(object, 0..<5) }
        }
    }

    @Test func leavesNoUnfinishedFiles() async throws {
        try await withTemporaryFolder { folder in
            let store = try FolderStore(folder.path)
            try await store.put("dir/a.bin", "x")
            // A folder is in the way of the file.
            await #expect(throws: ObjectStorageError.self) { try await store.put("dir", "x") }
            await #expect(throws: ObjectStorageError.self) { try await store.put("dir/a.bin/b", "x") }
            #expect(try FileManager.default.subpathsOfDirectory(atPath: folder.path).sorted() == ["dir", "dir/a.bin"])
        }
    }

    @Test func saysThatThereIsNoFolder() {
        #expect(throws: ObjectStorageError.self) { try FolderStore("/nonexistent/folder") }
    }
}
