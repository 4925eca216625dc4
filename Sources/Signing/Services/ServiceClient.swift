internal import AssayModel
internal import HTTPTransport
internal import Sigstore

/// One service of signing, asked over HTTP: patiently if it fails in a way that may pass, and never more often, more at
/// once or for more bytes than is set.
///
/// Any number of tasks may ask at once. Redirects are refused: what is sent shall go where the operator said.
final class ServiceClient: Sendable {
    private let address: ServiceURL
    private let settings: ServiceSettings
    private let http: HTTPClient
    private let turnstile: Turnstile

    /// The service's URL, without user name, password and query.
    let url: String
    var limits: ServiceLimits { settings.limits }
    var clock: ServiceClock { settings.clock }

    /// - Parameter url: with `user:password@` if the service wants them, and with a query if it wants one.
    /// - Throws: `configuration` if nothing can be asked under this URL or with these settings.
    init(_ url: String, settings: ServiceSettings) throws(SigningError) {
        let address: ServiceURL
        do throws(ServiceURL.Unusable) {
            address = try ServiceURL(url)
        } catch {
            // The text itself may hold a password.
            throw .configuration(
                reason: "The URL of a signing service \(error.problem)", advice: "Check the addresses that are set.")
        }
        guard settings.maxRate.map({ $0.isFinite && $0 > 0 }) ?? true, settings.requestsInFlight > 0,
            settings.retries.attempts > 0
        else {
            throw .configuration(
                reason: "The rate, the number of requests in flight or the number of attempts is not above zero",
                advice: "Give numbers above zero.")
        }
        var transport = HTTPClient.Settings()
        transport.certificateAuthorities = settings.certificateAuthorities
        transport.connectSeconds = settings.connectSeconds
        transport.stallSeconds = settings.answerSeconds
        transport.headerBytes = settings.limits.headerSize
        transport.concurrentRequests = settings.requestsInFlight
        do throws(HTTPError) {
            http = try HTTPClient(transport)
        } catch {
            throw .configuration(reason: "No service can be asked", advice: "\(error)")
        }
        self.address = address
        self.settings = settings
        self.url = address.shown
        turnstile = Turnstile(rate: settings.maxRate, clock: settings.clock)
    }

    /// The answer, whose status is one that the request accepts.
    ///
    /// - Throws: `service` if there is none, even after asking again; `configuration`, `cancelled`.
    func ask(_ request: ServiceRequest) async throws(SigningError) -> ServiceAnswer {
        var failures = 0
        while true {
            do {
                try await turnstile.turn()
            } catch {
                throw .cancelled
            }
            let failure: ServiceFailure
            switch await attempt(request) {
            case .success(let answer): return answer
            case .failure(let found): failure = found
            }
            failures += 1
            guard failure.mayPass, failures < settings.retries.attempts else {
                throw failure.error(request, url: url, attempts: failures)
            }
            if let wish = failure.retryAfter { turnstile.close(for: min(wish, settings.retries.longestRetryAfter)) }
            try await sleep(
                settings.retries.delay(after: failures, retryAfter: failure.retryAfter, random: settings.random()))
        }
    }

    /// Waits as after that many failures.
    func pause(after failures: Int) async throws(SigningError) {
        try await sleep(settings.retries.delay(after: failures, retryAfter: nil, random: settings.random()))
    }

    private func sleep(_ duration: Duration) async throws(SigningError) {
        do {
            try await clock.sleep(duration)
        } catch {
            throw .cancelled
        }
    }

    private func attempt(_ request: ServiceRequest) async -> Result<ServiceAnswer, ServiceFailure> {
        var headers = [(name: "Accept", value: request.accept)]
        if let type = request.contentType { headers.append(("Content-Type", type)) }
        let bearer = request.bearer.map(\.text)
        let secret = request.secretHeader.map { ($0.name, $0.value.text) }
        if let authorization = bearer.map({ "Bearer " + $0 }) ?? address.basicAuthorization {
            headers.append(("Authorization", authorization))
        }
        if let secret { headers.append(secret) }
        headers += request.headers
        let message = HTTPRequest(
            method: request.body == nil ? .get : .post, url: address.appending(request.path), headers: headers,
            body: request.body.map { ByteBlock($0) }, sink: .buffer(limit: request.answerSize ?? limits.answerSize),
            totalSeconds: settings.answerSeconds)
        let response: HTTPResponse
        do throws(HTTPError) {
            response = try await http.send(message)
        } catch {
            return .failure(ServiceFailure(error))
        }
        if response.ending == .tooLong {
            return .failure(ServiceFailure(reason: "its answer is larger than the limit", status: response.status))
        }
        guard request.accepted.contains(response.status) else {
            return .failure(
                ServiceFailure(response, secret: bearer ?? secret?.1, now: clock.wallTime(), limits: limits))
        }
        return .success(ServiceAnswer(response))
    }
}

extension SecretBytes {
    /// For the header of a request, which libcurl wants as text.
    fileprivate var text: String { withUnsafeBytes { String(decoding: $0, as: UTF8.self) } }
}
