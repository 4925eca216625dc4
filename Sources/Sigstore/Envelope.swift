/// A DSSE envelope (DSSE protocol 1.0): a payload with its type, and signatures over both.
public struct Envelope: Equatable, Sendable {
    /// A signature as the envelope carries it.
    public struct Signature: Equatable, Sendable {
        /// The signature itself, decoded from base64.
        public var bytes: [UInt8]
        /// A hint to the key, not protected by the signature; empty if absent.
        public var keyID: String

        /// A signature, without a hint to its key unless one is given.
        public init(bytes: [UInt8], keyID: String = "") {
            self.bytes = bytes
            self.keyID = keyID
        }
    }

    /// The payload type of in-toto statements.
    public static let inTotoPayloadType = "application/vnd.in-toto+json"

    /// What is signed, decoded from base64.
    public var payload: [UInt8]
    /// What the payload is: a media type or a URI. It is signed with the payload.
    public var payloadType: String
    /// Signatures over both. Verifying asks for exactly one.
    public var signatures: [Signature]

    /// An envelope of these parts; nothing is checked.
    public init(payload: [UInt8], payloadType: String, signatures: [Signature]) {
        self.payload = payload
        self.payloadType = payloadType
        self.signatures = signatures
    }

    /// The bytes that are signed: the pre-authentication encoding of payload type and payload.
    public var signedBytes: [UInt8] {
        Array("DSSEv1 \(payloadType.utf8.count) \(payloadType) \(payload.count) ".utf8) + payload
    }
}

extension Envelope {
    init(_ reader: inout MessageReader, limits: Limits) throws(SigstoreError) {
        payload = try reader.bytes("payload")
        payloadType = try reader.string("payloadType")
        signatures = try reader.messages("signatures", limit: limits.signatures) {
            (signature) throws(SigstoreError) in
            Signature(bytes: try signature.bytes("sig"), keyID: try signature.string("keyid"))
        }
    }

    package var json: JSONValue {
        .object(
            [
                "payload": .string(Base64.text(of: payload)),
                "payloadType": .string(payloadType),
                "signatures": .array(
                    signatures.map {
                        .object(
                            [
                                "sig": .string(Base64.text(of: $0.bytes)),
                                "keyid": $0.keyID.isEmpty ? nil : .string($0.keyID),
                            ])
                    }),
            ])
    }
}
