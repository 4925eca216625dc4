import AssayModel

/// HTTP/1.1 requests over kept connections, many at once on one thread of its own.
final class HTTPClient: Sendable {
    struct Settings: Sendable {
        /// A PEM file of the only authorities to trust; nil for the system's.
        var certificateAuthorities: String?
        /// The most seconds until a connection stands.
        var connectSeconds = 10
        /// How many seconds without a byte end a transfer.
        var stallSeconds = 30
        var limits = StorageLimits()
    }

    private let settings: Settings
    private let engine: HTTPEngine

    /// - Throws: `unavailable` if libcurl cannot start.
    init(_ settings: Settings) throws(ObjectStorageError) {
        self.settings = settings
        engine = try HTTPEngine(settings)
    }

    deinit { engine.stop() }

    /// Sends a request and waits for the end of its answer, whatever its status. Redirects are answers, not followed.
    ///
    /// - Throws: `transient` if no answer came, `configuration` if none can come, `invalidResponse` if it was not HTTP
    ///   or had too large a header, `cancelled`. Cancellation ends the transfer at once.
    func send(_ request: HTTPRequest) async throws(ObjectStorageError) -> HTTPResponse {
        let transfer = HTTPTransfer(request, headerLimit: settings.limits.headerBytes)
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
