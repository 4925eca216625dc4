/// The bounds on policy files, which may be written by many hands.
enum PolicyLimits {
    /// Bytes of a policy file.
    static let fileSize = 1 << 20
    /// Bytes of a public key's file.
    static let keySize = 64 << 10
    /// Bytes of a trusted root's file.
    static let rootSize = 32 << 20
    /// Accepted signers in one file.
    static let signers = 1000
}
