import HTTPTransport

extension HTTPClient {
    /// A client within the limits of a store.
    ///
    /// - Throws: `unavailable` if libcurl cannot start.
    static func forStore(_ settings: Settings, limits: StorageLimits) throws(ObjectStorageError) -> HTTPClient {
        var settings = settings
        settings.headerBytes = limits.headerBytes
        settings.concurrentRequests = limits.concurrentRequests
        do throws(HTTPError) { return try HTTPClient(settings) } catch { throw ObjectStorageError(error) }
    }

    /// What `send` answers or throws, in the words of a store.
    func ask(_ request: HTTPRequest) async throws(ObjectStorageError) -> HTTPResponse {
        do throws(HTTPError) { return try await send(request) } catch { throw ObjectStorageError(error) }
    }
}

extension ObjectStorageError {
    fileprivate init(_ error: HTTPError) {
        self =
            switch error {
            case .transient(let reason): .transient(reason, retryAfter: nil)
            case .unavailable(let reason): .unavailable(reason)
            case .invalidResponse(let reason): .invalidResponse(reason)
            case .configuration(let reason): .configuration(reason)
            case .cancelled: .cancelled
            }
    }
}
