internal import AssayModel
internal import CCurl
import Foundation
import Synchronization

/// One request on its way through libcurl.
///
/// Only `isCancelled` is touched from elsewhere: everything else belongs to the engine's thread from submission on, which
/// is why it may be `@unchecked Sendable`.
final class HTTPTransfer: @unchecked Sendable {
    let request: HTTPRequest
    let isCancelled = Atomic(false)
    private let headerLimit: Int
    private var continuation: CheckedContinuation<Result<HTTPResponse, HTTPError>, Never>?

    private(set) var easy: UnsafeMutableRawPointer?
    private var headerList: UnsafeMutablePointer<curl_slist>?

    private var status = 0
    private var headers: [String: String] = [:]
    private var headerBytes = 0
    private var body: [UInt8] = []
    private var blockBytes = 0
    private var sent = 0
    private var overflow: Overflow?

    private enum Overflow { case header, body }

    init(_ request: HTTPRequest, headerLimit: Int) {
        self.request = request
        self.headerLimit = headerLimit
    }

    /// Gives the transfer whom to tell of its end; before it is submitted.
    func attach(_ continuation: CheckedContinuation<Result<HTTPResponse, HTTPError>, Never>) {
        self.continuation = continuation
    }

    /// Makes the libcurl handle; false if libcurl refuses.
    func prepare(_ settings: HTTPClient.Settings) -> Bool {
        guard let easy = curl_easy_init() else { return false }
        self.easy = easy
        let this = Unmanaged.passUnretained(self).toOpaque()
        func set(_ option: CURLoption, _ value: Int) { assay_curl_set_long(easy, option, value) }
        func set(_ option: CURLoption, _ value: String) { assay_curl_set_string(easy, option, value) }

        set(CURLOPT_URL, request.url)
        set(CURLOPT_PATH_AS_IS, 1)
        set(CURLOPT_PROTOCOLS_STR, "http,https")
        set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
        set(CURLOPT_NOSIGNAL, 1)
        set(CURLOPT_TCP_KEEPALIVE, 1)
        set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
        set(CURLOPT_USERAGENT, "assay")
        set(CURLOPT_CONNECTTIMEOUT, request.connectSeconds ?? settings.connectSeconds)
        set(CURLOPT_LOW_SPEED_LIMIT, 1)
        set(CURLOPT_LOW_SPEED_TIME, settings.stallSeconds)
        if let seconds = settings.totalSeconds { set(CURLOPT_TIMEOUT, seconds) }
        set(CURLOPT_BUFFERSIZE, 256 << 10)
        if let file = settings.certificateAuthorities { set(CURLOPT_CAINFO, file) }
        if request.bypassesProxy { set(CURLOPT_NOPROXY, "*") }

        assay_curl_set_pointer(easy, CURLOPT_PRIVATE, this)
        assay_curl_set_pointer(easy, CURLOPT_WRITEDATA, this)
        assay_curl_set_pointer(easy, CURLOPT_HEADERDATA, this)
        assay_curl_set_callback(easy, CURLOPT_WRITEFUNCTION) { bytes, size, count, this in
            HTTPTransfer.from(this).receiveBody(UnsafeRawBufferPointer(start: bytes, count: size * count))
        }
        assay_curl_set_callback(easy, CURLOPT_HEADERFUNCTION) { bytes, size, count, this in
            HTTPTransfer.from(this).receiveHeader(UnsafeRawBufferPointer(start: bytes, count: size * count))
        }
        prepareMethod(easy, this)

        // Without this, libcurl asks for leave before larger uploads and waits a second for the answer.
        var lines = ["Expect:"]
        for (name, value) in request.headers { lines.append("\(name): \(value)") }
        for line in lines {
            guard let longer = curl_slist_append(headerList, line) else { return false }
            headerList = longer
        }
        assay_curl_set_headers(easy, headerList)
        return true
    }

