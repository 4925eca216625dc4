public import Sigstore

/// An authority that vouches for the time of signatures (RFC 3161, over HTTP as its section 3.4 says).
public struct TimestampAuthority: Witness {
    private let client: ServiceClient

    private static let operation = "give a timestamp"

    /// - Parameter url: the whole URL that requests go to, such as `https://timestamp.example.com/api/v1/timestamp`.
    /// - Throws: `configuration` if nothing can be asked under this URL or with these settings.
    public init(url: String, settings: ServiceSettings = ServiceSettings()) throws(SigningError) {
        client = try ServiceClient(url, settings: settings)
    }

    public var url: String { client.url }

    public func witness(_ bundle: SigstoreBundle) async throws(SigningError) -> SigstoreBundle {
        let question = try Self.question(bundle)
        var request = ServiceRequest(Self.operation, path: "")
        request.accept = "application/timestamp-reply"
        request.contentType = "application/timestamp-query"
        request.body = question.der
        request.accepted = [200, 201]
        let answer = try await client.ask(request)
        try client.judging(Self.operation) { () throws(SigstoreError) in try question.check(response: answer.body) }
        var bundle = bundle
        bundle.timestamps.append(answer.body)
        return bundle
    }

    private static func question(_ bundle: SigstoreBundle) throws(SigningError) -> TimestampRequest {
        do throws(SigstoreError) {
            return try TimestampRequest(over: bundle.onlySignature())
        } catch {
            throw .sigstore(error)
        }
    }
}
