internal import AssayModel
internal import HTTPTransport
internal import Sigstore

/// Why one attempt to ask a service failed.
struct ServiceFailure: Error {
    /// The end of a sentence, without a full stop.
    let reason: String
    let status: Int?
    let mayPass: Bool
    /// How long the service wants to be left alone.
    var retryAfter: Duration?
    private var kind = Kind.service

    private enum Kind { case service, configuration, cancelled }

    init(reason: String, status: Int) {
        (self.reason, self.status, mayPass) = (reason, status, false)
    }

    /// No answer came.
    init(_ error: HTTPError) {
        var text = error.description
        while text.hasSuffix(".") { text.removeLast() }
        reason = text
        status = nil
        switch error {
        case .transient: mayPass = true
        case .unavailable, .invalidResponse: mayPass = false
        case .configuration: (mayPass, kind) = (false, .configuration)
        case .cancelled: (mayPass, kind) = (false, .cancelled)
        }
    }

    /// The answer is no success.
    ///
    /// - Parameter secret: what must not be shown even if the service repeats it.
    init(_ response: HTTPResponse, secret: String?, now: UTCTime, limits: ServiceLimits) {
        status = response.status
        // 408 and 429 ask for another attempt; 501 and 505 will be the same the next time.
        mayPass =
            [408, 429].contains(response.status) || response.status >= 500 && ![501, 505].contains(response.status)
        switch response.status {
        case 300..<400: reason = "it points to another address, which is not followed; give the address itself"
        default: reason = Self.words(response.body, secret: secret, limits: limits) ?? "it gives no reason"
        }
        retryAfter = response[header: "retry-after"].flatMap { text in
            if let seconds = Int(text) { return seconds >= 0 ? .seconds(seconds) : nil }
            // A date (RFC 9110, 10.2.3).
            return Timestamp(httpDate: text).map { .seconds(max(0, $0.seconds - now.seconds)) }
        }
    }

    /// What the service says: the messages of a JSON answer, or the text. It is dropped if it repeats part of a secret.
    private static func words(_ body: [UInt8], secret: String?, limits: ServiceLimits) -> String? {
        let json = try? JSONValue(parsing: body)
        let text = json.map(messages) ?? String(decoding: body, as: UTF8.self)
        // A token's parts are of no worth below that length.
        let secrets = (secret ?? "").split(separator: ".").filter { $0.utf8.count >= 16 }
        guard !secrets.contains(where: { text.contains($0) }) else {
            return "its reason is left out, as it repeats the token"
        }
        var words = TerminalText.escape(String(text.prefix(limits.reasonSize)).trimmingSpaces)
        while words.hasSuffix(".") { words.removeLast() }
        return words.isEmpty ? nil : words
    }

    /// `message` is what most services say, `__type` what Amazon's say besides, `errors` what Vault says.
    private static func messages(_ json: JSONValue) -> String {
        let kind = json["__type"]?.string?.split(separator: "#").last.map(String.init)
        let single = [kind, json["message"]?.string ?? json["Message"]?.string].compactMap { $0 }
        return (single + (json["errors"]?.array ?? []).compactMap(\.string)).joined(separator: ": ")
    }

    func error(_ request: ServiceRequest, url: String, attempts: Int) -> SigningError {
        switch kind {
        case .cancelled: return .cancelled
        case .configuration:
            // The transport says what is wrong, and then what to do.
            let parts = reason.firstRange(of: ". ").map { (reason[..<$0.lowerBound], reason[$0.upperBound...]) }
            return .configuration(
                reason: "\(url) could not \(request.operation): \(parts?.0 ?? reason[...])",
                advice: "\(parts?.1 ?? "Check the settings of the service").")
        case .service:
            return .service(
                operation: request.operation, url: url, status: status,
                reason: attempts > 1 ? "\(reason) (asked \(attempts) times)" : reason, mayPass: mayPass)
        }
    }
}

extension String {
    fileprivate var trimmingSpaces: String {
        let text = drop { $0.isWhitespace }
        return String(text.reversed().drop { $0.isWhitespace }.reversed())
    }
}
