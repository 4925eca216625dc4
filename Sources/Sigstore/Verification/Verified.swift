extension Verifier {
    /// What was verified, and by whose word.
    public struct Verified: Equatable, Sendable {
        /// Who signed.
        public enum Signer: Equatable, Sendable {
            /// The policy's key, and how the bundle names it.
            case key(Hint)
            /// The holder of this certificate, which the authority of that name issued, and which the certificate logs
            /// of these names promised to show: none of them if the policy does not ask for it.
            case certificate(Certificate, authority: String, logs: [String])
        }

        /// How the bundle names the key. It is a hint only: the signature decides.
        public enum Hint: Equatable, Sendable {
            case absent
            case matches
            /// Another name than this program gives the key.
            case differs(String)
        }

        /// A time at which the signature was there, and who says so.
        public struct Time: Equatable, Sendable {
            /// When.
            public let time: UTCTime
            /// The timestamp authority or the log, by its URL if the root gives one.
            public let source: String
        }

        /// A log's record of the signature.
        public struct LogRecord: Equatable, Sendable {
            /// The log, by its URL if the root gives one.
            public let log: String
            /// The entry's index in it.
            public let index: Int
        }

        /// Whose signature it is.
        public let signer: Signer
        /// The statement, unless the bundle is a message signature.
        public let statement: Statement?
        /// The subject that is the artifact.
        public let subject: Statement.Subject?
        /// All verified times, those of timestamps first; empty only for a key or where the policy ignores them.
        public let times: [Time]
        /// The trusted logs that have the signature; empty only where the policy ignores them.
        public let logRecords: [LogRecord]
        /// What the policy left out.
        public let ignored: Set<VerificationPolicy.Check>
    }
}
