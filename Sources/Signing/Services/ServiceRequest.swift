internal import HTTPTransport
internal import Sigstore

/// What a service is asked: to give something, or with a body to do something.
struct ServiceRequest: Sendable {
    /// What it is asked to do, as it follows "could not".
    let operation: String
    /// Below the service's address, with the slash before it.
    let path: String
    var accept = "application/json"
    var contentType: String?
    var body: [UInt8]?
    /// A token that identifies us.
    var bearer: SecretBytes?
    /// A header with another kind of credential.
    var secretHeader: (name: String, value: SecretBytes)?
    /// What else is said in the header.
    var headers: [(name: String, value: String)] = []
    /// The statuses of answers that are worth reading; others are failures.
    var accepted: Set<Int> = [200]
    /// The most bytes of the answer; nil for the usual limit.
    var answerSize: Int?

    init(_ operation: String, path: String) {
        self.operation = operation
        self.path = path
    }

    /// The same request with a JSON body.
    func posting(_ json: JSONObject) -> ServiceRequest {
        var request = self
        request.contentType = "application/json"
        request.body = JSONValue.object(json).bytes
        return request
    }
}

/// What a service answered.
struct ServiceAnswer: Sendable {
    let status: Int
    let body: [UInt8]
    /// Where the thing is that the answer is about.
    let location: String?
    /// Rekor's number of an entry that is there already.
    let logIndex: String?

    init(_ response: HTTPResponse) {
        status = response.status
        body = response.body
        location = response[header: "location"]
        logIndex = response[header: "x-log-index"]
    }
}
