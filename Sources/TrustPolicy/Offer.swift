public import Sigstore

extension SubjectVerifier {
    /// What was found where a bundle could be.
    public struct Offer: Sendable {
        /// Where it was found, for people.
        public let name: String
        /// The bundle, or why what lies there cannot be read as one.
        public let bundle: Result<SigstoreBundle, SigstoreError>

        public init(name: String, bundle: Result<SigstoreBundle, SigstoreError>) {
            self.name = name
            self.bundle = bundle
        }

        /// Every bundle of a file's content, each standing for itself. A bare envelope is a bundle that names a key.
        public static func all(in bytes: [UInt8], named name: String, limits: Limits = Limits()) -> [Offer] {
            do throws(SigstoreError) {
                return try SigstoreDocuments(parsing: bytes, limits: limits).entries.map { entry in
                    switch entry.document {
                    case .success(let document):
                        Offer(
                            name: entry.place.map { "\(name), \($0)" } ?? name,
                            bundle: .success(document.bundle))
                    case .failure(let error): Offer(name: name, bundle: .failure(error))
                    }
                }
            } catch {
                return [Offer(name: name, bundle: .failure(error))]
            }
        }

        /// Which of the artifact's digests the bundle may ask for besides SHA-256.
        ///
        /// The names are looked for in the bytes, without reading these: one digest too many does no harm, and one too
        /// few verifies nothing.
        public var algorithms: Set<DigestAlgorithm> {
            guard case .success(let bundle) = bundle else { return [] }
            switch bundle.content {
            case .messageSignature(let message):
                return switch message.digest?.algorithm {
                case .sha256: []
                case .sha384: [.sha384]
                case .sha512: [.sha512]
                // The key's own, which may be any.
                default: [.sha384, .sha512]
                }
            case .envelope(let envelope):
                return envelope.payload.withUnsafeBytes { payload in
                    Set([DigestAlgorithm.sha384, .sha512].filter { payload.contains($0.rawValue) })
                }
            }
        }
    }
}

extension UnsafeRawBufferPointer {
    fileprivate func contains(_ text: String) -> Bool {
        let word = Array(text.utf8)
        return indices.contains { self[$0] == word.first && self[$0...].starts(with: word) }
    }
}

extension SigstoreDocument {
    fileprivate var bundle: SigstoreBundle {
        switch self {
        case .bundle(let bundle): bundle
        case .envelope(let envelope):
            SigstoreBundle(
                signer: .publicKey(hint: envelope.signatures.first?.keyID ?? ""), content: .envelope(envelope))
        }
    }
}
