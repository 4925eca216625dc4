import Foundation

/// Ports of this machine for servers that must be told theirs.
public enum LoopbackPorts {
    /// None was free.
    public struct Exhausted: Error {
        public init() {}
    }

    /// Different ports that nobody listens on, below those that outgoing connections get.
    public static func free(_ count: Int) throws -> [Int] {
        var held: [Int32] = []
        var ports: [Int] = []
        defer { for descriptor in held { close(descriptor) } }
        for _ in 0..<1000 where ports.count < count {
            let port = Int.random(in: 12_000..<32_000)
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            guard descriptor >= 0 else { throw Exhausted() }
            held.append(descriptor)
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = in_port_t(port).bigEndian
            address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
            let bound = withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
            if bound == 0 { ports.append(port) }
        }
        guard ports.count == count else { throw Exhausted() }
        return ports
    }
}
