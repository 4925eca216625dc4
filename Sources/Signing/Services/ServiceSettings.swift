public import AssayModel

/// How a service of signing is asked.
public struct ServiceSettings: Sendable {
    /// A PEM file of the only authorities (CA) to trust for TLS; nil for the system's.
    public var certificateAuthorities: String?
    /// The most requests in flight at once; more wait.
    public var requestsInFlight = 16
    /// The most requests a second, shared by all tasks; nil for any number.
    public var maxRate: Double?
    /// The most seconds until a connection stands.
    public var connectSeconds = 10
    /// The most seconds until an answer is there as a whole.
    public var answerSeconds = 60
    /// How often and how patiently to ask again.
    public var retries = RetryPolicy()
    public var limits = ServiceLimits()
    package var clock = ServiceClock.system
    /// Numbers from 0 to 1 for the length of waits.
    package var random: @Sendable () -> Double = { .random(in: 0...1) }

    /// The default settings.
    public init() {}
}
