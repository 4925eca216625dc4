/// Where an instance of Sigstore answers, and how many of its services a signature needs: version 0.2 of
/// `dev.sigstore.trustroot.v1.SigningConfig`.
public struct SigningConfig: Equatable, Sendable {
    /// A service, and when it is to be asked.
    public struct Service: Equatable, Sendable {
        public let url: String
        public let majorAPIVersion: Int
        public let validity: ValidityWindow
        /// Who runs it; empty if the configuration does not say.
        public let serviceOperator: String
    }

    /// How many services of a kind are asked.
    public enum Selector: Hashable, Sendable {
        case all
        /// One, and another if that is down.
        case any
        case exactly(Int)
    }

    /// Who certifies identities (Fulcio).
    public let certificateAuthorities: [Service]
    /// Who vouches for identities (OIDC).
    public let identityIssuers: [Service]
    /// The logs of signatures (Rekor).
    public let transparencyLogs: [Service]
    public let transparencyLogSelector: Selector
    /// Who signs timestamps.
    public let timestampAuthorities: [Service]
    public let timestampAuthoritySelector: Selector

    private static let mediaType = "application/vnd.dev.sigstore.signingconfig.v0.2+json"

    /// The configuration that `bytes` are the JSON text of, in every spelling that protobuf's JSON mapping allows, and
    /// nothing else: a field that is not known could say that a service must not be asked.
    ///
    /// - Throws: `malformedJSON`, `malformed` with the field's path, or `limitExceeded`.
    public init(parsing bytes: [UInt8], limits: Limits = Limits()) throws(SigstoreError) {
        let json = try JSONValue(parsing: bytes, limits: limits)
        var reader = try MessageReader(json, document: "signing configuration", unknownFields: .refused)
        let mediaType = try reader.string("mediaType")
        guard mediaType.hasSameBytes(as: Self.mediaType) else {
            throw reader.fault("mediaType", "\"\(TerminalText.excerpt(mediaType))\" is not \(Self.mediaType)")
        }
        func services(_ name: String) throws(SigstoreError) -> [Service] {
            try reader.messages(name, limit: limits.trustedInstances) { (service) throws(SigstoreError) in
                try Service(&service)
            }
        }
        certificateAuthorities = try services("caUrls")
        identityIssuers = try services("oidcUrls")
        transparencyLogs = try services("rekorTlogUrls")
        transparencyLogSelector = try reader.selector("rekorTlogConfig", required: !transparencyLogs.isEmpty)
        timestampAuthorities = try services("tsaUrls")
        timestampAuthoritySelector = try reader.selector("tsaConfig", required: !timestampAuthorities.isEmpty)
        try reader.finish()
    }
}

extension Sequence<SigningConfig.Service> {
    /// The services to ask at `time`, the best first: of each operator the one with the highest version of the API that
    /// is spoken here, and of several such the one that came into use last.
    public func usable(at time: UTCTime, versions: Set<Int>) -> [SigningConfig.Service] {
        let candidates = filter { versions.contains($0.majorAPIVersion) && $0.validity.contains(time) }
            .enumerated()
            .sorted { a, b in
                (-a.element.majorAPIVersion, b.element.validity.start, a.offset)
                    < (-b.element.majorAPIVersion, a.element.validity.start, b.offset)
            }
        var operators: Set<[UInt8]> = []
        return candidates.map(\.element).filter { operators.insert(Array($0.serviceOperator.utf8)).inserted }
    }
}

extension SigningConfig.Service {
    /// `dev.sigstore.trustroot.v1.Service`.
    fileprivate init(_ reader: inout MessageReader) throws(SigstoreError) {
        url = try reader.string("url")
        guard !url.isEmpty else { throw reader.fault("url", "is missing") }
        majorAPIVersion = try reader.natural("majorApiVersion")
        validity = try reader.validityWindow("validFor")
        serviceOperator = try reader.string("operator")
    }
}

extension MessageReader {
    /// `dev.sigstore.trustroot.v1.ServiceConfiguration`.
    fileprivate mutating func selector(
        _ name: String, required: Bool
    ) throws(SigstoreError) -> SigningConfig.Selector {
        let names = ["SERVICE_SELECTOR_UNDEFINED", "ALL", "ANY", "EXACT"]
        let selector = try message(name) { (reader) throws(SigstoreError) -> SigningConfig.Selector? in
            let kind = try reader.enumeration("selector", names: names)
            let count = try reader.natural("count")
            switch names[kind] {
            case "ALL": return .all
            case "ANY": return .any
            case "EXACT":
                guard count > 0 else { throw reader.fault("count", "is missing, and EXACT needs it") }
                return .exactly(count)
            default: return nil
            }
        }
        if let selector = selector ?? nil { return selector }
        guard !required else { throw fault(name, "does not say how many services to use (selector)") }
        return .any
    }
}
