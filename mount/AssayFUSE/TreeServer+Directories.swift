import ArtifactView
internal import CFUSE
internal import Glibc

extension TreeServer {
    func openDirectory(_ request: Request, _ id: NodeID, _ info: inout fuse_file_info) {
        do throws(ViewError) {
            // Asked first: a listing may be newer than its number, but not older.
            let generation = tree.generation()
            let (handle, caching) = directories.add(try tree.list(id), of: id, generation: generation)
            info.fh = handle
            info.cache_readdir = caching == .none ? 0 : 1
            info.keep_cache = caching == .keep ? 1 : 0
            if fuse_reply_open(request.handle, &info) != 0 { directories.remove(handle) }
        } catch {
            fail(request, error)
        }
    }

    /// Fills a buffer of `room` bytes with names from `offset` on; with `attributes`, so that the kernel need not look
    /// each name up. Positions: 0 is `.`, 1 is `..`, 2 the first name; an entry's offset is the position after it.
    func readDirectory(_ request: Request, handle: UInt64, offset: Int, room: Int, withAttributes: Bool) {
        guard let (listing, directory) = directories.listing(handle) else {
            return request.fail(ErrorNumber(code: EBADF))
        }
        let room = min(room, MountOptions.largestRead)
        guard offset >= 0 else { return request.fail(ErrorNumber(code: EINVAL)) }
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: max(room, 1)) { buffer in
            var used = 0
            func add(_ name: UnsafePointer<CChar>, _ entry: inout fuse_entry_param, _ position: Int) -> Bool {
                let start = buffer.baseAddress.map { $0 + used }
                let size =
                    withAttributes
                    ? fuse_add_direntry_plus(request.handle, start, room - used, name, &entry, position + 1)
                    : fuse_add_direntry(request.handle, start, room - used, name, &entry.attr, position + 1)
                guard size <= room - used else { return false }
                used += size
                return true
            }

            var position = offset
            while position < 2 {
                // The kernel knows both by itself and takes only number and type from here.
                var entry = fuse_entry_param()
                entry.attr.st_ino = ino_t(directory.rawValue)
                entry.attr.st_mode = S_IFDIR
                guard add(position == 0 ? "." : "..", &entry, position) else { break }
                position += 1
            }
            while position >= 2, position - 2 < listing.count {
                let (name, node) = listing.entry(at: position - 2)
                if Self.canBeShown(name) {
                    var entry = attributes.entry(for: node)
                    guard name.withCString({ add($0, &entry, position) }) else { break }
                } else {
                    log(
                        "A name was left out of a directory, since no file system can show it: \(name.debugDescription)"
                    )
                }
                position += 1
            }
            _ = fuse_reply_buf(request.handle, buffer.baseAddress, used)
        }
    }

    /// One name with a slash in it would make the kernel refuse the whole directory.
    private static func canBeShown(_ name: String) -> Bool {
        var name = name
        return name.withUTF8 { bytes in
            (1...Int(NAME_MAX)).contains(bytes.count)
                && !bytes.contains { $0 == 0 || $0 == UInt8(ascii: "/") }
                && !(bytes.count <= 2 && bytes.allSatisfy { $0 == UInt8(ascii: ".") })
        }
    }
}
