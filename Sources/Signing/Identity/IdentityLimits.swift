/// The bounds on tokens, and on programs that give tokens or signatures: beyond one is an error, never memory or waiting.
public struct IdentityLimits: Hashable, Sendable {
    /// Bytes of an identity token.
    public var tokenSize = 64 << 10
    /// Bytes that a program may print: a token, a signature or a public key.
    public var programOutput = 256 << 10
    /// Seconds that a program may take; it may ask a person or a slow device.
    public var programSeconds = 60
    /// Seconds by which the clocks of this machine and of a token's issuer may differ.
    public var clockSkew = 60
    /// Programs that make signatures at the same time; more wait.
    public var concurrentPrograms = 8

    /// The default bounds.
    public init() {}
}
