internal import Synchronization

/// The certificates that were proven lately, so that bundles signed with the same one prove it once.
final class CertificateCache: Sendable {
    private struct State {
        var certificates: [[UInt8]: SignerCertificate] = [:]
        /// In the order of their coming; the oldest leaves first.
        var order: [[UInt8]] = []
        var oldest = 0
    }

    private let state = Mutex(State())
    private let limit: Int

    init(limit: Int) { self.limit = limit }

    /// The certificate whose DER is given, made by `make` if it is not kept. Failures are not kept: a stranger's
    /// certificates must not push out good ones.
    func certificate(
        _ der: [UInt8], _ make: () throws(SigstoreError) -> SignerCertificate
    ) throws(SigstoreError) -> SignerCertificate {
        if let kept = state.withLock({ $0.certificates[der] }) { return kept }
        let made = try make()
        state.withLock { state in
            guard limit > 0, state.certificates.updateValue(made, forKey: der) == nil else { return }
            if state.order.count < limit {
                state.order.append(der)
            } else {
                state.certificates[state.order[state.oldest]] = nil
                state.order[state.oldest] = der
                state.oldest = (state.oldest + 1) % limit
            }
        }
        return made
    }
}
