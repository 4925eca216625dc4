/// HTTP/1.1 requests over kept connections, many at once on one thread of its own.
package final class HTTPClient: Sendable {
    package struct Settings: Sendable {
        /// A PEM file of the only authorities to trust; nil for the system's.
        package var certificateAuthorities: String?
        /// The most seconds until a connection stands.
        package var connectSeconds = 10
        /// How many seconds without a byte end a transfer.
        package var stallSeconds = 30
        /// The most seconds of a transfer as a whole; nil for any number, as large objects need.
        package var totalSeconds: Int?
        /// The most bytes of the header of one answer.
        package var headerBytes = 64 << 10
        /// The most requests in flight at once; more wait.
        package var concurrentRequests = 64

        package init() {}
    }

    private let settings: Settings
    private let engine: HTTPEngine

    /// - Throws: `unavailable` if libcurl cannot start.
    package init(_ settings: Settings) throws(HTTPError) {
        self.settings = settings
        engine = try HTTPEngine(settings)
    }

    deinit { engine.stop() }

    /// Sends a request and waits for the end of its answer, whatever its status. Redirects are answers, not followed.
    ///
    /// - Throws: `transient` if no answer came, `configuration` if none can come, `invalidResponse` if it was not HTTP
    ///   or had too large a header, `cancelled`. Cancellation ends the transfer at once.
    package func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
        let transfer = HTTPTransfer(request, headerLimit: settings.headerBytes)
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                transfer.attach(continuation)
                engine.submit(transfer)
            }
        } onCancel: {
            engine.cancel(transfer)
        }
        return try result.get()
    }
}
