import AssayModel
import Foundation
import HTTPTransport

/// Asks the services that hand out temporary credentials.
struct CredentialsClient: Sendable {
    private let client: HTTPClient
    private let limit: Int

    init(limits: StorageLimits) throws(ObjectStorageError) {
        var settings = HTTPClient.Settings()
        settings.connectSeconds = 5
        settings.stallSeconds = 10
        client = try .forStore(settings, limits: limits)
        limit = limits.documentBytes
    }

    /// The answer to one request.
    ///
    /// - Parameter isLocal: for addresses of this machine or its host: no proxy, and at most a second to connect.
    func send(
        _ method: HTTPRequest.Method, _ url: String, headers: [(name: String, value: String)] = [],
        body: String? = nil, isLocal: Bool = false
    ) async throws(ObjectStorageError) -> HTTPResponse {
        let response = try await client.ask(
            HTTPRequest(
                method: method, url: url, headers: headers, body: body.map { ByteBlock($0.utf8) },
                sink: .buffer(limit: limit), bypassesProxy: isLocal, connectSeconds: isLocal ? 1 : nil))
        guard response.ending == .complete else {
            throw .invalidResponse("an answer with credentials is larger than \(limit) bytes")
        }
        return response
    }

    /// The error for a service that answered with another status than 200.
    static func failure(_ service: String, _ response: HTTPResponse) -> ObjectStorageError {
        switch response.status {
        case 429, 500...599: .transient("the \(service) answered with status \(response.status)", retryAfter: nil)
        default:
            .denied("the \(service) gives no credentials (status \(response.status)). Check the role and its policy.")
        }
    }
}

/// Temporary credentials as JSON, in the form that containers, instances and credential programs share.
struct CredentialsDocument: Decodable {
    private let accessKeyID: String
    private let secret: String
    private let token: String?
    private let sessionToken: String?
    private let expiration: String?

    private enum CodingKeys: String, CodingKey {
        case accessKeyID = "AccessKeyId"
        case secret = "SecretAccessKey"
        case token = "Token"
        case sessionToken = "SessionToken"
        case expiration = "Expiration"
    }

    /// - Throws: `invalidResponse`, without a word of the document, which may hold secrets.
    static func credentials(_ document: [UInt8], from source: String) throws(ObjectStorageError) -> Credentials {
        guard let fields = try? JSONDecoder().decode(Self.self, from: Data(document)) else {
            throw .invalidResponse("the \(source) did not answer with credentials as JSON")
        }
        return try Credentials(
            accessKeyID: fields.accessKeyID, secret: fields.secret,
            sessionToken: fields.token ?? fields.sessionToken, expiration: fields.expiration, from: source)
    }
}

extension Credentials {
    /// Credentials as somebody handed them out; header lines must not break in them.
    init(
        accessKeyID: String, secret: String, sessionToken: String?, expiration: String?, from source: String
    ) throws(ObjectStorageError) {
        let expires = expiration.flatMap { Timestamp(rfc3339: $0) }
        guard expiration == nil || expires != nil else {
            throw .invalidResponse("the \(source) gave credentials whose expiry is not a time in UTC")
        }
        let sent = accessKeyID + (sessionToken ?? "")
        guard !accessKeyID.isEmpty, !secret.isEmpty, sent.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else {
            throw .configuration("The \(source) holds an access key or session token that is empty or not plain text.")
        }
        self.init(accessKeyID: accessKeyID, secret: secret, sessionToken: sessionToken, expires: expires)
    }
}
