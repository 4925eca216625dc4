internal import CCurl
import Foundation
import Synchronization

/// The thread on which libcurl moves all bytes of one client.
final class HTTPEngine: Sendable {
    // libcurl allows curl_multi_wakeup from any thread; all other calls come from the engine's own.
    private struct Multi: @unchecked Sendable { let handle: UnsafeMutableRawPointer }

    private struct Mailbox {
        var submitted: [HTTPTransfer] = []
        var isStopping = false
    }

    private let multi: Multi
    private let settings: HTTPClient.Settings
    private let mailbox = Mutex(Mailbox())

    init(_ settings: HTTPClient.Settings) throws(HTTPError) {
        guard Self.isLibraryReady, let handle = curl_multi_init() else {
            throw .unavailable(
                "libcurl.so.4 cannot be loaded or started; is libcurl installed, and is there memory left?")
        }
        multi = Multi(handle: handle)
        self.settings = settings
        assay_curl_multi_set_long(handle, CURLMOPT_MAXCONNECTS, settings.concurrentRequests)
        let thread = Thread { [self] in run() }
        thread.name = "assay-http"
        thread.start()
    }

    deinit { curl_multi_cleanup(multi.handle) }

    // curl_global_init must come once and before all else; a static's initialiser does.
    private static let isLibraryReady = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

    /// Queues a transfer; its end is told through the transfer.
    func submit(_ transfer: HTTPTransfer) {
        mailbox.withLock { $0.submitted.append(transfer) }
        wake()
    }

    /// Ends a transfer soon, also one that is submitted only later.
    func cancel(_ transfer: HTTPTransfer) {
        transfer.isCancelled.store(true, ordering: .releasing)
        wake()
    }

    /// Lets the thread end when nothing is in flight any more.
    func stop() {
        mailbox.withLock { $0.isStopping = true }
        wake()
    }

    private func wake() { curl_multi_wakeup(multi.handle) }

    // MARK: On the thread

    private func run() {
        var waiting: [HTTPTransfer] = []
        var running: [UnsafeMutableRawPointer: HTTPTransfer] = [:]
        while true {
            let isStopping = mailbox.withLock { mailbox in
                waiting += mailbox.submitted
                mailbox.submitted = []
                return mailbox.isStopping
            }
            dropCancelled(&waiting, &running)
            startWaiting(&waiting, &running)
            var active: Int32 = 0
            curl_multi_perform(multi.handle, &active)
            finishEnded(&running)
            if !waiting.isEmpty, running.count < settings.concurrentRequests { continue }
            if isStopping, running.isEmpty { return }
            // Transfers and wake-ups end the wait early; the bound only serves libcurl's own timers.
            curl_multi_poll(multi.handle, nil, 0, 1000, nil)
        }
    }

    private func dropCancelled(
        _ waiting: inout [HTTPTransfer], _ running: inout [UnsafeMutableRawPointer: HTTPTransfer]
    ) {
        waiting.removeAll { transfer in
            guard transfer.isCancelled.load(ordering: .acquiring) else { return false }
            transfer.finish(.failure(.cancelled))
            return true
        }
        for (easy, transfer) in running where transfer.isCancelled.load(ordering: .acquiring) {
            curl_multi_remove_handle(multi.handle, easy)
            running[easy] = nil
            transfer.finish(.failure(.cancelled))
        }
    }

    private func startWaiting(
        _ waiting: inout [HTTPTransfer], _ running: inout [UnsafeMutableRawPointer: HTTPTransfer]
    ) {
        let free = min(waiting.count, max(0, settings.concurrentRequests - running.count))
        for transfer in waiting.prefix(free) {
            guard transfer.prepare(settings), let easy = transfer.easy,
                curl_multi_add_handle(multi.handle, easy) == CURLM_OK
            else {
                transfer.finish(.failure(.unavailable("libcurl refused a request; is there memory left?")))
                continue
            }
            running[easy] = transfer
        }
        waiting.removeFirst(free)
    }

    private func finishEnded(_ running: inout [UnsafeMutableRawPointer: HTTPTransfer]) {
        var left: Int32 = 0
        while let message = curl_multi_info_read(multi.handle, &left) {
            guard message.pointee.msg == CURLMSG_DONE, let easy = message.pointee.easy_handle,
                let transfer = running.removeValue(forKey: easy)
            else { continue }
            // The message is libcurl's and gone once the handle is removed.
            let code = assay_curl_message_result(message)
            curl_multi_remove_handle(multi.handle, easy)
            transfer.finish(transfer.result(code))
        }
    }
}
