public import Sigstore
internal import Synchronization

/// Who is asked to witness a bundle: timestamp authorities first, so that a log which gives no time records a signature
/// whose time is known, then logs.
public struct WitnessPlan: Sendable {
    private let timestampAuthorities: WitnessGroup
    private let logs: WitnessGroup

    /// A plan of these witnesses.
    ///
    /// - Throws: `configuration` if a selector wants more witnesses than there are.
    public init(
        timestampAuthorities: [any Witness], timestampAuthoritySelector: SigningConfig.Selector = .all,
        logs: [any Witness], logSelector: SigningConfig.Selector = .all
    ) throws(SigningError) {
        self.timestampAuthorities = try WitnessGroup(
            timestampAuthorities, timestampAuthoritySelector, kind: "timestamp authority")
        self.logs = try WitnessGroup(logs, logSelector, kind: "transparency log")
    }

    /// The plan of a signing configuration at a time.
    ///
    /// - Parameters:
    ///   - publicKey: the signer's, for bundles that carry only a hint to it.
    ///   - root: what the verifiers of the bundles will trust.
    /// - Throws: `configuration` if it names services that cannot be asked, or too few of those that are in use.
    public init(
        _ configuration: SigningConfig, at time: UTCTime, settings: ServiceSettings = ServiceSettings(),
        publicKey: PublicKey? = nil, root: TrustedRoot
    ) throws(SigningError) {
        var authorities: [any Witness] = []
        for service in configuration.timestampAuthorities.usable(at: time, versions: [1]) {
            authorities.append(try TimestampAuthority(url: service.url, settings: settings))
        }
        var logs: [any Witness] = []
        for service in configuration.transparencyLogs.usable(at: time, versions: [1, 2]) {
            logs.append(
                try Self.log(
                    url: service.url, version: service.majorAPIVersion, settings: settings, publicKey: publicKey,
                    root: root))
        }
        // A configuration may list no service of a kind; one whose services are all out of use is a mistake.
        guard authorities.isEmpty == configuration.timestampAuthorities.isEmpty,
            logs.isEmpty == configuration.transparencyLogs.isEmpty
        else {
            throw .configuration(
                reason: "No \(authorities.isEmpty ? "timestamp authority" : "transparency log") of the signing"
                    + " configuration is in use at \(time) with an API that is spoken here",
                advice: "Get a newer signing configuration.")
        }
        try self.init(
            timestampAuthorities: authorities, timestampAuthoritySelector: configuration.timestampAuthoritySelector,
            logs: logs, logSelector: configuration.transparencyLogSelector)
    }

    /// A log by the version of its API.
    ///
    /// - Throws: `configuration` if nothing can be asked under this URL, or the version is not known.
    public static func log(
        url: String, version: Int, settings: ServiceSettings = ServiceSettings(), publicKey: PublicKey? = nil,
        root: TrustedRoot
    ) throws(SigningError) -> any Witness {
        switch version {
        case 1: return try RekorV1(url: url, settings: settings, publicKey: publicKey)
        case 2: return try RekorV2(url: url, settings: settings, publicKey: publicKey, root: root)
        default:
            throw .configuration(
                reason: "Version \(version) of a transparency log's API is not known", advice: "Versions 1 and 2 are.")
        }
    }

    /// Who vouches for the time of signing, as one witness; nil if nobody is asked to.
    public var timestamps: (any Witness)? { timestampAuthorities.needed > 0 ? timestampAuthorities : nil }

    /// Who records the signature, as one witness; nil if nobody is asked to.
    public var log: (any Witness)? { logs.needed > 0 ? logs : nil }

    /// Where signatures are sent, for whoever must know: see `PublicInstance`.
    public var urls: [String] { timestampAuthorities.urls + logs.urls }

    /// Whether somebody vouches for the time of signing, without which a certificate that ends soon proves nothing:
    /// timestamp authorities and logs of Rekor's first version do.
    public var givesTime: Bool {
        timestampAuthorities.needed > 0
            || logs.needed > 0 && logs.witnesses.allSatisfy { $0 is RekorV1 }
    }
}

/// Witnesses of a kind, and how many of them are asked.
///
/// If too few of them answer, what the others gave is dropped; asking again makes no second record in a log.
private final class WitnessGroup: Witness {
    let witnesses: [any Witness]
    let needed: Int
    /// The witnesses' places, those that failed lately last: with thousands of bundles, one that is down is not waited
    /// for each time.
    private let order: Mutex<[Int]>

    init(_ witnesses: [any Witness], _ selector: SigningConfig.Selector, kind: String) throws(SigningError) {
        self.witnesses = witnesses
        switch selector {
        case .all: needed = witnesses.count
        case .any: needed = min(1, witnesses.count)
        case .exactly(let count): needed = count
        }
        order = Mutex(Array(witnesses.indices))
        guard (0...witnesses.count).contains(needed) else {
            throw .configuration(
                reason:
                    "Evidence of \(needed) services of the kind \(kind) is asked for, and there are \(witnesses.count)",
                advice: "Name more of them, or ask for less evidence.")
        }
    }

    var urls: [String] { witnesses.map(\.url) }
    var url: String { urls.joined(separator: " or ") }

    func witness(_ bundle: SigstoreBundle) async throws(SigningError) -> SigstoreBundle {
        var bundle = bundle
        var missing = needed
        var failures: [SigningError] = []
        for place in order.withLock({ $0 }) where missing > 0 {
            do throws(SigningError) {
                bundle = try await witnesses[place].witness(bundle)
                missing -= 1
            } catch {
                switch error {
                case .service, .untrue: failures.append(error)
                // It is not the witness's fault, and the others would say the same.
                case .token, .configuration, .sigstore, .cancelled: throw error
                }
                order.withLock { order in
                    order.removeAll { $0 == place }
                    order.append(place)
                }
                // There is no other to take its place.
                if witnesses.count - failures.count < needed { break }
            }
        }
        // The failure that another attempt may mend tells more than one that will stay.
        if missing > 0, let failure = failures.first(where: \.mayPass) ?? failures.first { throw failure }
        return bundle
    }
}

extension SigningError {
    fileprivate var mayPass: Bool {
        if case .service(_, _, _, _, true) = self { true } else { false }
    }
}
