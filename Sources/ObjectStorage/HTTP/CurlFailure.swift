internal import CCurl

/// What libcurl's codes mean for who asked.
enum CurlFailure {
    /// The error for a transfer to `url` that ended with `code`; the URL's query is left out, as it may tell too much.
    static func error(_ code: CURLcode, url: String) -> ObjectStorageError {
        let place = String(url.prefix { $0 != "?" })
        let reason = "\(String(cString: curl_easy_strerror(code))) (\(place))"
        switch code {
        case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL:
            return .configuration("'\(place)' is not a usable address. Check the endpoint.")
        case CURLE_SSL_CACERT_BADFILE:
            return .configuration("The file of certificate authorities cannot be read. Check its path and content.")
        case CURLE_PEER_FAILED_VERIFICATION:
            return .configuration("The certificate of \(place) is not trusted. Name the file of its authority (CA).")
        case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY:
            return .transient("\(reason). Check the endpoint's or proxy's name.", retryAfter: nil)
        case CURLE_WEIRD_SERVER_REPLY:
            return .invalidResponse("\(place) does not speak HTTP as expected. Check the endpoint.")
        default: return .transient(reason, retryAfter: nil)
        }
    }
}
