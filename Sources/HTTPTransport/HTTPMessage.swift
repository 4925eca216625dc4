package import AssayModel

/// A request as it goes over the wire: nothing is encoded, normalised or followed behind its back.
package struct HTTPRequest: Sendable {
    package enum Method: String, Sendable {
        case get = "GET"
        case head = "HEAD"
        case put = "PUT"
        case post = "POST"
    }

    /// Where the answer's body goes.
    package enum Sink: Sendable {
        /// Into memory, of at most so many bytes.
        case buffer(limit: Int)
        /// Into the block if the status is 206, otherwise into memory of at most `otherwise` bytes.
        case block(ByteBlock, otherwise: Int)
    }

    package var method: Method
    /// Scheme, authority, percent-encoded path and query.
    package var url: String
    package var headers: [(name: String, value: String)]
    package var body: ByteBlock?
    package var sink: Sink
    /// Whether to leave out proxies, as for the addresses that exist on this machine only.
    package var bypassesProxy: Bool
    /// The most seconds to wait for a connection; nil for the client's own limit.
    package var connectSeconds: Int?
    /// The most seconds until the answer is whole; nil for any number, as long as bytes come.
    package var totalSeconds: Int?

    package init(
        method: Method = .get, url: String, headers: [(name: String, value: String)] = [], body: ByteBlock? = nil,
        sink: Sink, bypassesProxy: Bool = false, connectSeconds: Int? = nil, totalSeconds: Int? = nil
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.sink = sink
        self.bypassesProxy = bypassesProxy
        self.connectSeconds = connectSeconds
        self.totalSeconds = totalSeconds
    }
}

/// An answer, whatever its status.
package struct HTTPResponse: Sendable {
    /// How the body came to its end.
    package enum Ending: Sendable {
        /// As the header announced.
        case complete
        /// The connection ended first.
        case truncated
        /// More came than the sink could take; the transfer was broken off.
        case tooLong
    }

    package let status: Int
    private let headers: [String: String]
    /// What went into the buffer.
    package let body: [UInt8]
    /// How many bytes went into the block.
    package let blockBytes: Int
    package let ending: Ending

    package init(status: Int, headers: [String: String], body: [UInt8], blockBytes: Int, ending: Ending) {
        self.status = status
        self.headers = headers
        self.body = body
        self.blockBytes = blockBytes
        self.ending = ending
    }

    /// The value of a header, by its name in lower case; of several, the last.
    package subscript(header name: String) -> String? { headers[name] }
}
