import AssayModel
import Sigstore

/// What one file of metadata says of another, or of a target: its length and hashes, as far as it does.
struct FileDescription: Equatable, Sendable {
    let length: Int?
    /// In the order of the metadata; at least one if there are any, of those that are known.
    let hashes: [Hash]

    struct Hash: Equatable, Sendable {
        let algorithm: DigestAlgorithm
        /// Hexadecimal, lower case.
        let digest: String
    }

    init(_ fields: Fields) throws(TUFError) {
        length = fields.has("length") ? try fields.integer("length", atLeast: 0) : nil
        var hashes: [Hash] = []
        if fields.has("hashes") {
            let members = try fields.fields("hashes")
            for member in members.object.members {
                guard let algorithm = DigestAlgorithm(rawValue: member.name) else { continue }
                let digest = try members.string(member.name)
                guard let bytes = Hex.bytes(of: digest), bytes.count == algorithm.byteCount else {
                    throw members.fault(member.name, "is not a digest in hexadecimal")
                }
                hashes.append(Hash(algorithm: algorithm, digest: Hex.text(of: bytes)))
            }
            guard !hashes.isEmpty else { throw fields.fault("hashes", "holds no SHA-256, SHA-384 or SHA-512") }
        }
        self.hashes = hashes
    }

    /// - Throws: `length` or `hash` if `bytes` are not what is described.
    func check(_ bytes: [UInt8], file: String) throws(TUFError) {
        if let length, bytes.count != length { throw .length(file: file, expected: length, found: bytes.count) }
        for hash in hashes {
            let found: String
            do throws(SigstoreError) { found = Hex.text(of: try hash.algorithm.digest(of: bytes)) } catch {
                throw .cryptography("\(error)")
            }
            guard found == hash.digest else {
                throw .hash(file: file, algorithm: hash.algorithm.rawValue, expected: hash.digest, found: found)
            }
        }
    }
}

/// What timestamp and snapshot say of a file of metadata (specification, 4.4).
struct MetadataDescription: Equatable, Sendable {
    let version: Int
    let content: FileDescription

    init(_ fields: Fields) throws(TUFError) {
        version = try fields.integer("version", atLeast: 1)
        content = try FileDescription(fields)
    }
}
