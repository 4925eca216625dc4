import GRDB

/// The tables, as docs/CATALOG.md explains them.
enum Schema {
    /// Written into the file's header (PRAGMA application_id), so that another program's database is not taken for ours.
    static let applicationID = 0x4153_4159  // "ASAY"

    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1") { db in try db.execute(sql: first) }
        return migrator
    }

    // Compactness is a promise (200 bytes an entry beyond its path), so: a path is a directory and a name; numbers
    // that SQLite stores in as few bytes as they need; and no index that another one can stand in for.
    //
    // AUTOINCREMENT where an id is also an inode number: a number must never come to mean other content.
    private static let first = """
        CREATE TABLE sources (
            id INTEGER PRIMARY KEY,
            name TEXT NOT NULL UNIQUE,
            location TEXT NOT NULL UNIQUE,
            directory_id INTEGER NOT NULL REFERENCES directories,
            added INTEGER NOT NULL,
            scanned INTEGER
        ) STRICT;

        CREATE TABLE objects (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            source_id INTEGER NOT NULL REFERENCES sources,
            key TEXT NOT NULL,
            version_id TEXT,
            etag TEXT NOT NULL,
            size INTEGER NOT NULL,
            modified INTEGER NOT NULL,
            state INTEGER NOT NULL,
            error TEXT,
            indexed INTEGER,
            directory_id INTEGER REFERENCES directories,
            first_staged INTEGER,
            entries INTEGER NOT NULL DEFAULT 0,
            content_size INTEGER NOT NULL DEFAULT 0,
            UNIQUE (source_id, key)
        ) STRICT;
        CREATE INDEX objects_by_directory ON objects (directory_id) WHERE directory_id IS NOT NULL;
        CREATE INDEX objects_by_staging ON objects (first_staged) WHERE first_staged IS NOT NULL;
        CREATE INDEX objects_by_state ON objects (source_id, state) WHERE state <> 1;

        CREATE TABLE directories (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            parent_id INTEGER REFERENCES directories,
            name TEXT NOT NULL,
            object_id INTEGER REFERENCES objects
        ) STRICT;
        CREATE INDEX directories_by_name ON directories (parent_id, name);
        CREATE INDEX directories_by_object ON directories (object_id) WHERE object_id IS NOT NULL;

        CREATE TABLE artifacts (
            id INTEGER PRIMARY KEY,
            sha256 BLOB NOT NULL UNIQUE,
            size INTEGER NOT NULL,
            first_seen INTEGER NOT NULL,
            attestation_id INTEGER REFERENCES attestations
        ) STRICT;
        CREATE INDEX artifacts_by_attestation ON artifacts (attestation_id);

        CREATE TABLE entries (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            directory_id INTEGER REFERENCES directories,
            name TEXT NOT NULL,
            object_id INTEGER REFERENCES objects,
            artifact_id INTEGER REFERENCES artifacts,
            method INTEGER NOT NULL,
            data_offset INTEGER NOT NULL,
            compressed_size INTEGER NOT NULL,
            crc32 INTEGER NOT NULL,
            modified INTEGER,
            mode INTEGER,
            link TEXT
        ) STRICT;
        CREATE INDEX entries_by_name ON entries (directory_id, name);
        CREATE INDEX entries_by_artifact ON entries (artifact_id) WHERE artifact_id IS NOT NULL;
        CREATE INDEX entries_by_object ON entries (object_id) WHERE object_id IS NOT NULL;

        CREATE TABLE refusals (
            object_id INTEGER NOT NULL REFERENCES objects,
            name TEXT NOT NULL,
            code TEXT NOT NULL,
            reason TEXT NOT NULL
        ) STRICT;
        CREATE INDEX refusals_by_object ON refusals (object_id);

        CREATE TABLE attestations (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            status INTEGER NOT NULL,
            predicate_kind TEXT NOT NULL,
            predicate_type TEXT NOT NULL,
            created INTEGER NOT NULL,
            updated INTEGER NOT NULL,
            expires INTEGER NOT NULL,
            error TEXT,
            bundle BLOB
        ) STRICT;
        CREATE INDEX attestations_by_expiry ON attestations (status, expires);

        CREATE TABLE subjects (
            artifact_id INTEGER NOT NULL REFERENCES artifacts,
            attestation_id INTEGER NOT NULL REFERENCES attestations,
            PRIMARY KEY (artifact_id, attestation_id)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX subjects_by_attestation ON subjects (attestation_id);
        """
}
