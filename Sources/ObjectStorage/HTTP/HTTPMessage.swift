import AssayModel

/// A request as it goes over the wire: nothing is encoded, normalised or followed behind its back.
struct HTTPRequest: Sendable {
    enum Method: String, Sendable {
        case get = "GET"
        case head = "HEAD"
        case put = "PUT"
        case post = "POST"
    }

    /// Where the answer's body goes.
    enum Sink: Sendable {
        /// Into memory, of at most so many bytes.
        case buffer(limit: Int)
        /// Into the block if the status is 206, otherwise into memory of at most `otherwise` bytes.
        case block(ByteBlock, otherwise: Int)
    }

    var method = Method.get
    /// Scheme, authority, percent-encoded path and query.
    var url: String
    var headers: [(name: String, value: String)] = []
    var body: ByteBlock?
    var sink: Sink
    /// Whether to leave out proxies, as for the addresses that exist on this machine only.
    var bypassesProxy = false
    /// The most seconds to wait for a connection; nil for the client's own limit.
    var connectSeconds: Int?
}

/// An answer, whatever its status.
struct HTTPResponse: Sendable {
    /// How the body came to its end.
    enum Ending: Sendable {
        /// As the header announced.
        case complete
        /// The connection ended first.
        case truncated
        /// More came than the sink could take; the transfer was broken off.
        case tooLong
    }

    let status: Int
    private let headers: [String: String]
    /// What went into the buffer.
    let body: [UInt8]
    /// How many bytes went into the block.
    let blockBytes: Int
    let ending: Ending

    init(status: Int, headers: [String: String], body: [UInt8], blockBytes: Int, ending: Ending) {
        self.status = status
        self.headers = headers
        self.body = body
        self.blockBytes = blockBytes
        self.ending = ending
    }

    /// The value of a header, by its name in lower case; of several, the last.
    subscript(header name: String) -> String? { headers[name] }
}
