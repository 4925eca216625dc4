import AssayTestSupport
import Testing

@testable import Sigstore

/// A certificate's signed part without the promises of certificate logs, which is what those logs signed.
@Suite struct DERTests {
    private static let wanted: [UInt8] = [0x2A, 0x03]
    private static let other: [UInt8] = [0x2A, 0x04]

    private static func sequence(_ content: [UInt8]) -> [UInt8] { DER.encoding(tag: 0x30, content: content) }

    private static func oneExtension(_ name: [UInt8], size: Int = 1) -> [UInt8] {
        sequence([0x06, UInt8(name.count)] + name + DER.encoding(tag: 0x04, content: Array(repeating: 7, count: size)))
    }

    /// The signed part of a certificate with a serial number and these extensions.
    private static func signedPart(_ extensions: [[UInt8]]) -> [UInt8] {
        sequence([0x02, 1, 5] + DER.encoding(tag: 0xA3, content: sequence(extensions.flatMap(\.self))))
    }

    private static func certificate(_ signedPart: [UInt8]) -> [UInt8] { sequence(signedPart + sequence([0x05, 0])) }

    private static func without(_ certificate: [UInt8]) -> [UInt8]? {
        DER.signedPart(ofCertificate: certificate, without: wanted)
    }

    @Test(arguments: [1, 110, 118, 119, 127, 128, 240, 250, 255, 256, 65_530, 65_536])
    func anExtensionIsLeftOutWhateverItsSize(_ size: Int) {
        let kept = Self.oneExtension(Self.other, size: size)
        let removed = Self.oneExtension(Self.wanted, size: 257 - min(256, size))
        for extensions in [[removed, kept], [kept, removed], [kept, removed, kept]] {
            let certificate = Self.certificate(Self.signedPart(extensions))
            #expect(Self.without(certificate) == Self.signedPart(extensions.filter { $0 != removed }))
        }
    }

    @Test func aCertificateWithoutTheExtensionIsAsItWas() {
        let signedPart = Self.signedPart([Self.oneExtension(Self.other)])
        #expect(Self.without(Self.certificate(signedPart)) == signedPart)
        let bare = Self.sequence([0x02, 1, 5])
        #expect(Self.without(Self.certificate(bare)) == bare)
    }

    @Test func whatIsNotDERIsRefused() {
        let good = Self.certificate(Self.signedPart([Self.oneExtension(Self.other)]))
        #expect(Self.without(good) != nil)
        for length in 0..<good.count - 4 { #expect(Self.without(Array(good.prefix(length))) == nil) }
        // A length of more bytes than it takes, one without an end, and one of nine bytes.
        #expect(Self.without([0x30, 0x81, UInt8(good.count - 2)] + good.dropFirst(2)) == nil)
        #expect(Self.without([0x30, 0x80] + good.dropFirst(2) + [0, 0]) == nil)
        #expect(Self.without([0x30, 0x89] + Array(repeating: 0xFF, count: 9) + good) == nil)
        // Something behind the extensions, in their field and in the signed part.
        let list = Self.sequence(Self.oneExtension(Self.other))
        let field = DER.encoding(tag: 0xA3, content: list)
        let inField = Self.sequence([0x02, 1, 5] + DER.encoding(tag: 0xA3, content: list + [5, 0]))
        let inPart = Self.sequence([0x02, 1, 5] + field + [5, 0])
        for part in [inField, inPart, Self.signedPart([[0x05, 0]]), Self.signedPart([Self.sequence([0x05, 0])])] {
            #expect(Self.without(Self.certificate(part)) == nil)
        }
    }

    @Test(.enabled(if: SigstoreJudge.conformanceIsRequired, "the conformance assets are not beside the package"))
    func aCertificatesKeyIsThatOfItsField() throws {
        var count = 0
        for suiteCase in SuiteCase.accepted {
            guard case .certificate(let der) = try suiteCase.bundle().signer else { continue }
            let certificate = try CertificateHandle(der: der)
            let key = try PublicKey(of: certificate)
            #expect(key.der == (try PublicKey(der: certificate.publicKeyDER()).der))
            #expect(key.der == (try PublicKey(pem: Array(key.pem().utf8)).der))
            count += 1
        }
        #expect(count > 10)
    }
}
