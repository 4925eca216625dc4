import AssayModel
import HTTPTransport

/// What an S3 server says when it does not do what it was asked: its status, code and message.
struct S3Failure {
    let status: Int
    /// Such as `NoSuchKey`; empty if the answer had no body, as to HEAD.
    let code: String
    private let message: String
    private let region: String?
    private let retryAfter: Duration?

    init(_ response: HTTPResponse) {
        var fields: [String: String] = [:]
        _ = XMLReader.read(response.body) { path, text in fields[path] = text }
        status = response.status
        code = Self.readable(fields["Error/Code"] ?? "")
        message = Self.readable(fields["Error/Message"] ?? "")
        region = (response[header: "x-amz-bucket-region"] ?? fields["Error/Region"]).map(Self.readable)
        retryAfter = response[header: "retry-after"].flatMap { Int($0) }.flatMap { $0 >= 0 ? .seconds($0) : nil }
    }

    /// The error for a request about `key`, or about the whole bucket.
    func error(about key: ObjectKey?, bucket: String, region asked: String) -> ObjectStorageError {
        if let region, region != asked, (300..<400).contains(status) || Self.regionCodes.contains(code) {
            return .configuration(
                "The bucket '\(bucket)' is in the region '\(region)', not '\(asked)'. Set the region.")
        }
        switch status {
        case 412: return key.map { .changed($0) } ?? .invalidResponse(summary)
        case 404 where code == "NoSuchBucket":
            return .configuration("There is no bucket '\(bucket)' at this endpoint (\(summary)). Check its name.")
        case 404:
            return key.map { .notFound($0) } ?? .configuration("The bucket '\(bucket)' cannot be listed: \(summary)")
        case 300..<400:
            return .configuration("The endpoint sends elsewhere (\(summary)), and that is not followed. Correct it.")
        case 401, 403: return .denied("\(summary).\(help)")
        case 408, 429, 500, 502, 503, 504: return .transient(summary, retryAfter: retryAfter)
        case 400 where Self.transientCodes.contains(code): return .transient(summary, retryAfter: retryAfter)
        case 400 where Self.deniedCodes.contains(code): return .denied("\(summary).\(help)")
        default: return .invalidResponse("the store answered \(summary)")
        }
    }

    /// Whether fresh credentials may help.
    var isExpiry: Bool { code == "ExpiredToken" || code == "ExpiredTokenException" }

    private var summary: String {
        let text = message.last == "." ? String(message.dropLast()) : message
        return switch (code.isEmpty, text.isEmpty) {
        case (true, _): "status \(status)"
        case (false, true): code
        case (false, false): "\(code): \(text)"
        }
    }

    private var help: String {
        switch code {
        case "SignatureDoesNotMatch": " The secret does not fit the access key; check both for typing errors."
        case "InvalidAccessKeyId": " The store does not know the access key; check it, and the endpoint."
        case "ExpiredToken", "ExpiredTokenException": " The session has expired; log in again."
        case "InvalidToken": " The session token does not fit the access key."
        case "RequestTimeTooSkewed": " This machine's clock differs from the store's; set it right."
        case "AccessDenied":
            " The credentials are not allowed to do this; reading needs s3:ListBucket and s3:GetObject."
        default: ""
        }
    }

    private static let regionCodes: Set = [
        "AuthorizationHeaderMalformed", "PermanentRedirect", "TemporaryRedirect", "IncorrectEndpoint",
    ]
    private static let transientCodes: Set = ["RequestTimeout", "SlowDown", "InternalError", "ServiceUnavailable"]
    private static let deniedCodes: Set = [
        "ExpiredToken", "ExpiredTokenException", "InvalidToken", "AuthorizationHeaderMalformed", "InvalidAccessKeyId",
        "RequestTimeTooSkewed",
    ]

    /// The text fit to be printed: what servers send may hold control characters, and be long.
    private static func readable(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.prefix(300).map { $0.properties.generalCategory == .control ? " " : $0 }))
    }
}
