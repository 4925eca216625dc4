internal import AssayModel
internal import HTTPTransport
internal import Sigstore

/// A service that gives tokens or keeps keys: asked over HTTP, it answers with JSON.
struct RemoteService: Sendable {
    /// Where it is, without user name, password and query.
    let url: String
    private let base: String
    private let client: HTTPClient
    private let limit: Int

    /// - Parameters:
    ///   - base: scheme, authority and perhaps a path and a query; what is asked for is appended.
    ///   - certificateAuthorities: a PEM file of the only authorities to trust; nil for the system's.
    /// - Throws: `configuration` if it is not such a URL.
    init(
        _ base: String, certificateAuthorities: String? = nil, limits: IdentityLimits
    ) throws(SigningError) {
        let shown = TerminalText.excerpt(String(base.prefix { $0 != "?" && $0 != "#" }))
        guard let scheme = ["https://", "http://"].first(where: base.hasPrefix), !base.contains("#"),
            case let authority = base.dropFirst(scheme.count).prefix(while: { $0 != "/" && $0 != "?" }),
            !authority.isEmpty, base.utf8.allSatisfy({ (0x21...0x7e).contains($0) })
        else {
            throw .configuration(reason: "'\(shown)' is not the address of a service", advice: "Give one with https://.")
        }
        // A password there would show up wherever the address does.
        guard !authority.contains("@") else {
            throw .configuration(
                reason: "The address of a service at '\(authority.split(separator: "@").last ?? "")' has a user name in it",
                advice: "Leave it out.")
        }
        self.base = base
        url = shown
        limit = limits.answerSize
        var settings = HTTPClient.Settings()
        settings.certificateAuthorities = certificateAuthorities
        do throws(HTTPError) { client = try HTTPClient(settings) } catch {
            throw .configuration(reason: "HTTP cannot be used: \(error)", advice: "Try again.")
        }
    }

    /// What the service answers with success.
    ///
    /// - Parameters:
    ///   - operation: what is asked of it, as in "could not OPERATION".
    ///   - suffix: percent-encoded, appended to the base.
    ///   - secret: a header that must not come back in a message.
    ///   - problem: what an answer of failure says.
    /// - Throws: `service` with what it said, `untrue` if it is not JSON, `configuration`, `cancelled`.
    func ask(
        _ operation: String, _ suffix: String = "", headers: [(name: String, value: String)] = [],
        secret: (name: String, value: String)? = nil, body: [UInt8]? = nil,
        problem: (JSONValue) -> String?
    ) async throws(SigningError) -> JSONValue {
        let response = try await send(
            operation,
            HTTPRequest(
                method: body == nil ? .get : .post, url: base + suffix, headers: headers + (secret.map { [$0] } ?? []),
                body: body.map { ByteBlock($0) }, sink: .buffer(limit: limit)))
        let answer = try? JSONValue(parsing: response.body)
        guard (200..<300).contains(response.status) else {
            var reason = answer.flatMap(problem).map(TerminalText.excerpt) ?? "it says no more"
            if let word = secret?.value.split(separator: " ").last, reason.contains(word) {
                reason = "its message repeats a secret and is left out"
            }
            let mayPass = response.status == 429 || response.status >= 500
            throw .service(operation: operation, url: url, status: response.status, reason: reason, mayPass: mayPass)
        }
        guard response.ending == .complete, let answer else {
            throw .untrue(operation: operation, url: url, reason: "it is no JSON of at most \(limit) bytes")
        }
        return answer
    }

    private func send(_ operation: String, _ request: HTTPRequest) async throws(SigningError) -> HTTPResponse {
        do throws(HTTPError) { return try await client.send(request) } catch {
            switch error {
            case .cancelled: throw .cancelled
            case .configuration(let reason): throw .configuration(reason: reason, advice: "No signature can be made.")
            case .transient(let reason), .unavailable(let reason), .invalidResponse(let reason):
                throw .service(
                    operation: operation, url: url, status: nil, reason: reason, mayPass: error.mayPass)
            }
        }
    }
}

extension HTTPError {
    fileprivate var mayPass: Bool {
        switch self {
        case .transient, .unavailable: true
        case .invalidResponse, .configuration, .cancelled: false
        }
    }
}
