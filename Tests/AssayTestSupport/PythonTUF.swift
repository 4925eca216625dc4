public import Foundation

/// Repositories of The Update Framework as the reference implementation makes them.
public enum PythonTUF {
    public struct Failure: Error, CustomStringConvertible {
        public let description: String
    }

    /// Makes a repository in `folder`, with its targets in `folder/targets`: version 1 of the root, which trust starts
    /// from, is signed by an RSA key, version 2 by an Ed25519 key and two ECDSA keys. The target `team/note.txt` is
    /// delegated.
    ///
    /// - Parameter files: targets at the top, by path.
    public static func makeRepository(in folder: URL, files: [String: URL]) throws {
        let process = Process()
        process.executableURL = try Requirement.tuf.find()
        process.arguments = ["-c", script, folder.path] + files.flatMap { [$0.key, $0.value.path] }
        let errors = Pipe()
        process.standardError = errors
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let said = try errors.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Failure(description: "python-tuf made no repository: \(String(decoding: said, as: UTF8.self))")
        }
    }

    private static let script = """
        import datetime, hashlib, os, sys
        from securesystemslib.signer import CryptoSigner
        from tuf.api.metadata import (DelegatedRole, Delegations, MetaFile, Metadata, Root, Snapshot, TargetFile,
            Targets, Timestamp)
        folder, rest = sys.argv[1], sys.argv[2:]
        files = {name: open(path, "rb").read() for name, path in zip(rest[::2], rest[1::2])}
        expiry = datetime.datetime(2090, 1, 1, tzinfo=datetime.timezone.utc)
        first, second = CryptoSigner.generate_rsa(), CryptoSigner.generate_ed25519()
        more = [CryptoSigner.generate_ecdsa(), CryptoSigner.generate_ecdsa()]
        online, team = CryptoSigner.generate_ecdsa(), CryptoSigner.generate_ed25519()

        def write(name, data):
            os.makedirs(os.path.dirname(f"{folder}/{name}"), exist_ok=True)
            with open(f"{folder}/{name}", "wb") as file:
                file.write(data)

        def publish(name, part, *signers):
            metadata = Metadata(part)
            for signer in signers:
                metadata.sign(signer, append=True)
            data = metadata.to_bytes()
            write(name, data)
            return data

        def target(name, data):
            parts = name.split("/")
            parts[-1] = hashlib.sha256(data).hexdigest() + "." + parts[-1]
            write("targets/" + "/".join(parts), data)
            return TargetFile.from_data(name, data, ["sha256"])

        root = Root(version=1, expires=expiry, consistent_snapshot=True)
        root.add_key(first.public_key, "root")
        for role in ("timestamp", "snapshot", "targets"):
            root.add_key(online.public_key, role)
        publish("1.root.json", root, first)
        root.version = 2
        root.revoke_key(first.public_key.keyid, "root")
        for signer in [second, *more]:
            root.add_key(signer.public_key, "root")
        root.roles["root"].threshold = 3
        root.unrecognized_fields["x-note"] = "Zeichen: \\"\\\\\\n\\u00e9\\U0001d11e"
        publish("2.root.json", root, first, second, *more)

        note = target("team/note.txt", b"from the team")
        part = publish("1.team.json", Targets(expires=expiry, targets={note.path: note}), team)
        role = DelegatedRole("team", [team.public_key.keyid], 1, False, paths=["team/*"])
        targets = Targets(expires=expiry, targets={name: target(name, data) for name, data in files.items()})
        targets.delegations = Delegations({team.public_key.keyid: team.public_key}, {"team": role})
        top = publish("1.targets.json", targets, online)
        meta = {"targets.json": MetaFile.from_data(1, top, ["sha256"]),
            "team.json": MetaFile.from_data(1, part, ["sha256", "sha512"])}
        snapshot = publish("1.snapshot.json", Snapshot(expires=expiry, meta=meta), online)
        publish("timestamp.json",
            Timestamp(expires=expiry, snapshot_meta=MetaFile.from_data(1, snapshot, ["sha256"])), online)
        """
}
