import Foundation

/// Stands before the services of the local Sigstore and passes on what they say, rightly or wrongly.
///
/// It also serves the log's tiles, which in the world lie beside the log and here in a folder.
public final class ServiceFront: Sendable {
    public enum Manner: String, CaseIterable, Sendable {
        case honest
        /// The first answer to each question that changes something is lost on its way.
        case losesAnswers
        /// Loses answers, and at first shows an old checkpoint.
        case isSlow
        /// Loses answers, and its tiles hold other entries.
        case forgesEntries
        /// Loses answers, and its tiles hold other hashes.
        case forgesHashes
        /// Every answer is the first one ever given.
        case repeatsItself
        case breaksProofs
        case breaksCheckpoints
        case refusesTimestamps
        case detachesPromises
        /// Refuses everything for now.
        case isAway
    }

    private let lifeline: Lifeline
    private let folder: TemporaryFolder
    private let port: Int

    public init(_ sigstore: LocalSigstore) async throws {
        folder = try TemporaryFolder()
        lifeline = try Lifeline(
            script: #"exec /usr/bin/python3 "$@""#,
            [
                "-c", Self.script, sigstore.fulcioURL, sigstore.rekorURL, sigstore.timestampURL,
                sigstore.folder.appending(path: "tiles").path, folder.url.appending(path: "port").path,
            ])
        let file = folder.url.appending(path: "port").path
        while !FileManager.default.fileExists(atPath: file), lifeline.isRunning {
            try await Task.sleep(for: .milliseconds(10))
        }
        guard let port = Int(try String(contentsOfFile: file, encoding: .utf8)) else { throw LoopbackPorts.Exhausted() }
        self.port = port
    }

    /// The base URL of Fulcio and Rekor in that manner. Different callers get different ones.
    public func url(_ manner: Manner, for caller: String = UUID().uuidString) -> String {
        "http://127.0.0.1:\(port)/\(manner.rawValue)/\(caller)"
    }

    public func timestampURL(_ manner: Manner) -> String { url(manner) + "/api/v1/timestamp" }

    public func stop() { lifeline.end() }

    private static let script = """
        import base64, http.server, json, os, sys, threading, urllib.error, urllib.request
        fulcio, rekor, tsa, tiles, port = sys.argv[1:]
        old = open(tiles + "/checkpoint", "rb").read()
        memory, lock = {}, threading.Lock()

        def count(*key):
            with lock:
                memory[key] = memory.get(key, 0) + 1
                return memory[key]

        def flip(text):
            raw = bytearray(base64.b64decode(text))
            raw[0] ^= 1
            return base64.b64encode(raw).decode()

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            def log_message(self, *arguments): pass

            def answer(self, status, body, headers={}):
                self.send_response(status)
                for name, value in headers.items():
                    if name.lower() in ("content-type", "x-log-index"): self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def do_GET(self):
                _, manner, caller, path = self.path.split("/", 3)
                path = path.removeprefix("api/v2/")
                if manner == "isSlow" and path == "checkpoint" and count(caller, path) < 3:
                    return self.answer(200, old)
                try:
                    body = open(tiles + "/" + path, "rb").read()
                except FileNotFoundError:
                    return self.answer(404, b"")
                if manner == "forgesEntries" and "/entries/" in path: body = body.replace(b"SHA2_256", b"SHA3_256")
                if manner == "forgesHashes" and "tile/0/" in path: body = bytes(b ^ 1 for b in body)
                self.answer(200, body)

            def do_POST(self):
                _, manner, caller, path = self.path.split("/", 3)
                question = self.rfile.read(int(self.headers["Content-Length"]))
                if manner == "isAway": return self.answer(503, b"under repair")
                service = {"api/v2/signingCert": fulcio + "/" + path, "api/v1/timestamp": tsa}.get(path, rekor + "/" + path)
                headers = {n: v for n, v in self.headers.items() if n.lower() in ("content-type", "authorization")}
                try:
                    reply = urllib.request.urlopen(urllib.request.Request(service, question, headers), timeout=30)
                except urllib.error.HTTPError as error:
                    reply = error
                status, body, headers = reply.status, reply.read(), dict(reply.headers)
                loses = manner in ("losesAnswers", "isSlow", "forgesEntries", "forgesHashes")
                if loses and count(caller, question) == 1:
                    self.close_connection = True
                    return
                if manner == "repeatsItself":
                    with lock: body = memory.setdefault((caller, path), body)
                if manner in ("breaksProofs", "breaksCheckpoints") and status == 201:
                    entry = json.loads(body)
                    proof = entry["inclusionProof"]
                    if manner == "breaksProofs": proof["hashes"][0] = flip(proof["hashes"][0])
                    else: proof["checkpoint"]["envelope"] = old.decode()
                    body = json.dumps(entry).encode()
                if manner == "refusesTimestamps":
                    body = bytes.fromhex("300e300c02010230070c056c61746572")
                if manner == "detachesPromises":
                    body = body.replace(b"signedCertificateEmbeddedSct", b"signedCertificateDetachedSct")
                self.answer(status, body, headers)

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with open(port + ".new", "w") as file:
            file.write(str(server.server_port))
        os.rename(port + ".new", port)
        sys.stdin.read()
        """
}
