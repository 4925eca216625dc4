internal import Sigstore

extension PublicKey {
    /// `signature` if it is this key's over `message`: what came from elsewhere is not believed.
    ///
    /// - Throws: `untrue` otherwise; `url` tells who gave it.
    func checked(_ signature: [UInt8], over message: [UInt8], from url: String) throws(SigningError) -> [UInt8] {
        guard verifies(signature, of: message) else {
            throw .untrue(
                operation: "sign", url: url,
                reason: "the signature is not one by the public key \(hint) over what was to be signed")
        }
        return signature
    }

    /// The key in a PEM file or text that somebody gave.
    ///
    /// - Throws: `configuration`.
    static func read(pem: [UInt8], from place: String) throws(SigningError) -> PublicKey {
        do throws(SigstoreError) { return try PublicKey(pem: pem) } catch {
            throw .configuration(
                reason: "\(place) gives no public key that can be used", advice: error.description)
        }
    }
}
