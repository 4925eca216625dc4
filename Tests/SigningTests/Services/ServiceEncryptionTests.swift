import AssayTestSupport
import Foundation
import Testing

@testable import Signing

@Suite(.enabled(if: SigstoreJudge.openssl.isRequired, "openssl is not installed"))
struct ServiceEncryptionTests {
    private static let script = """
        import http.server, os, ssl, sys, threading
        class Handler(http.server.BaseHTTPRequestHandler):
            def log_message(self, *arguments): pass
            def do_GET(self):
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(sys.argv[1])
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with open(sys.argv[2] + ".new", "w") as file:
            file.write(str(server.server_port))
        os.rename(sys.argv[2] + ".new", sys.argv[2])
        sys.stdin.read()
        """

    @Test func servicesWithACertificateOfOnesOwnAreTrustedByTheirAuthorityOnly() async throws {
        let folder = try TemporaryFolder()
        let made = try SigstoreJudge.openssl.run(
            [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=own",
                "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", "own.pem", "-out", "ca.pem",
            ], in: folder.url)
        #expect(made.status == 0)
        try folder.write(folder.read("own.pem") + folder.read("ca.pem"), to: "own.pem")
        let port = folder.url.appending(path: "port").path
        let server = try Lifeline(
            script: #"exec /usr/bin/python3 "$@""#,
            ["-c", Self.script, folder.url.appending(path: "own.pem").path, port])
        defer { server.end() }
        while !FileManager.default.fileExists(atPath: port), server.isRunning {
            try await Task.sleep(for: .milliseconds(10))
        }
        let url = "https://127.0.0.1:" + (try String(contentsOfFile: port, encoding: .utf8))
        let request = ServiceRequest("do its work", path: "/")

        var settings = ServiceSettings()
        settings.certificateAuthorities = folder.url.appending(path: "ca.pem").path
        #expect(try await ServiceClient(url, settings: settings).ask(request).status == 200)

        let error = await #expect(throws: SigningError.self) {
            _ = try await ServiceClient(url, settings: ServiceSettings()).ask(request)
        }
        #expect(
            error
                == .configuration(
                    reason: "\(url) could not do its work: The certificate of \(url)/ is not trusted",
                    advice: "Name the file of its authority (CA)."))
    }
}
