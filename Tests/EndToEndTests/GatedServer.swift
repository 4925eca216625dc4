import Foundation

/// A tiny S3 server, for anonymous readers, that holds back the bytes of one object until it is told to let go.
///
/// It shows what a program does in the middle of its work without guessing at times.
final class GatedServer: Sendable {
    let endpoint: String
    private let process: Child
    private let gate: String

    /// Serves the files of `folder` as bucket `archives`; `held` is answered after `open` only.
    static func start(on bench: Workbench, folder: String, holding held: String) async throws -> GatedServer {
        let (gate, port) = (bench.path("gate"), bench.path("port"))
        let process = try bench.run(["/usr/bin/python3", "-c", script, folder, held, gate, port])
        while !FileManager.default.fileExists(atPath: port) { try await Task.sleep(for: .milliseconds(10)) }
        let number = try String(contentsOfFile: port, encoding: .utf8)
        return GatedServer(endpoint: "http://127.0.0.1:\(number)", process: process, gate: gate)
    }

    private init(endpoint: String, process: Child, gate: String) {
        self.endpoint = endpoint
        self.process = process
        self.gate = gate
    }

    /// Lets the held object go.
    func open() throws { try Data().write(to: URL(filePath: gate)) }

    func stop() {
        process.send(SIGKILL)
        process.wait()
    }

    private static let script = """
        import hashlib, http.server, os, sys, threading, time
        folder, held, gate, port = sys.argv[1:]
        files = {name: open(f"{folder}/{name}", "rb").read() for name in sorted(os.listdir(folder))}
        tags = {name: '"' + hashlib.md5(content).hexdigest() + '"' for name, content in files.items()}

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            def log_message(self, *arguments): pass
            def answer(self, status, body, **headers):
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name.replace("_", "-"), value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
            def do_GET(self):
                name = self.path.partition("?")[0].removeprefix("/archives").strip("/")
                if not name:
                    rows = "".join(
                        f"<Contents><Key>{name}</Key><Size>{len(files[name])}</Size><ETag>{tags[name]}</ETag>"
                        "<LastModified>2026-01-02T03:04:05.000Z</LastModified></Contents>" for name in files)
                    page = f"<ListBucketResult><IsTruncated>false</IsTruncated>{rows}</ListBucketResult>"
                    return self.answer(200, page.encode(), Content_Type="application/xml")
                while name == held and not os.path.exists(gate):
                    time.sleep(0.01)
                first, last = map(int, self.headers["Range"].removeprefix("bytes=").split("-"))
                whole = files[name]
                last = min(last, len(whole) - 1)
                self.answer(206, whole[first:last + 1], ETag=tags[name], Content_Range=f"bytes {first}-{last}/{len(whole)}")

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with open(port + ".new", "w") as file:
            file.write(str(server.server_port))
        os.rename(port + ".new", port)
        parent = os.getppid()
        while os.getppid() == parent:
            time.sleep(0.1)
        """
}
