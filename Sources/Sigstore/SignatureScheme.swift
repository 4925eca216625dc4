/// A way to sign, where a document names it; the hash is SHA-256, with P-384 SHA-384, and Ed25519's own.
package enum SignatureScheme: Hashable, Sendable {
    case ecdsaP256, ecdsaP384, ed25519
    case rsaPKCS1, rsaPSS
}
