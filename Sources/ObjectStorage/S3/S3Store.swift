public import AssayModel
import HTTPTransport

/// A bucket of S3, or of anything that speaks its protocol.
public final class S3Store: ObjectStore {
    /// How the bucket's name goes into addresses.
    public enum Addressing: String, Hashable, Sendable {
        /// As host for Amazon where the name allows it, otherwise in the path.
        case automatic = "auto"
        case path
        case virtualHost = "virtual-host"
    }

    /// Where the bucket is and how to reach it.
    public struct Configuration: Sendable {
        public var bucket: String
        public var region: String
        /// `http` or `https`, host, and port and path if there are; nil for Amazon's own in the region.
        public var endpoint: String?
        public var addressing: Addressing
        /// A PEM file of the only certificate authorities to trust; nil for the system's.
        public var certificateAuthorities: String?
        /// Nil to ask without credentials, as for public buckets.
        public var credentials: (any CredentialsProvider)?
        /// The most seconds until a connection stands.
        public var connectSeconds = 10
        /// How many seconds without a byte end a request.
        public var stallSeconds = 30
        public var limits = StorageLimits()

        public init(
            bucket: String, region: String = "us-east-1", endpoint: String? = nil, addressing: Addressing = .automatic,
            certificateAuthorities: String? = nil, credentials: (any CredentialsProvider)?
        ) {
            self.bucket = bucket
            self.region = region
            self.endpoint = endpoint
            self.addressing = addressing
            self.certificateAuthorities = certificateAuthorities
            self.credentials = credentials
        }
    }

    private let configuration: Configuration
    private let endpoint: S3Endpoint
    private let client: HTTPClient
    private let now: @Sendable () -> Timestamp

    /// - Parameter now: the time for signatures; nil for the system's.
    /// - Throws: `configuration` if the bucket, region or endpoint cannot be.
    public init(
        _ configuration: Configuration, now: (@Sendable () -> Timestamp)? = nil
    ) throws(ObjectStorageError) {
        self.configuration = configuration
        self.now = now ?? Timestamp.systemTime
        endpoint = try S3Endpoint(
            bucket: configuration.bucket, region: configuration.region, endpoint: configuration.endpoint,
            addressing: configuration.addressing)
        var settings = HTTPClient.Settings()
        settings.certificateAuthorities = configuration.certificateAuthorities
        settings.connectSeconds = configuration.connectSeconds
        settings.stallSeconds = configuration.stallSeconds
        client = try .forStore(settings, limits: configuration.limits)
    }

    public func list(
        prefix: String, from token: String?, limit: Int
    ) async throws(ObjectStorageError) -> ObjectPage {
        var query = [("list-type", "2"), ("encoding-type", "url"), ("max-keys", String(min(max(limit, 1), 1000)))]
        if !prefix.isEmpty { query.append(("prefix", prefix)) }
        if let token { query.append(("continuation-token", token)) }
        let response = try await send(.get, key: nil, query: query, limit: configuration.limits.listingBytes)
        guard response.status == 200 else { throw failure(response, nil) }
        guard response.ending == .complete else {
            throw .invalidResponse("a listing is larger than \(configuration.limits.listingBytes) bytes")
        }
        return try S3Listing.page(response.body, prefix: prefix, from: token)
    }

    public func head(_ key: ObjectKey) async throws(ObjectStorageError) -> StoredObject {
        guard !key.name.isEmpty else { throw .notFound(key) }
        let response = try await send(.head, key: key)
        switch response.status {
        case 200: break
        case 400, 401, 403:
            // The answer to HEAD has no body to tell the reason; that to GET does.
            let explained = try await send(.get, key: key, headers: [("Range", "bytes=0-0")])
            throw failure(explained.status == response.status ? explained : response, key)
        default: throw failure(response, key)
        }
        guard let size = response[header: "content-length"].flatMap({ Int($0) }), size >= 0,
            let modified = response[header: "last-modified"].flatMap({ Timestamp(httpDate: $0) })
        else { throw .invalidResponse("the answer lacks the size or date of '\(key)'") }
        return StoredObject(key: key, version: try version(response, key), size: size, modified: modified)
    }

