/// The predicate types that have a name here.
public enum PredicateType {
    /// SLSA provenance, version 1.
    public static let slsaProvenanceV1 = "https://slsa.dev/provenance/v1"
    /// SLSA provenance, version 0.2.
    public static let slsaProvenanceV02 = "https://slsa.dev/provenance/v0.2"

    /// The short names of predicate types that cosign's users know, and what they stand for.
    public static let shortNames: KeyValuePairs<String, String> = [
        "slsaprovenance1": slsaProvenanceV1,
        "slsaprovenance": slsaProvenanceV02,
        "slsaprovenance02": slsaProvenanceV02,
        "spdx": "https://spdx.dev/Document",
        "spdxjson": "https://spdx.dev/Document",
        "cyclonedx": "https://cyclonedx.org/bom",
        "link": "https://in-toto.io/Link/v1",
        "vuln": "https://cosign.sigstore.dev/attestation/vuln/v1",
        "openvex": "https://openvex.dev/ns",
        "custom": "https://cosign.sigstore.dev/attestation/v1",
    ]

    /// The predicate type that a text names: a short name, or a URI, which stands for itself; nil if it is neither.
    public static func named(_ text: String) -> String? {
        if let known = shortNames.first(where: { $0.key.hasSameBytes(as: text) }) { return known.value }
        guard let colon = text.utf8.firstIndex(of: UInt8(ascii: ":")), colon != text.utf8.startIndex else { return nil }
        return text
    }
}
