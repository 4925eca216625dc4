import HTTPTransport

/// A mirror behind `http` or `https`. Redirects are not followed: a mirror that sends elsewhere has moved.
public final class HTTPMirror: Mirror {
    private let base: String
    private let client: HTTPClient
    private let limits: UpdateLimits

    /// - Parameter base: the address that file names are appended to.
    /// - Throws: `location` if it is not `http` or `https`.
    public init(_ base: String, limits: UpdateLimits = UpdateLimits()) throws(TUFError) {
        guard base.hasPrefix("https://") || base.hasPrefix("http://"), !base.contains(where: { "?#".contains($0) })
        else { throw .location("'\(base)' is not the address of a mirror: it is neither http:// nor https://.") }
        // Addresses are printed and kept.
        guard !base.drop(while: { $0 != "/" }).dropFirst(2).prefix(while: { $0 != "/" }).contains("@") else {
            throw .location("The address of the mirror holds a user name or password; leave them out.")
        }
        var settings = HTTPClient.Settings()
        settings.connectSeconds = limits.connectSeconds
        settings.stallSeconds = limits.stallSeconds
        do throws(HTTPError) { client = try HTTPClient(settings) } catch { throw .mirror("\(error)") }
        self.base = base.hasSuffix("/") ? base : base + "/"
        self.limits = limits
    }

    public func file(_ path: String, limit: Int) async throws(TUFError) -> [UInt8]? {
        let response: HTTPResponse
        do throws(HTTPError) {
            response = try await client.send(
                HTTPRequest(url: base + path, sink: .buffer(limit: limit), totalSeconds: limits.transferSeconds))
        } catch {
            switch error {
            case .cancelled: throw .cancelled
            case .configuration(let reason): throw .location(reason)
            case .transient(let reason), .unavailable(let reason), .invalidResponse(let reason): throw .mirror(reason)
            }
        }
        switch response.status {
        // Some stores say "forbidden" of what is not there (5.3.3).
        case 403, 404: return nil
        case 200: break
        case 300..<400:
            throw .mirror("\(base)\(path) sends elsewhere (status \(response.status)); give the new address")
        default: throw .mirror("\(base)\(path) answered with status \(response.status)")
        }
        switch response.ending {
        case .complete: return response.body
        case .tooLong: throw .limitExceeded(what: "bytes of \(path)", limit: limit)
        case .truncated: throw .mirror("\(base)\(path) ended early")
        }
    }
}