    public func read(
        _ key: ObjectKey, version: ObjectVersion, range: ByteRange
    ) async throws(ObjectStorageError) -> ByteBlock {
        guard range.length > 0 else { return ByteBlock(uninitializedCount: 0) }
        guard !key.name.isEmpty else { throw .notFound(key) }
        let block = ByteBlock(uninitializedCount: range.length)
        let response = try await send(
            .get, key: key, query: version.id.map { [("versionId", $0)] } ?? [],
            headers: [("Range", "bytes=\(range.offset)-\(range.end - 1)"), ("If-Match", "\"\(version.etag)\"")],
            block: block)
        switch response.status {
        case 206: break
        case 200: throw .wrongRange(key, expected: range, got: "the whole object")
        case 416: throw .shortRead(key, expected: range.length, got: 0)
        default: throw failure(response, key)
        }
        guard ObjectVersion.unquoted(response[header: "etag"] ?? "") == version.etag else { throw .changed(key) }
        try check(response[header: "content-range"] ?? "no range", is: range, of: key)
        guard response.ending != .tooLong else {
            throw .wrongRange(key, expected: range, got: "more bytes than that")
        }
        guard response.ending == .complete, response.blockBytes == range.length else {
            throw .shortRead(key, expected: range.length, got: response.blockBytes)
        }
        return block
    }

    /// Stores `bytes`; the moment in the answer is the server's, and may be a second before that of `head`.
    public func put(_ key: ObjectKey, _ bytes: ByteBlock) async throws(ObjectStorageError) -> StoredObject {
        guard !key.name.isEmpty else { throw .configuration("An object needs a key that is not empty.") }
        guard bytes.count <= configuration.limits.uploadBytes else {
            throw .configuration(
                "'\(key)' has \(bytes.count) bytes; an upload may have \(configuration.limits.uploadBytes).")
        }
        let response = try await send(.put, key: key, body: bytes)
        guard response.status == 200 else { throw failure(response, key) }
        let modified = response[header: "date"].flatMap { Timestamp(httpDate: $0) } ?? now()
        return StoredObject(key: key, version: try version(response, key), size: bytes.count, modified: modified)
    }

    // MARK: Requests

    private func send(
        _ method: HTTPRequest.Method, key: ObjectKey?, query: [(name: String, value: String)] = [],
        headers: [(name: String, value: String)] = [], body: ByteBlock? = nil, block: ByteBlock? = nil,
        limit: Int? = nil
    ) async throws(ObjectStorageError) -> HTTPResponse {
        let path = endpoint.path(key?.name)
        let query = PercentEncoding.query(query)
        let limit = limit ?? configuration.limits.documentBytes
        var request = HTTPRequest(
            method: method, url: endpoint.url(path: path, query: query), headers: [("Host", endpoint.host)] + headers,
            body: body, sink: block.map { .block($0, otherwise: limit) } ?? .buffer(limit: limit))
        guard let provider = configuration.credentials else { return try await client.ask(request) }

        let credentials = try await provider.credentials()
        var hasher = SHA256Hasher()
        body?.withUnsafeBytes { hasher.update($0) }
        request.headers = SignatureV4(credentials: credentials, region: configuration.region, service: "s3", now: now())
            .sign(method.rawValue, path: path, query: query, headers: request.headers, payload: hasher.finish())
        let response = try await client.ask(request)
        if response.status >= 400, S3Failure(response).isExpiry, await provider.discard(credentials) {
            throw .transient("the session has expired and is renewed", retryAfter: nil)
        }
        return response
    }

    private func failure(_ response: HTTPResponse, _ key: ObjectKey?) -> ObjectStorageError {
        S3Failure(response).error(about: key, bucket: configuration.bucket, region: configuration.region)
    }

    private func version(_ response: HTTPResponse, _ key: ObjectKey) throws(ObjectStorageError) -> ObjectVersion {
        guard let etag = response[header: "etag"].map(ObjectVersion.unquoted), !etag.isEmpty else {
            throw .invalidResponse("the answer lacks the ETag of '\(key)'")
        }
        // "null" names what was stored without versioning, and is replaced like it.
        let id = response[header: "x-amz-version-id"]
        return ObjectVersion(etag: etag, id: id == "null" ? nil : id)
    }

    /// `bytes 0-9/100` for the first ten (RFC 9110 14.4).
    private func check(_ text: String, is range: ByteRange, of key: ObjectKey) throws(ObjectStorageError) {
        let ends = text.prefix { $0 != "/" }
        if ends == "bytes \(range.offset)-\(range.end - 1)" { return }
        let start = "bytes \(range.offset)-"
        if ends.hasPrefix(start), let last = Int(ends.dropFirst(start.count)), last >= range.offset, last < range.end {
            throw .shortRead(key, expected: range.length, got: last - range.offset + 1)
        }
        throw .wrongRange(key, expected: range, got: String(text.prefix(80)))
    }
}
