import Foundation

/// Where a bucket is reached, and how its name goes into addresses.
struct S3Endpoint: Hashable, Sendable {
    private let scheme: String
    /// The `Host` header: name, and port if it is not the scheme's own.
    let host: String
    /// Percent-encoded, without a slash at its end.
    private let base: String

    /// - Throws: `configuration` if the bucket's name or the endpoint cannot be.
    init(
        bucket: String, region: String, endpoint: String?, addressing: S3Store.Addressing
    ) throws(ObjectStorageError) {
        guard (3...255).contains(bucket.utf8.count),
            bucket.utf8.allSatisfy({ Self.isNameByte($0) }), bucket != "...", !bucket.hasPrefix("-")
        else {
            throw .configuration(
                "'\(bucket)' cannot be a bucket's name: 3 or more letters, digits, '-', '.' and '_' are allowed.")
        }
        guard !region.isEmpty, region.utf8.allSatisfy({ Self.isNameByte($0) }) else {
            throw .configuration("'\(region)' is not a region, such as us-east-1.")
        }
        let domain = region.hasPrefix("cn-") ? "amazonaws.com.cn" : "amazonaws.com"
        let address = try Self.parse(endpoint ?? "https://s3.\(region).\(domain)")

        let isAmazon = address.host.hasSuffix(".amazonaws.com") || address.host.hasSuffix(".amazonaws.com.cn")
        let isVirtual =
            switch addressing {
            case .path: false
            case .virtualHost: true
            // A dot in the name breaks the wildcard certificate; upper case and '_' are no host names.
            case .automatic: isAmazon && Self.isHostLabel(bucket)
            }
        scheme = address.scheme
        host = isVirtual ? "\(bucket).\(address.host)" : address.host
        base = isVirtual ? address.path : "\(address.path)/\(bucket)"
    }

    /// The percent-encoded path of an object; without a key, of the bucket.
    func path(_ key: String?) -> String {
        guard let key else { return base.isEmpty ? "/" : base }
        return "\(base)/\(PercentEncoding.encode(key, keepingSlashes: true))"
    }

    /// The whole address of an encoded path and query.
    func url(path: String, query: String) -> String {
        "\(scheme)://\(host)\(path)\(query.isEmpty ? "" : "?\(query)")"
    }

    private static func parse(
        _ text: String
    ) throws(ObjectStorageError) -> (scheme: String, host: String, path: String) {
        guard let parts = URLComponents(string: text), let scheme = parts.scheme?.lowercased(),
            scheme == "http" || scheme == "https", let host = parts.percentEncodedHost?.lowercased(), !host.isEmpty,
            parts.user == nil, parts.password == nil, parts.query == nil, parts.fragment == nil
        else {
            throw .configuration("'\(text)' is not an endpoint, such as https://storage.example.org:9000.")
        }
        let isDefaultPort = parts.port == nil || parts.port == (scheme == "https" ? 443 : 80)
        var path = parts.percentEncodedPath[...]
        while path.last == "/" { path.removeLast() }
        return (scheme, isDefaultPort ? host : "\(host):\(parts.port ?? 0)", String(path))
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
            true
        default: false
        }
    }

    private static func isHostLabel(_ name: String) -> Bool {
        name.utf8.count <= 63
            && name.utf8.allSatisfy { isNameByte($0) && $0 != UInt8(ascii: ".") && $0 != UInt8(ascii: "_") }
            && name == name.lowercased()
    }
}
