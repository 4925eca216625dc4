public import AssayModel
import GRDB

/// The number of a directory in the catalog.
public struct DirectoryID: Hashable, Sendable {
    public let rawValue: Int64
    init(_ rawValue: Int64) { self.rawValue = rawValue }
    public init(rawValue: Int64) { self.rawValue = rawValue }
}

/// Changes to the directories that keys and archives make.
///
/// The tree holds what is in the stores now: an archive that is gone keeps its own directories, so that lookups still
/// tell where an artifact was, but hangs on nothing.
enum Tree {
    /// What makes a key an archive, and is left out of its directory's name.
    static let archiveSuffix = ".zip"

    /// The directory that `components` lead to from `root`, made where it is missing.
    static func directory(_ components: some Sequence<String>, from root: DirectoryID, _ db: Database) throws
        -> DirectoryID
    {
        let find = try db.cachedStatement(
            sql: "SELECT id FROM directories WHERE parent_id = ? AND name = ? AND object_id IS NULL")
        var directory = root
        for component in components {
            if let id = try Int64.fetchOne(find, arguments: [directory.rawValue, component]) {
                directory = DirectoryID(id)
            } else {
                directory = try make(name: component, parent: directory, objectID: nil, db)
            }
        }
        return directory
    }

    static func make(name: String, parent: DirectoryID?, objectID: Int64?, _ db: Database) throws -> DirectoryID {
        try db.cachedStatement(sql: "INSERT INTO directories (parent_id, name, object_id) VALUES (?, ?, ?)")
            .execute(arguments: [parent?.rawValue, name, objectID])
        return DirectoryID(db.lastInsertedRowID)
    }

    /// Puts what an object has into the source's tree, under its key.
    static func attach(objectID: Int64, key: ObjectKey, root: DirectoryID, _ db: Database) throws {
        let parent = try directory(key.components.dropLast(), from: root, db)
        let own = try Int64.fetchOne(db, sql: "SELECT directory_id FROM objects WHERE id = ?", arguments: [objectID])
        if let own {
            try db.execute(
                sql: "UPDATE directories SET parent_id = ? WHERE id = ?", arguments: [parent.rawValue, own])
        } else {
            try db.execute(
                sql: "UPDATE entries SET directory_id = ? WHERE object_id = ?", arguments: [parent.rawValue, objectID])
        }
        try db.execute(sql: "UPDATE objects SET state = 1 WHERE id = ?", arguments: [objectID])
    }

    /// Takes what an object has out of the source's tree, and the directories that are then empty.
    static func detach(objectID: Int64, _ db: Database) throws {
        let own = try Row.fetchOne(
            db,
            sql: """
                SELECT d.id, d.parent_id FROM objects o JOIN directories d ON d.id = o.directory_id WHERE o.id = ?
                """, arguments: [objectID])
        var parent: Int64?
        if let own {
            parent = own["parent_id"]
            try db.execute(sql: "UPDATE directories SET parent_id = NULL WHERE id = ?", arguments: [own["id"] as Int64])
        } else {
            parent = try Int64.fetchOne(
                db, sql: "SELECT directory_id FROM entries WHERE object_id = ?", arguments: [objectID])
            try db.execute(sql: "UPDATE entries SET directory_id = NULL WHERE object_id = ?", arguments: [objectID])
        }
        while let directory = parent { parent = try removeIfEmpty(directory, db) }
    }

    /// Removes a directory of keys that holds nothing; returns its parent if it did.
    private static func removeIfEmpty(_ directory: Int64, _ db: Database) throws -> Int64? {
        let row = try Row.fetchOne(
            db,
            sql: """
                SELECT parent_id FROM directories d WHERE id = ? AND parent_id IS NOT NULL AND object_id IS NULL
                    AND NOT EXISTS (SELECT 1 FROM directories WHERE parent_id = d.id)
                    AND NOT EXISTS (SELECT 1 FROM entries WHERE directory_id = d.id)
                """, arguments: [directory])
        guard let row else { return nil }
        try db.execute(sql: "DELETE FROM directories WHERE id = ?", arguments: [directory])
        return row["parent_id"]
    }

    /// Deletes all entries and directories of an object, in the tree or not.
    static func deleteContents(objectID: Int64, _ db: Database) throws {
        try detach(objectID: objectID, db)
        try db.execute(
            sql: "UPDATE objects SET directory_id = NULL, first_staged = NULL WHERE id = ?", arguments: [objectID])
        try deleteDirectories("object_id = \(objectID)", db)
        try db.execute(sql: "DELETE FROM entries WHERE object_id = ?", arguments: [objectID])
        try db.execute(sql: "DELETE FROM refusals WHERE object_id = ?", arguments: [objectID])
    }

    /// Deletes the directories that a condition names, and the entries in them.
    static func deleteDirectories(_ condition: String, _ db: Database) throws {
        try db.execute(
            sql: "DELETE FROM entries WHERE directory_id IN (SELECT id FROM directories WHERE \(condition))")
        // Parents have smaller numbers than what lies in them, so the deepest go first.
        let ids = try Int64.fetchAll(db, sql: "SELECT id FROM directories WHERE \(condition) ORDER BY id DESC")
        let delete = try db.cachedStatement(sql: "DELETE FROM directories WHERE id = ?")
        for id in ids { try delete.execute(arguments: [id]) }
    }
}

extension ObjectKey {
    /// What stands between the slashes; never empty. Split by bytes: a slash followed by a combining accent is one
    /// character to Swift, and yet a slash.
    public var components: [String] {
        name.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).map {
            String(decoding: $0, as: UTF8.self)
        }
    }

    /// The last component, empty if the key ends in a slash.
    public var lastComponent: String { components.last ?? "" }
}
