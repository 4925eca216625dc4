public import Sigstore

extension Notary {
    /// Has what `signer` signs witnessed as the plan says, and lets out what a verifier accepts who trusts `root` and
    /// demands `policy`.
    ///
    /// What the plan asks nobody for is not demanded: without a log no log's record, and without anybody who gives the
    /// time, which is enough for a key, no time. What it asks for has to be there, by somebody in the root.
    public init(signer: any Signer, witnesses: WitnessPlan, root: TrustedRoot, policy: VerificationPolicy) {
        let verifier = Verifier(root: root)
        var whole = witnesses.log == nil ? policy.insecureIgnoringTransparencyLog() : policy
        // Any time will do; there has to be one.
        whole = witnesses.givesTime ? whole.signedNotBefore(UTCTime(seconds: 0)) : whole.insecureIgnoringTime()
        var before = policy.insecureIgnoringTransparencyLog()
        before =
            witnesses.timestamps == nil
            ? before.insecureIgnoringTime() : before.signedNotBefore(UTCTime(seconds: 0))
        let (full, unlogged) = (whole, before)
        self.init(signer: signer, timestamps: witnesses.timestamps, log: witnesses.log) {
            bundle, artifact, isLogged throws(SigstoreError) in
            _ = try verifier.verify(bundle, artifact: artifact, policy: isLogged ? full : unlogged)
        }
    }
}
