import ArtifactView
import AssayModel
internal import CFUSE
internal import Glibc
import Synchronization

/// Answers the kernel's questions from a tree. Called on the serving thread; only reads that have to wait leave it.
final class TreeServer: Sendable {
    let tree: any FileTree
    let attributes: Attributes
    let pending = PendingReads()
    let directories = DirectoryHandles()
    let files = FileHandles()
    private let gate: LogGate

    init(tree: any FileTree, options: MountOptions, log: @escaping @Sendable (String) -> Void) {
        self.tree = tree
        attributes = Attributes(options: options)
        gate = LogGate(log)
    }

    /// The server that libfuse was given for the session of a request.
    static func serving(_ request: fuse_req_t) -> TreeServer? {
        fuse_req_userdata(request).map { Unmanaged<TreeServer>.fromOpaque($0).takeUnretainedValue() }
    }

    func log(_ line: String) { gate.write(line) }

    /// Answers with an error, and tells the operator of it if a program cannot be told enough.
    func fail(_ request: Request, _ error: ViewError) {
        if let report = error.report { log(report) }
        request.fail(ErrorNumber(error))
    }

    // MARK: Nodes

    func lookup(_ request: Request, _ name: UnsafePointer<CChar>, in directory: NodeID) {
        // The kernel passes on names of up to 1,024 bytes; ours end where Linux's own file systems end.
        guard strlen(name) <= Int(NAME_MAX) else { return request.fail(ErrorNumber(code: ENAMETOOLONG)) }
        do throws(ViewError) {
            guard let text = String(validatingCString: name) else { throw .notFound }
            var entry = attributes.entry(for: try tree.lookup(text, in: directory))
            fuse_reply_entry(request.handle, &entry)
        } catch .notFound {
            var entry = attributes.absence
            fuse_reply_entry(request.handle, &entry)
        } catch {
            fail(request, error)
        }
    }

    func getAttributes(_ request: Request, of id: NodeID) {
        do throws(ViewError) {
            let node = try tree.node(id)
            var status = attributes.status(of: node)
            fuse_reply_attr(request.handle, &status, attributes.timeout(of: node))
        } catch {
            fail(request, error)
        }
    }

    func readLink(_ request: Request, _ id: NodeID) {
        do throws(ViewError) {
            fuse_reply_readlink(request.handle, try tree.target(ofLink: id))
        } catch {
            fail(request, error)
        }
    }

    /// access(2); the kernel decides by itself as long as `default_permissions` is on.
    func access(_ request: Request, _ id: NodeID, mask: CInt) {
        do throws(ViewError) {
            let node = try tree.node(id)
            if mask & W_OK != 0 { return request.fail(.readOnly) }
            if mask & X_OK != 0, node.kind == .file { return request.fail(ErrorNumber(code: EACCES)) }
            request.succeed()
        } catch {
            fail(request, error)
        }
    }

    func extendedAttribute(_ request: Request, _ name: UnsafePointer<CChar>, of id: NodeID, room: Int) {
        do throws(ViewError) {
            // `ls` asks for attributes of security and ACLs of every file; a tree has none.
            guard let text = String(validatingCString: name), text.hasPrefix("user."),
                let value = try tree.extendedAttributes(of: id)[text]
            else { return request.fail(ErrorNumber(code: ENODATA)) }
            request.reply(value, room: room)
        } catch {
            fail(request, error)
        }
    }

    func extendedAttributeNames(_ request: Request, of id: NodeID, room: Int) {
        do throws(ViewError) {
            let names = try tree.extendedAttributes(of: id).keys.sorted()
            request.reply(names.flatMap { Array($0.utf8) + [0] }, room: room)
        } catch {
            fail(request, error)
        }
    }

    func statistics(_ request: Request) {
        do throws(ViewError) {
            let totals = try tree.totals()
            let block = 4096
            var statistics = statvfs()
            statistics.f_bsize = UInt(block)
            statistics.f_frsize = UInt(block)
            statistics.f_blocks = UInt(max(0, totals.bytes) / block + (totals.bytes % block == 0 ? 0 : 1))
            statistics.f_files = UInt(max(0, totals.files))
            statistics.f_namemax = UInt(NAME_MAX)
            fuse_reply_statfs(request.handle, &statistics)
        } catch {
            fail(request, error)
        }
    }

    // MARK: Files

    func open(_ request: Request, _ id: NodeID, _ info: inout fuse_file_info) {
        guard info.flags & O_ACCMODE == O_RDONLY, info.flags & O_TRUNC == 0 else { return request.fail(.readOnly) }
        do throws(ViewError) {
            info.fh = files.add(try tree.open(id))
            info.keep_cache = 1
            info.noflush = 1
            // An asker that was interrupted meanwhile never will release.
            if fuse_reply_open(request.handle, &info) != 0 { files.remove(info.fh) }
        } catch {
            fail(request, error)
        }
    }

    func read(_ request: Request, handle: UInt64, offset: Int, count: Int) {
        guard let file = files.file(handle) else { return request.fail(ErrorNumber(code: EBADF)) }
        guard offset >= 0, count >= 0 else { return request.fail(ErrorNumber(code: EINVAL)) }
        let expected = min(count, MountOptions.largestRead, max(0, file.size - offset))
        guard expected > 0 else { return request.reply([]) }
        if let block = file.readAtOnce(offset: offset, count: expected) {
            return conclude(request, block, expected: expected)
        }
        pending.start(request) { () async throws(ViewError) in
            try await file.read(offset: offset, count: expected)
        } conclude: { [self] request, result in
            switch result {
            case .success(let block): conclude(request, block, expected: expected)
            case .failure(let error): fail(request, error)
            }
        }
    }

    /// A short answer would tell the kernel that the file ends there, and be padded with zeros: never let one through.
    private func conclude(_ request: Request, _ block: ByteBlock, expected: Int) {
        guard block.count >= expected else {
            return fail(request, .damaged("a read of \(expected) bytes brought only \(block.count)"))
        }
        request.reply(block, count: expected)
    }
}

extension ErrorNumber {
    /// What everything that would change something gets.
    static let readOnly = ErrorNumber(code: EROFS)
}