    private func prepareMethod(_ easy: UnsafeMutableRawPointer, _ this: UnsafeMutableRawPointer) {
        switch request.method {
        case .get: return
        case .head: assay_curl_set_long(easy, CURLOPT_NOBODY, 1)
        case .put, .post:
            assay_curl_set_long(easy, CURLOPT_UPLOAD, 1)
            assay_curl_set_string(easy, CURLOPT_CUSTOMREQUEST, request.method.rawValue)
            assay_curl_set_size(easy, CURLOPT_INFILESIZE_LARGE, curl_off_t(request.body?.count ?? 0))
            assay_curl_set_pointer(easy, CURLOPT_READDATA, this)
            assay_curl_set_pointer(easy, CURLOPT_SEEKDATA, this)
            assay_curl_set_callback(easy, CURLOPT_READFUNCTION) { bytes, size, count, this in
                HTTPTransfer.from(this).send(UnsafeMutableRawBufferPointer(start: bytes, count: size * count))
            }
            // libcurl rewinds when a kept connection turns out to be closed and it sends again on a new one.
            assay_curl_set_seek(easy) { this, offset, origin in
                HTTPTransfer.from(this).seek(Int(offset), origin)
            }
        }
    }

    /// Frees the handle and tells whoever waits; once.
    func finish(_ result: Result<HTTPResponse, HTTPError>) {
        if let easy { curl_easy_cleanup(easy) }
        easy = nil
        curl_slist_free_all(headerList)
        headerList = nil
        continuation?.resume(returning: result)
        continuation = nil
    }

    /// What the transfer came to, by libcurl's code for its end.
    func result(_ code: CURLcode) -> Result<HTTPResponse, HTTPError> {
        if overflow == .header {
            return .failure(.invalidResponse("the header of an answer is larger than \(headerLimit) bytes"))
        }
        let ending: HTTPResponse.Ending
        switch code {
        case CURLE_OK: ending = .complete
        case CURLE_WRITE_ERROR where overflow == .body: ending = .tooLong
        case CURLE_PARTIAL_FILE, CURLE_RECV_ERROR, CURLE_GOT_NOTHING, CURLE_OPERATION_TIMEDOUT:
            guard blockBytes > 0 else { return .failure(HTTPError(code, url: request.url)) }
            ending = .truncated
        default: return .failure(HTTPError(code, url: request.url))
        }
        return .success(
            HTTPResponse(status: status, headers: headers, body: body, blockBytes: blockBytes, ending: ending))
    }

    // MARK: What libcurl calls

    private static func from(_ pointer: UnsafeMutableRawPointer?) -> HTTPTransfer {
        guard let pointer else { preconditionFailure("libcurl lost the pointer it was given") }
        return Unmanaged.fromOpaque(pointer).takeUnretainedValue()
    }

    /// Anything but the count tells libcurl to break off.
    private func receiveHeader(_ bytes: UnsafeRawBufferPointer) -> Int {
        headerBytes += bytes.count
        guard headerBytes <= headerLimit else {
            overflow = .header
            return 0
        }
        let line = String(decoding: bytes, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        if line.hasPrefix("HTTP/") {
            // An interim answer (100 Continue) came before: its header is not the one that counts.
            headers = [:]
            status = easy.map { assay_curl_get_long($0, CURLINFO_RESPONSE_CODE) } ?? 0
        } else if let colon = line.firstIndex(of: ":") {
            let value = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
            headers[line[..<colon].lowercased()] = value
        }
        return bytes.count
    }

    private func receiveBody(_ bytes: UnsafeRawBufferPointer) -> Int {
        switch request.sink {
        case .block(let block, _) where status == 206:
            guard bytes.count <= block.count - blockBytes else { return overflowed() }
            block.withUnsafeMutableBytes { space in
                UnsafeMutableRawBufferPointer(rebasing: space[blockBytes...]).copyMemory(from: bytes)
            }
            blockBytes += bytes.count
        case .block(_, let limit), .buffer(let limit):
            guard bytes.count <= limit - body.count else { return overflowed() }
            body.append(contentsOf: bytes)
        }
        return bytes.count
    }

    private func overflowed() -> Int {
        overflow = .body
        return 0
    }

    private func send(_ space: UnsafeMutableRawBufferPointer) -> Int {
        guard let body = request.body else { return 0 }
        let count = min(space.count, body.count - sent)
        body.withUnsafeBytes { bytes in
            space.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[sent..<sent + count]))
        }
        sent += count
        return count
    }

    private func seek(_ offset: Int, _ origin: Int32) -> Int32 {
        guard origin == SEEK_SET, offset >= 0, offset <= request.body?.count ?? 0 else { return CURL_SEEKFUNC_CANTSEEK }
        sent = offset
        return CURL_SEEKFUNC_OK
    }
}
