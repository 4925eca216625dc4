/// A signed document whose kind its content tells, whatever its file is called.
public enum SigstoreDocument: Equatable, Sendable {
    case bundle(SigstoreBundle)
    /// A DSSE envelope that no bundle is around.
    case envelope(Envelope)

    /// The bundle or bare envelope that `bytes` are the JSON text of.
    ///
    /// - Throws: `malformedJSON`, `malformed` (also if it is neither), or `limitExceeded`.
    public init(parsing bytes: [UInt8], limits: Limits = Limits()) throws(SigstoreError) {
        try self.init(JSONValue(parsing: bytes, limits: limits), limits: limits)
    }

    init(_ json: JSONValue, limits: Limits) throws(SigstoreError) {
        func has(_ names: String...) -> Bool { names.contains { json[$0] != nil } }
        if has("mediaType", "media_type", "verificationMaterial", "verification_material") {
            self = .bundle(try SigstoreBundle(json, limits: limits))
        } else if has("payload"), has("payloadType", "payload_type") {
            var reader = try MessageReader(json, document: "envelope", unknownFields: .ignored)
            self = .envelope(try Envelope(&reader, limits: limits))
        } else {
            throw .malformed(
                document: "document", field: "", problem: "is neither a Sigstore bundle nor a DSSE envelope")
        }
    }

    /// The envelope inside, if there is one.
    public var envelope: Envelope? {
        switch self {
        case .envelope(let envelope): envelope
        case .bundle(let bundle):
            if case .envelope(let envelope) = bundle.content { envelope } else { nil }
        }
    }
}
