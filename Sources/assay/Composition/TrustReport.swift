import AssayConsole
import FoundationEssentials
import Sigstore

/// Who is trusted, for people and programs.
struct TrustReport: Encodable {
    struct Origin: Encodable {
        /// `built-in`, `update` or `files`.
        let kind: String
        /// The day that a built-in root is of.
        var date: String?
        var update: TrustFolder.Update?
        /// The roles of the update whose metadata expired.
        var expiredRoles: [String] = []
        var files: [String] = []
    }

    struct Party: Encodable {
        let name: String
        let validFrom: String
        let validUntil: String?
        /// Whether it is trusted for what is signed now.
        let isCurrent: Bool
        let key: String?
        let keyID: String?
        /// From the authority's own to the root; a log has none.
        let certificates: [Link]
    }

    struct Link: Encodable {
        let subject: String
        let expires: String?
    }

    let origin: Origin
    let certificateAuthorities: [Party]
    let certificateLogs: [Party]
    let transparencyLogs: [Party]
    let timestampAuthorities: [Party]

    init(_ loaded: TrustedRoots.Loaded, now: UTCTime) {
        switch loaded.origin {
        case .files(let files): origin = Origin(kind: "files", files: files)
        case .builtIn: origin = Origin(kind: "built-in", date: TrustedRoot.publicGoodDate)
        case .updated(let update):
            origin = Origin(kind: "update", update: update, expiredRoles: update.expired(at: now).map(\.name))
        }
        func authority(_ authority: CertificateAuthority) -> Party {
            let chain = authority.chainCertificates
            return Party(
                name: authority.uri.isEmpty ? chain.first?.subject ?? "" : authority.uri,
                validFrom: "\(authority.validity.start)", validUntil: authority.validity.end.map { "\($0)" },
                isCurrent: authority.validity.contains(now), key: authority.key?.algorithm,
                keyID: authority.key?.hint,
                certificates: chain.map {
                    Link(subject: $0.subject, expires: $0.validity?.end.map { "\($0)" })
                })
        }
        func log(_ log: TrustedLog) -> Party {
            Party(
                name: log.baseURL, validFrom: "\(log.validity.start)", validUntil: log.validity.end.map { "\($0)" },
                isCurrent: log.validity.contains(now), key: log.key.algorithm,
                keyID: Data(log.id).base64EncodedString(), certificates: [])
        }
        certificateAuthorities = loaded.root.certificateAuthorities.map(authority)
        certificateLogs = loaded.root.certificateLogs.map(log)
        transparencyLogs = loaded.root.transparencyLogs.map(log)
        timestampAuthorities = loaded.root.timestampAuthorities.map(authority)
    }

    var text: ConsoleText {
        originText + Self.section("Certificate authorities (who certifies signers)", certificateAuthorities)
            + Self.section("Certificate logs (CT)", certificateLogs)
            + Self.section("Transparency logs (Rekor)", transparencyLogs)
            + Self.section("Timestamp authorities", timestampAuthorities)
    }

    private var originText: ConsoleText {
        guard let update = origin.update else {
            if let date = origin.date {
                return "Trusted root: built in, Sigstore's public-good instance as of \(date)\n"
            }
            return "Trusted root: \(origin.files.joined(separator: ", "))\n"
        }
        var text: ConsoleText = "Trusted root: updated \(update.updated) from \(update.mirror)\n"
        for role in update.roles {
            let hasExpired = origin.expiredRoles.contains(role.name)
            let state: ConsoleText = hasExpired ? ", \("expired", .warning) " : ", counts until "
            text = text + "  \(role.name) version \(role.version)" + state + "\(role.expires)\n"
        }
        if !origin.expiredRoles.isEmpty {
            text = text + "There may be a newer one: run `assay trust update`. This one can still be used offline.\n"
        }
        return text
    }

    private static func section(_ title: String, _ parties: [Party]) -> ConsoleText {
        var text = ConsoleText(stringLiteral: "\n") + ConsoleText(title, .heading) + ConsoleText(stringLiteral: "\n")
        guard !parties.isEmpty else { return text + "  none\n" }
        for party in parties {
            let state: ConsoleText = party.isCurrent ? "\("trusted now", .good)" : "\("for what is older", .faint)"
            text = text + "  \(party.name)  " + state + "\n"
            text = text + "    valid  \(party.validFrom) to \(party.validUntil ?? "no set end")\n"
            if let key = party.key { text = text + "    key    \(key), \(party.keyID ?? "")\n" }
            for link in party.certificates {
                text = text + "    chain  \(link.subject), expires \(link.expires ?? "at an unknown time")\n"
            }
        }
        return text
    }
}
