internal import Sigstore

extension ServiceClient {
    /// The JSON of an answer.
    ///
    /// - Throws: `untrue` if it is none.
    func json(_ answer: ServiceAnswer, _ operation: String) throws(SigningError) -> JSONValue {
        do throws(SigstoreError) {
            return try JSONValue(parsing: answer.body)
        } catch {
            throw .untrue(operation: operation, url: url, reason: error.description.asReason)
        }
    }

    /// Calls `body`, which judges an answer.
    ///
    /// - Throws: `untrue` with the reason why the answer is not the right one.
    func judging<R>(
        _ operation: String, _ body: () throws(SigstoreError) -> R
    ) throws(SigningError) -> R {
        do throws(SigstoreError) {
            return try body()
        } catch {
            throw .untrue(operation: operation, url: url, reason: error.description.asReason)
        }
    }
}

extension WitnessedSignature {
    /// What a witness is shown of the bundle.
    ///
    /// - Throws: `sigstore` if it cannot be witnessed.
    static func of(_ bundle: SigstoreBundle, key: PublicKey?) throws(SigningError) -> WitnessedSignature {
        do throws(SigstoreError) {
            return try WitnessedSignature(bundle, key: key)
        } catch {
            throw .sigstore(error)
        }
    }
}

extension String {
    /// A sentence as the end of another one.
    var asReason: String {
        var text = self
        while text.hasSuffix(".") { text.removeLast() }
        return text
    }
}
