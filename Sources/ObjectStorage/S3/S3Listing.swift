import AssayModel

/// The answer to ListObjectsV2.
enum S3Listing {
    /// The page in a document.
    ///
    /// - Throws: `invalidResponse` if it is not such a document, a key does not start with `prefix`, or the page would
    ///   lead to itself.
    static func page(
        _ document: [UInt8], prefix: String, from token: String?
    ) throws(ObjectStorageError) -> ObjectPage {
        var contents: [[String: String]] = []
        var current: [String: String] = [:]
        var fields: [String: String] = [:]
        let isWellFormed = XMLReader.read(document) { path, text in
            switch path {
            case "ListBucketResult/Contents":
                contents.append(current)
                current = [:]
            case _ where path.hasPrefix(contentsPrefix):
                current[String(path.dropFirst(contentsPrefix.count))] = text
            default: fields[path] = text
            }
        }
        guard isWellFormed, fields["ListBucketResult"] != nil else {
            throw .invalidResponse("a listing is not the XML that S3 sends. Check the endpoint.")
        }
        let isEncoded = fields["ListBucketResult/EncodingType"] == "url"
        var objects: [StoredObject] = []
        objects.reserveCapacity(contents.count)
        for item in contents {
            let object = try self.object(item, isEncoded: isEncoded)
            guard object.key.name.utf8.starts(with: prefix.utf8) else {
                throw .invalidResponse("a listing of '\(prefix)' holds the key '\(object.key)'")
            }
            objects.append(object)
        }
        guard fields["ListBucketResult/IsTruncated"] == "true" else { return ObjectPage(objects: objects, next: nil) }
        guard let next = fields["ListBucketResult/NextContinuationToken"], !next.isEmpty, next != token else {
            throw .invalidResponse("a listing goes on, but does not say where")
        }
        return ObjectPage(objects: objects, next: next)
    }

    private static let contentsPrefix = "ListBucketResult/Contents/"

    private static func object(
        _ item: [String: String], isEncoded: Bool
    ) throws(ObjectStorageError) -> StoredObject {
        guard let text = item["Key"], let key = isEncoded ? PercentEncoding.decode(text) : text else {
            throw .invalidResponse("a listing holds a key that cannot be decoded: '\(item["Key"] ?? "")'")
        }
        guard let etag = item["ETag"].map(ObjectVersion.unquoted), !etag.isEmpty,
            let size = item["Size"].flatMap({ Int($0) }), size >= 0,
            let modified = item["LastModified"].flatMap({ Timestamp(rfc3339: $0) })
        else {
            throw .invalidResponse("a listing lacks the ETag, size or date of '\(key)'")
        }
        return StoredObject(key: ObjectKey(key), version: ObjectVersion(etag: etag), size: size, modified: modified)
    }
}

extension ObjectVersion {
    /// An entity tag without the quotes around it.
    static func unquoted(_ etag: String) -> String {
        guard etag.count >= 2, etag.hasPrefix("\""), etag.hasSuffix("\"") else { return etag }
        return String(etag.dropFirst().dropLast())
    }
}
