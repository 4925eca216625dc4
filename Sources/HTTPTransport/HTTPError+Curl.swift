internal import CCurl

extension HTTPError {
    /// The error for a transfer to `url` that ended with `code`; the URL's query is left out, as it may tell too much.
    init(_ code: CURLcode, url: String) {
        let place = String(url.prefix { $0 != "?" })
        let reason = "\(String(cString: curl_easy_strerror(code))) (\(place))"
        switch code {
        case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL:
            self = .configuration("'\(place)' is not a usable address. Check the endpoint.")
        case CURLE_SSL_CACERT_BADFILE:
            self = .configuration("The file of certificate authorities cannot be read. Check its path and content.")
        case CURLE_PEER_FAILED_VERIFICATION:
            self = .configuration("The certificate of \(place) is not trusted. Name the file of its authority (CA).")
        case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY:
            self = .transient("\(reason). Check the endpoint's or proxy's name.")
        case CURLE_WEIRD_SERVER_REPLY:
            self = .invalidResponse("\(place) does not speak HTTP as expected. Check the endpoint.")
        default: self = .transient(reason)
        }
    }
}
