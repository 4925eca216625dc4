/// What is read of DER (X.690) without libcrypto: the frame of a certificate, to leave an extension out of it.
enum DER {
    /// An element at the beginning of some bytes.
    struct Element {
        let tag: UInt8
        let content: ArraySlice<UInt8>
        /// With tag and length.
        let encoding: ArraySlice<UInt8>

        /// Nil if there is none, or it is not DER: tags of one byte, the shortest form of length.
        init?(at bytes: ArraySlice<UInt8>) {
            guard bytes.count >= 2, bytes[bytes.startIndex] & 0x1F != 0x1F else { return nil }
            tag = bytes[bytes.startIndex]
            var start = bytes.startIndex + 2
            var count = Int(bytes[bytes.startIndex + 1])
            if count >= 0x80 {
                let digits = bytes[start...].prefix(count - 0x80)
                // Four bytes are four times what any certificate has.
                guard (1...4).contains(count - 0x80), digits.count == count - 0x80 else { return nil }
                start += digits.count
                count = digits.reduce(0) { $0 << 8 | Int($1) }
                guard count >= 0x80, digits.first != 0 else { return nil }
            }
            guard count <= bytes.endIndex - start else { return nil }
            content = bytes[start..<start + count]
            encoding = bytes[..<(start + count)]
        }
    }

    /// An element of that tag.
    static func encoding(tag: UInt8, content: [UInt8]) -> [UInt8] {
        guard content.count >= 0x80 else { return [tag, UInt8(content.count)] + content }
        let digits = (0..<8).reversed().map { UInt8(truncatingIfNeeded: content.count >> (8 * $0)) }.drop { $0 == 0 }
        return [tag, 0x80 | UInt8(digits.count)] + digits + content
    }

    /// A certificate's signed part (`TBSCertificate`, RFC 5280, 4.1) without the extension of that identifier.
    ///
    /// libcrypto can do this to a copy of the certificate, and decodes the key again for it, which takes most of the
    /// time that the log's signature takes.
    ///
    /// - Returns: nil if the certificate's frame is not DER.
    static func signedPart(ofCertificate der: [UInt8], without identifier: [UInt8]) -> [UInt8]? {
        let sequence: UInt8 = 0x30
        let extensionsTag: UInt8 = 0xA3
        guard let certificate = Element(at: der[...]), certificate.tag == sequence,
            let signed = Element(at: certificate.content), signed.tag == sequence
        else { return nil }
        var rest = signed.content
        while let field = Element(at: rest), field.tag != extensionsTag { rest = rest[field.encoding.endIndex...] }
        if rest.isEmpty { return Array(signed.encoding) }
        // The extensions are the last field.
        guard let field = Element(at: rest), field.encoding.endIndex == signed.content.endIndex,
            let list = Element(at: field.content), list.tag == sequence,
            list.encoding.endIndex == field.content.endIndex
        else { return nil }
        var kept: [UInt8] = []
        var extensions = list.content
        while !extensions.isEmpty {
            guard let one = Element(at: extensions), one.tag == sequence, let name = Element(at: one.content),
                name.tag == 0x06
            else { return nil }
            if !name.content.elementsEqual(identifier) { kept += one.encoding }
            extensions = extensions[one.encoding.endIndex...]
        }
        let newField = encoding(tag: extensionsTag, content: encoding(tag: sequence, content: kept))
        return encoding(tag: sequence, content: signed.content[..<rest.startIndex] + newField)
    }
}
