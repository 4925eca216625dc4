public import AssayModel
import GRDB

/// A bucket, a prefix of one, or a folder, whose objects are in the catalog.
public struct Source: Hashable, Sendable {
    public let id: Int64
    /// What it is called under `by-source`.
    public let name: String
    /// `s3://bucket/prefix` or a folder's absolute path.
    public let location: String
    /// The directory that its objects lie in.
    public let root: DirectoryID

    /// What keys are relative to: `s3://bucket` or `file:///folder`.
    public var store: String {
        guard location.hasPrefix("s3://") else { return "file://" + location }
        // Keys are whole, and so hold the prefix that the location ends in.
        return "s3://" + (location.dropFirst(5).split(separator: "/").first ?? "")
    }

    /// How an object of this source is called for people.
    public func url(of key: ObjectKey) -> String {
        location.hasPrefix("s3://")
            ? store + "/" + key.name : location + (location.hasSuffix("/") ? "" : "/") + key.name
    }
}

extension Catalog {
    /// The source at `location`, recorded now if it is new.
    ///
    /// - Parameters:
    ///   - name: what a new source is to be called; if nil, `suggestion`, with `~2`, `~3`, ... if that is taken.
    /// - Throws: `badName` if `name` is no folder's; `nameTaken` if `name` belongs to another source; `database`.
    public func source(
        at location: String, name: String?, suggestion: String, now: Timestamp
    ) throws(CatalogError) -> Source {
        if let name {
            let isName =
                (1...255).contains(name.utf8.count) && !name.utf8.contains(UInt8(ascii: "/")) && !name.utf8.contains(0)
            guard isName, name != ".", name != ".." else { throw .badName(name) }
        }
        return try write { db in
            if let row = try Row.fetchOne(db, sql: "SELECT * FROM sources WHERE location = ?", arguments: [location]) {
                let known = Source(row)
                guard let name, name != known.name else { return known }
                try Self.refuse(taken: name, db)
                try db.execute(sql: "UPDATE sources SET name = ? WHERE id = ?", arguments: [name, known.id])
                return Source(id: known.id, name: name, location: location, root: known.root)
            }
            var chosen = name ?? suggestion
            if name != nil {
                try Self.refuse(taken: chosen, db)
            } else {
                var number = 2
                while try Self.isTaken(chosen, db) {
                    chosen = "\(suggestion)~\(number)"
                    number += 1
                }
            }
            try db.execute(sql: "INSERT INTO directories (name) VALUES ('')")
            let root = DirectoryID(db.lastInsertedRowID)
            try db.execute(
                sql: "INSERT INTO sources (name, location, directory_id, added) VALUES (?, ?, ?, ?)",
                arguments: [chosen, location, root.rawValue, now.seconds])
            return Source(id: db.lastInsertedRowID, name: chosen, location: location, root: root)
        }
    }

    /// All sources, by name.
    public func sources() throws(CatalogError) -> [Source] {
        try read { db in try Row.fetchAll(db, sql: "SELECT * FROM sources ORDER BY name").map(Source.init) }
    }

    private static func isTaken(_ name: String, _ db: Database) throws -> Bool {
        try Bool.fetchOne(db, sql: "SELECT EXISTS (SELECT 1 FROM sources WHERE name = ?)", arguments: [name]) ?? false
    }

    private static func refuse(taken name: String, _ db: Database) throws {
        if try isTaken(name, db) { throw CatalogError.nameTaken(name) }
    }
}

extension Source {
    init(_ row: Row) {
        self.init(id: row["id"], name: row["name"], location: row["location"], root: DirectoryID(row["directory_id"]))
    }
}
