internal import CCrypto

/// What an X.509 certificate says; reading it verifies nothing.
public struct Certificate: Equatable, Sendable {
    /// The subject's name (RFC 2253); empty in the certificates that Fulcio issues.
    public let subject: String
    /// The name of the authority that issued the certificate (RFC 2253).
    public let issuer: String
    /// Subject alternative names: URIs, mail addresses, DNS names, and Sigstore's own user names.
    public let alternativeNames: [String]
    /// The validity, both ends included; nil if the certificate's own form of time cannot be read.
    public let validity: ValidityWindow?
    /// The serial number in hexadecimal.
    public let serialNumber: String
    /// What Fulcio says of the signer and of the build.
    public let extensions: [FulcioExtension: String]
    /// The one name that an identity policy decides by: a URI, a mail address, or Sigstore's user name. Nil if there
    /// is none, or more than one name, or it is not UTF-8.
    public let identity: String?

    /// Who vouched for the signer's identity: the OIDC issuer of the certificate's request.
    public var identityIssuer: String? { extensions[.issuer] ?? extensions[.legacyIssuer] }

    /// The certificate whose DER is given.
    ///
    /// - Throws: `malformed` if it is none, or something follows it.
    public init(der: [UInt8]) throws(SigstoreError) {
        self.init(try CertificateHandle(der: der))
    }

    init(_ handle: CertificateHandle) {
        defer { ERR_clear_error() }
        self = handle.withPointer { Certificate($0, validity: try? handle.validity()) }
    }

    private init(_ certificate: OpaquePointer, validity: ValidityWindow?) {
        subject = LibCrypto.text(of: X509_get_subject_name(certificate))
        issuer = LibCrypto.text(of: X509_get_issuer_name(certificate))
        serialNumber = LibCrypto.text { i2a_ASN1_INTEGER($0, X509_get0_serialNumber(certificate)) > 0 } ?? ""
        self.validity = validity
        let names = Self.names(of: certificate)
        alternativeNames = names.compactMap(\.?.text)
        identity = names.count == 1 ? names[0].flatMap { $0.isIdentity ? $0.text : nil } : nil
        extensions = Self.extensions(of: certificate)
    }

    private struct Name {
        let text: String
        let isIdentity: Bool
    }

    /// Every subject alternative name; nil for one of a kind that is not read.
    private static func names(of certificate: OpaquePointer) -> [Name?] {
        guard let names = X509_get_ext_d2i(certificate, NID_subject_alt_name, nil, nil) else { return [] }
        let stack = OpaquePointer(names)
        defer { GENERAL_NAMES_free(stack) }
        return (0..<max(0, OPENSSL_sk_num(stack))).map { index in
            OPENSSL_sk_value(stack, index).flatMap { name($0.assumingMemoryBound(to: GENERAL_NAME.self)) }
        }
    }

    private static func name(_ name: UnsafeMutablePointer<GENERAL_NAME>) -> Name? {
        var kind: Int32 = 0
        guard let value = GENERAL_NAME_get0_value(name, &kind) else { return nil }
        switch kind {
        case GEN_EMAIL, GEN_DNS, GEN_URI:
            return text(of: value.assumingMemoryBound(to: ASN1_STRING.self))
                .map { Name(text: $0, isIdentity: kind != GEN_DNS) }
        case GEN_OTHERNAME:
            let other = value.assumingMemoryBound(to: OTHERNAME.self).pointee
            guard LibCrypto.objectIdentifier(other.type_id) == FulcioExtension.arc + "7", let content = other.value,
                content.pointee.type == V_ASN1_UTF8STRING
            else { return nil }
            return text(of: content.pointee.value.utf8string).map { Name(text: $0, isIdentity: true) }
        default: return nil
        }
    }

    private static func extensions(of certificate: OpaquePointer) -> [FulcioExtension: String] {
        var extensions: [FulcioExtension: String] = [:]
        for index in 0..<max(0, X509_get_ext_count(certificate)) {
            guard let found = X509_get_ext(certificate, index),
                let identifier = LibCrypto.objectIdentifier(X509_EXTENSION_get_object(found)),
                let known = FulcioExtension(objectIdentifier: identifier),
                let bytes = LibCrypto.bytes(of: X509_EXTENSION_get_data(found))
            else { continue }
            // The older extensions hold the text itself.
            extensions[known] = known.isLegacy ? String(validating: bytes, as: UTF8.self) : utf8String(der: bytes)
        }
        return extensions
    }

    private static func utf8String(der: [UInt8]) -> String? {
        der.withUnsafeBufferPointer { bytes -> String? in
            var position = bytes.baseAddress
            guard let string = d2i_ASN1_UTF8STRING(nil, &position, bytes.count) else { return nil }
            defer { ASN1_UTF8STRING_free(string) }
            return position == bytes.baseAddress.map { $0 + bytes.count } ? text(of: string) : nil
        }
    }

    private static func text(of string: UnsafePointer<ASN1_STRING>?) -> String? {
        LibCrypto.bytes(of: string).flatMap { String(validating: $0, as: UTF8.self) }
    }
}
