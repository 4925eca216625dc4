/// Sigstore's public-good instance and its staging twin, whose logs the whole world reads.
public enum PublicInstance {
    /// Everything below these names is theirs.
    private static let domains = ["sigstore.dev", "sigstage.dev"]

    /// Whether what is sent to this address becomes public for good.
    ///
    /// The host's name decides, in whatever spelling. An address that cannot be read for certain counts as public, so
    /// that nothing private goes where nobody can tell. What a private name points to cannot be seen here.
    public static func contains(_ url: String) -> Bool {
        guard let address = try? ServiceURL(url) else { return true }
        var host = address.host[...]
        while host.hasSuffix(".") { host = host.dropLast() }
        return domains.contains { host == $0 || host.hasSuffix("." + $0) }
    }
}
