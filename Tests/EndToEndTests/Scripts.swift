import Foundation
import Testing

/// Work that is done outside of this process, by Python: archives too large to be made here, the catalog as another
/// SQLite reads it, and what the kernel says of a process that has ended.
extension Workbench {
    /// Runs a script with arguments, and returns what it prints.
    @discardableResult
    func python(_ script: String, _ arguments: String...) async throws -> String {
        try await tool(["/usr/bin/python3", "-c", script] + arguments)
    }

    /// Makes `count` archives of `entries` small files each in `folder`; many files are the same in all of them.
    func makeArchives(_ count: Int, entries: Int, in folder: String) async throws {
        let script = """
            import random, sys, zipfile
            folder, count, entries = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
            for build in range(count):
                random.seed(build)
                with zipfile.ZipFile(f"{folder}/build-{build:03}.zip", "w", zipfile.ZIP_DEFLATED) as archive:
                    for number in range(entries):
                        shared = number % 4 == 0
                        name = f"dist/{number // 10}/file-{number}" if number % 3 else f"docs/file-{number}.txt"
                        text = f"{0 if shared else build} {number} ".encode()
                        archive.writestr(name, text * random.randrange(1, 300) if not shared else text * 50)
            """
        try await python(script, folder, "\(count)", "\(entries)")
    }

    /// The catalog without the numbers that depend on the order of work: objects, entries with their whole paths, and
    /// refusals, each as one line, sorted; and how many rows there are in each table.
    func catalogDump(_ catalog: String? = nil) async throws -> [String] {
        let script = """
            import json, sqlite3, sys
            db = sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True)
            tables = ["objects", "directories", "entries", "artifacts", "refusals"]
            print("\\n".join(f"{table}: {db.execute(f'SELECT count(*) FROM {table}').fetchone()[0]}" for table in tables))
            paths = '''WITH RECURSIVE tree(id, path) AS (
                SELECT id, '' FROM directories WHERE parent_id IS NULL
                UNION ALL SELECT d.id, tree.path || '/' || d.name FROM directories d JOIN tree ON d.parent_id = tree.id)'''
            rows = list(db.execute(paths + '''
                SELECT 'entry', tree.path || '/' || e.name, hex(a.sha256), a.size, e.method, e.data_offset,
                    e.compressed_size, e.crc32, e.modified, e.mode, e.link
                FROM entries e LEFT JOIN tree ON tree.id = e.directory_id LEFT JOIN artifacts a ON a.id = e.artifact_id'''))
            rows += list(db.execute('''SELECT 'object', key, etag, size, state, error, entries, content_size FROM objects'''))
            rows += list(db.execute('''
                SELECT 'refusal', o.key, r.name, r.code FROM refusals r JOIN objects o ON o.id = r.object_id'''))
            print("\\n".join(sorted(json.dumps(row) for row in rows)))
            print(db.execute("PRAGMA integrity_check").fetchone()[0], len(list(db.execute("PRAGMA foreign_key_check"))))
            """
        return try await python(script, catalog ?? path("catalog.sqlite")).split(separator: "\n").map(String.init)
    }

    /// One number that a query on the catalog gives.
    func catalogNumber(_ query: String) async throws -> Int? {
        let script = """
            import sqlite3, sys
            print(sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True).execute(sys.argv[2]).fetchone()[0])
            """
        return Int(
            try await python(script, path("catalog.sqlite"), query).trimmingCharacters(in: .whitespacesAndNewlines))
    }

    /// Runs the program and tells, beside its result, its peak resident memory in bytes.
    ///
    /// The kernel counts the starting process's memory to the started one's, hence by a small process.
    func measuredAssay(_ arguments: String...) async throws -> (result: Child.Result, peak: Int) {
        let script = """
            import resource, subprocess, sys
            code = subprocess.run(sys.argv[2:]).returncode
            with open(sys.argv[1], "w") as file:
                file.write(str(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss))
            sys.exit(code)
            """
        let file = path("peak")
        let result = try await run(["/usr/bin/python3", "-c", script, file, Self.program] + arguments).result()
        let kibibytes = Int(try String(contentsOfFile: file, encoding: .utf8)) ?? .max >> 10
        return (result, kibibytes << 10)
    }

    /// The SHA-256 of every file below a folder, by path, as coreutils compute it.
    func digests(below folder: String) async throws -> [String: String] {
        let script = "cd \"$1\" && find . -type f ! -name '*.bundle' -print0 | xargs -0 -r sha256sum -b -z"
        let printed = try await tool(["sh", "-c", script, "sh", folder])
        let pairs = printed.split(separator: "\0").map { line in
            (String(line.dropFirst(66 + 2)), String(line.prefix(64)))
        }
        return Dictionary(pairs) { first, _ in first }
    }
}

/// Records the first differences between two sets of digests by path; all of them would be millions of characters.
func expectSame(_ found: [String: String], _ expected: [String: String], at location: SourceLocation = #_sourceLocation)
{
    let different = Set(found.keys).union(expected.keys).filter { found[$0] != expected[$0] }
    #expect(different.count == 0, "\(different.sorted().prefix(5))", sourceLocation: location)
}
