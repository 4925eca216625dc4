/// How often and how patiently to ask again.
public struct RetryPolicy: Hashable, Sendable {
    /// How often to ask in all; at least 1.
    public var attempts = 6
    /// The most to wait after the first failure; doubled after each further one.
    public var firstDelay = Duration.milliseconds(200)
    /// The most to wait after any failure.
    public var longestDelay = Duration.seconds(20)
    /// The most to wait if who is asked says for how long.
    public var longestRetryAfter = Duration.seconds(60)

    /// Six times in about half a minute.
    public init() {}

    /// A wait of random length up to the bound for that failure ("full jitter"), but not before who is asked wants it.
    ///
    /// - Parameters:
    ///   - failures: how many there were, from 1.
    ///   - random: from 0 to 1.
    package func delay(after failures: Int, retryAfter: Duration?, random: Double) -> Duration {
        let doublings = min(max(failures - 1, 0), 30)
        let bound = min(longestDelay, firstDelay * (1 << doublings))
        return max(bound * random, min(retryAfter ?? .zero, longestRetryAfter))
    }
}
