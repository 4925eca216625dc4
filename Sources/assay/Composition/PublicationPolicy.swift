import AssayConsole
import DigestCatalog
import ObjectStorage
import Signing

/// What may be sent to services whose records everybody can read, for good: what the configuration file says is public, and
/// nothing else.
struct PublicationPolicy {
    private let rules: [(location: String, visibility: SourceRule.Visibility)]
    private let file: String?

    /// - Throws: `usage` if a rule's location is none.
    init(_ settings: Settings) throws(CommandError) {
        file = settings.file
        var rules: [(String, SourceRule.Visibility)] = []
        for rule in settings.sourceRules {
            // A relative path would mean something else wherever the program is started.
            guard rule.location.hasPrefix("/") || rule.location.contains("://"),
                let location = try? StoreLocation(rule.location)
            else {
                throw CommandError(
                    .usage, "\(rule.place): “\(rule.location)” is no location of a source",
                    hint: "Write s3://bucket/prefix or the whole path of a folder.")
            }
            rules.append((location.description, rule.visibility))
        }
        self.rules = rules
    }

    /// Whether everybody may know of everything at this location: the longest rule that covers it says so, and no rule
    /// says otherwise of a part of it.
    ///
    /// In doubt it is private: a public rule covers what is below it as in folders, a private one every location that
    /// begins with its text.
    func isPublic(_ location: String) -> Bool {
        var best: (length: Int, isPublic: Bool) = (-1, false)
        for rule in rules {
            let length = Self.trimmed(rule.location).count
            switch rule.visibility {
            case .public:
                if Self.covers(rule.location, location), length > best.length { best = (length, true) }
            case .private:
                // Also when both are of one length.
                if location.utf8.starts(with: Self.trimmed(rule.location)), length >= best.length {
                    best = (length, false)
                } else if rule.location.utf8.starts(with: location.utf8) {
                    return false
                }
            }
        }
        return best.isPublic
    }

    private static func trimmed(_ location: String) -> Substring.UTF8View {
        var text = location[...]
        while text.utf8.last == UInt8(ascii: "/"), text.utf8.count > 1 { text = text.dropLast() }
        return text.utf8
    }

    private static func covers(_ rule: String, _ location: String) -> Bool {
        guard rule != "/" else { return location.hasPrefix("/") }
        // "s3://bucket/a/" does not cover the source "s3://bucket/a", which also has what is called "ab".
        if location.utf8.elementsEqual(rule.utf8) { return true }
        return location.utf8.starts(with: Array(trimmed(rule)) + [UInt8(ascii: "/")])
    }

    /// - Parameter urls: where something about the sources will be sent.
    /// - Throws: `usage` with what to do if an address is a public one and a source is private.
    func check(_ sources: [Source], mayBeSentTo urls: [String]) throws(CommandError) {
        let publicURLs = urls.filter(PublicInstance.contains)
        let secret = sources.filter { !isPublic($0.location) }
        guard !publicURLs.isEmpty, !secret.isEmpty else { return }
        let shown = secret.prefix(5).map { "\($0.name) (\($0.location))" }.joined(separator: ", ")
        let more = secret.count > 5 ? " and \(secret.count - 5) more" : ""
        let place = file ?? "the configuration file"
        throw CommandError(
            .usage,
            """
            nothing was sent: \(secret.count == 1 ? "the source" : "the sources") \(shown)\(more) \
            \(secret.count == 1 ? "is" : "are") private, and everybody can read, for good, what \
            \(publicURLs.joined(separator: ", ")) \(publicURLs.count == 1 ? "is" : "are") told: who signs what, and when
            """,
            hint: """
                Name services of your own (--signing-config, or --fulcio-url, --rekor-url and --timestamp-url), sign with \
                a key and without services, or limit the run to public sources with --source. If the world may know of \
                it, say so in \(place): [sources."\(secret.first?.location ?? "")"] visibility = "public"
                """)
    }

    /// Whether some address is a service that everybody can read.
    static func isPublic(_ urls: [String]) -> Bool { urls.contains(where: PublicInstance.contains) }

    /// - Throws: `usage` if files are to be sent to a public service, and were not said to be public, or are private by the
    ///   configuration.
    func check(files: [String], saidToBePublic: Bool, mayBeSentTo urls: [String]) throws(CommandError) {
        let publicURLs = urls.filter(PublicInstance.contains)
        guard !publicURLs.isEmpty else { return }
        guard saidToBePublic else {
            throw CommandError(
                .usage,
                "nothing was sent: everybody can read, for good, what \(publicURLs.joined(separator: ", ")) will be told",
                hint: """
                    If the world may know of these files and of who signs them, say so with --public; otherwise name \
                    services of your own, or sign with a key and without services.
                    """)
        }
        for file in files {
            guard let path = try? StoreLocation(file).description else { continue }
            let isPrivate = rules.contains { rule in
                rule.visibility == .private && path.utf8.starts(with: Self.trimmed(rule.location))
            }
            if isPrivate && !isPublic(path) {
                throw CommandError(
                    .usage, "nothing was sent: \(file) is in a folder that is private by the configuration",
                    hint: "--public does not overrule \(self.file ?? "the configuration file").")
            }
        }
    }
}
