public import Sigstore

/// A service that has seen a signature, and says so for good: a timestamp authority or a transparency log.
///
/// Any number of tasks may ask at once. Asking again for a bundle that was witnessed before, but whose answer was lost,
/// gives the same evidence or evidence as good; it never makes a second record in a log.
public protocol Witness: Sendable {
    /// The service's URL, without user name, password and query.
    var url: String { get }

    /// The bundle with the service's evidence added: one more timestamp, or one more log entry.
    ///
    /// What the service answered fits the bundle: a timestamp is over its signature, a log entry records it. Whether the
    /// service is one to be trusted is for the verifier to say.
    ///
    /// - Throws: `service` if it cannot be had now, `untrue` if the answer is about something else, `cancelled`.
    func witness(_ bundle: SigstoreBundle) async throws(SigningError) -> SigstoreBundle
}
