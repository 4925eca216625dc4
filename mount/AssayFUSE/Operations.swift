import ArtifactView
internal import CFUSE
internal import Glibc

/// libfuse's table of functions: each finds its server and passes the question on, without a thought of its own.
enum Operations {
    static func table() -> fuse_lowlevel_ops {
        var table = fuse_lowlevel_ops()
        addReading(to: &table)
        addDirectories(to: &table)
        addRefusals(to: &table)
        return table
    }

    private static func addReading(to table: inout fuse_lowlevel_ops) {
        table.`init` = { _, connection in
            guard let connection else { return }
            Operations.negotiate(&connection.pointee)
        }
        table.lookup = { handle, parent, name in
            guard let name else { return }
            Operations.serve(handle) { $0.lookup($1, name, in: NodeID(rawValue: parent)) }
        }
        // Node numbers are the tree's own: there is nothing to forget.
        table.forget = { handle, _, _ in fuse_reply_none(handle) }
        table.forget_multi = { handle, _, _ in fuse_reply_none(handle) }
        table.getattr = { handle, id, _ in
            Operations.serve(handle) { $0.getAttributes($1, of: NodeID(rawValue: id)) }
        }
        table.readlink = { handle, id in
            Operations.serve(handle) { $0.readLink($1, NodeID(rawValue: id)) }
        }
        table.access = { handle, id, mask in
            Operations.serve(handle) { $0.access($1, NodeID(rawValue: id), mask: mask) }
        }
        table.getxattr = { handle, id, name, room in
            guard let name else { return }
            Operations.serve(handle) { $0.extendedAttribute($1, name, of: NodeID(rawValue: id), room: room) }
        }
        table.listxattr = { handle, id, room in
            Operations.serve(handle) { $0.extendedAttributeNames($1, of: NodeID(rawValue: id), room: room) }
        }
        table.statfs = { handle, _ in
            Operations.serve(handle) { $0.statistics($1) }
        }
        table.open = { handle, id, info in
            guard let info else { return }
            Operations.serve(handle) { $0.open($1, NodeID(rawValue: id), &info.pointee) }
        }
        table.read = { handle, _, count, offset, info in
            guard let info else { return }
            let file = info.pointee.fh
            Operations.serve(handle) { $0.read($1, handle: file, offset: offset, count: count) }
        }
        table.release = { handle, _, info in
            guard let info else { return }
            let file = info.pointee.fh
            Operations.serve(handle) {
                $0.files.remove(file)
                $1.succeed()
            }
        }
    }

    private static func addDirectories(to table: inout fuse_lowlevel_ops) {
        table.opendir = { handle, id, info in
            guard let info else { return }
            Operations.serve(handle) { $0.openDirectory($1, NodeID(rawValue: id), &info.pointee) }
        }
        table.readdir = { handle, _, room, offset, info in
            guard let info else { return }
            let directory = info.pointee.fh
            Operations.serve(handle) {
                $0.readDirectory($1, handle: directory, offset: offset, room: room, withAttributes: false)
            }
        }
        table.readdirplus = { handle, _, room, offset, info in
            guard let info else { return }
            let directory = info.pointee.fh
            Operations.serve(handle) {
                $0.readDirectory($1, handle: directory, offset: offset, room: room, withAttributes: true)
            }
        }
        table.releasedir = { handle, _, info in
            guard let info else { return }
            let directory = info.pointee.fh
            Operations.serve(handle) {
                $0.directories.remove(directory)
                $1.succeed()
            }
        }
    }

    /// The kernel refuses most of these itself, since the mount is read-only; whoever remounts it gets the same answer.
    private static func addRefusals(to table: inout fuse_lowlevel_ops) {
        table.setattr = { handle, _, _, _, _ in Operations.refuse(handle) }
        table.mknod = { handle, _, _, _, _ in Operations.refuse(handle) }
        table.mkdir = { handle, _, _, _ in Operations.refuse(handle) }
        table.unlink = { handle, _, _ in Operations.refuse(handle) }
        table.rmdir = { handle, _, _ in Operations.refuse(handle) }
        table.symlink = { handle, _, _, _ in Operations.refuse(handle) }
        table.rename = { handle, _, _, _, _, _ in Operations.refuse(handle) }
        table.link = { handle, _, _, _ in Operations.refuse(handle) }
        table.create = { handle, _, _, _, _ in Operations.refuse(handle) }
        table.write = { handle, _, _, _, _, _ in Operations.refuse(handle) }
        table.fallocate = { handle, _, _, _, _, _ in Operations.refuse(handle) }
        table.setxattr = { handle, _, _, _, _, _ in Operations.refuse(handle) }
        table.removexattr = { handle, _, _ in Operations.refuse(handle) }
        table.copy_file_range = { handle, _, _, _, _, _, _, _, _ in Operations.refuse(handle) }
    }

    /// What is asked of the kernel. Always names with attributes, never by its own guess: whoever lists a directory of
    /// artifacts looks at them. No splicing: handing over a buffer costs less.
    private static func negotiate(_ connection: inout fuse_conn_info) {
        let wanted = FUSE_CAP_ASYNC_READ | FUSE_CAP_PARALLEL_DIROPS | FUSE_CAP_READDIRPLUS | FUSE_CAP_CACHE_SYMLINKS
        connection.want = connection.capable & UInt32(wanted)
        connection.max_read = UInt32(MountOptions.largestRead)
        connection.max_background = MountOptions.backgroundRequests
        connection.congestion_threshold = MountOptions.backgroundRequests * 3 / 4
    }

    private static func serve(_ handle: fuse_req_t?, _ body: (TreeServer, Request) -> Void) {
        guard let handle else { return }
        let request = Request(handle: handle)
        guard let server = TreeServer.serving(handle) else { return request.fail(ErrorNumber(code: EIO)) }
        body(server, request)
    }

    private static func refuse(_ handle: fuse_req_t?) {
        guard let handle else { return }
        Request(handle: handle).fail(.readOnly)
    }
}
