import AssayModel
import Foundation
import FoundationNetworking
public import ObjectStorage

/// A SeaweedFS on loopback that checks signatures; it ends with the process of the tests, however that ends.
public final class SeaweedFSServer: Sendable {
    /// Why the server did not start.
    public struct Failure: Error, CustomStringConvertible {
        public let description: String
    }

    /// What the server counted since its start.
    public struct Counts: Hashable, Sendable {
        public var requests: Int
        public var bytesSent: Int

        public init(requests: Int = 0, bytesSent: Int = 0) {
            self.requests = requests
            self.bytesSent = bytesSent
        }
    }

    public let credentials = Credentials(accessKeyID: "assaykey", secret: "assaysecretassaysecret")
    /// Where S3 is spoken, such as `http://127.0.0.1:12345`.
    public let endpoint: String
    private let filer: String
    private let metrics: String

    /// The one server of a test run, started for the first who asks.
    public static func shared() async throws -> SeaweedFSServer { try await Shared.instance.server() }

    /// A bucket that nobody else uses.
    public func makeBucket() async throws -> String {
        let name = "bucket-\(UUID().uuidString.lowercased())"
        guard let url = URL(string: "\(filer)/buckets/\(name)/") else { throw Failure(description: "no address") }
        var request = URLRequest(url: url)
        request.httpMethod = "POST"
        let (_, response) = try await URLSession.shared.data(for: request)
        guard let status = (response as? HTTPURLResponse)?.statusCode, (200..<300).contains(status) else {
            throw Failure(description: "The server made no bucket: \(response)")
        }
        return name
    }

    /// The store of a bucket.
    public func store(
        _ bucket: String, credentials: Credentials? = nil
    ) throws(ObjectStorageError) -> S3Store {
        try S3Store(
            S3Store.Configuration(bucket: bucket, endpoint: endpoint, credentials: credentials ?? self.credentials))
    }

    /// The variables with which a child process finds the server.
    public var environment: [String: String] {
        [
            "AWS_ACCESS_KEY_ID": credentials.accessKeyID, "AWS_SECRET_ACCESS_KEY": credentials.secret,
            "AWS_REGION": "us-east-1", "AWS_ENDPOINT_URL_S3": endpoint, "AWS_EC2_METADATA_DISABLED": "true",
        ]
    }

    /// What the server counted, for all buckets or one.
    public func counts(_ bucket: String? = nil) async throws -> Counts {
        guard let url = URL(string: metrics) else { throw Failure(description: "no address") }
        let (data, _) = try await URLSession.shared.data(from: url)
        var counts = Counts()
        for line in String(decoding: data, as: UTF8.self).split(separator: "\n") {
            guard bucket.map({ line.contains("bucket=\"\($0)\"") }) ?? true,
                let value = line.split(separator: " ").last.flatMap({ Double($0) })
            else { continue }
            switch line.prefix(while: { $0 != "{" }) {
            case "SeaweedFS_s3_request_total": counts.requests += Int(value)
            case "SeaweedFS_s3_bucket_traffic_sent_bytes_total": counts.bytesSent += Int(value)
            default: continue
            }
        }
        return counts
    }

    // MARK: Starting

    private actor Shared {
        static let instance = Shared()
        private var start: Task<SeaweedFSServer, any Error>?

        func server() async throws -> SeaweedFSServer {
            let task = start ?? Task { try await SeaweedFSServer.start() }
            start = task
            return try await task.value
        }
    }

    private init(ports: [Int]) {
        endpoint = "http://127.0.0.1:\(ports[0])"
        filer = "http://127.0.0.1:\(ports[4])"
        metrics = "http://127.0.0.1:\(ports[8])/metrics"
    }

    private static func start() async throws -> SeaweedFSServer {
        let weed = try Requirement.weed.find()
        var last = ""
        // Another process may take a port between its choice and its use.
        for _ in 0..<3 {
            let ports = try LoopbackPorts.free(9)
            let server = SeaweedFSServer(ports: ports)
            let folder = FileManager.default.temporaryDirectory.appending(path: "assay-weed-\(UUID().uuidString)")
            let process = try server.launch(weed, ports, folder)
            if await server.isReady(process) { return server }
            last = (try? String(contentsOf: folder.appending(path: "log"), encoding: .utf8)) ?? ""
            process.terminate()
        }
        throw Failure(description: "SeaweedFS does not start: \(last.suffix(1000))")
    }

    private func launch(_ weed: URL, _ ports: [Int], _ folder: URL) throws -> Lifeline {
        try FileManager.default.createDirectory(
            at: folder.appending(path: "data"), withIntermediateDirectories: true)
        let identities = """
            {"identities": [{"name": "assay", "actions": ["Admin", "Read", "Write", "List", "Tagging"],
              "credentials": [{"accessKey": "\(credentials.accessKeyID)", "secretKey": "\(credentials.secret)"}]}]}
            """
        let config = folder.appending(path: "s3.json")
        try Data(identities.utf8).write(to: config)

        // The watcher reads a pipe that only this process writes to: it ends when this process does, even by a crash.
        let script = """
            folder=$1; shift
            exec 3<&0
            "$@" 3<&- </dev/null >"$folder/log" 2>&1 & server=$!
            (read -r line <&3; kill -9 $server) >/dev/null 2>&1 & watcher=$!
            exec 3<&-
            trap 'kill -9 $server' TERM
            wait $server
            kill $watcher 2>/dev/null
            wait
            rm -rf "$folder"
            """
        let arguments =
            [folder.path, weed.path, "-logtostderr=true", "server"]
            + [
                "-dir=\(folder.path)/data", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-s3", "-s3.config=\(config.path)",
                "-s3.port=\(ports[0])", "-s3.port.grpc=\(ports[1])", "-master.port=\(ports[2])",
                "-master.port.grpc=\(ports[3])", "-filer.port=\(ports[4])", "-filer.port.grpc=\(ports[5])",
                "-volume.port=\(ports[6])", "-volume.port.grpc=\(ports[7])", "-metricsPort=\(ports[8])",
                "-metricsIp=127.0.0.1", "-master.telemetry=false", "-master.electionTimeout=1s",
                "-master.heartbeatInterval=100ms", "-master.volumePreallocate=false",
                "-master.volumeSizeLimitMB=1024", "-volume.max=10000", "-volume.preStopSeconds=0", "-s3.iam=false",
                "-s3.port.iceberg=0", "-s3.port.lance=0",
            ]
        // Each bucket gets volumes of its own, seven at once unless told otherwise.
        return try Lifeline(
            script: script, arguments, environment: ["WEED_MASTER_VOLUME_GROWTH_COPY_1": "1"])
    }

    /// The health check answers long before the first object can be stored, so one is stored.
    private func isReady(_ process: Lifeline) async -> Bool {
        for _ in 0..<300 where process.isRunning {
            if let bucket = try? await makeBucket(), let store = try? store(bucket),
                (try? await store.put("ready", "yes")) != nil
            {
                return true
            }
            try? await Task.sleep(for: .milliseconds(100))
        }
        return false
    }
}
